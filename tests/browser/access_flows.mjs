// Everything that can be done on the desk, from the first sign-in to the sign-out, by hands that are given: by keyboard
// alone, or by clicks where no script runs (`access_flows.test.mjs`).
//
// Hands: `press(locator)`, `fill(locator, text)`, `choose(locator, nth)`, `tick(locator)`, `open(summary)`.

import assert from 'node:assert/strict';
import { place, sandbox } from './access_hands.mjs';

const button = (page, name, within = 'main') => page.locator(within).getByRole('button', { name }).first();
const good = (page) => page.locator('.notice.good').first().waitFor();

export const flows = {
  async 'a password is set by its link; sign in, also after a wrong try'({ page, app, hands, go }) {
    const link = /\S+\/welcome\/\S+/.exec(await app.command('staff', 'add', 'gerda@assessdesk.example', '--role', 'admin'))[0];
    await page.goto(link);
    const words = 'calm rivers carry stones';
    await hands.fill(page.getByLabel('New password'), words);
    await hands.fill(page.getByLabel('The same once more'), words);
    await hands.press(button(page, /^Set the password/));
    await page.waitForURL((url) => url.pathname === '/');
    await hands.press(page.locator('.rail-wide').getByRole('button', { name: 'Sign out' }));
    await page.waitForURL(/sign-in/);
    for (const password of ['wrong', words]) {
      await hands.fill(page.getByLabel('E-mail'), 'gerda@assessdesk.example');
      await hands.fill(page.getByLabel('Password', { exact: true }), password);
      await hands.press(page.getByRole('button', { name: 'Sign in' }));
      if (password === 'wrong') await page.getByRole('alert').waitFor();
    }
    await page.waitForURL((url) => url.pathname !== '/sign-in');
    await go('/account');
    await hands.fill(page.getByLabel('Name', { exact: true }), 'Gerda Gruber');
    await hands.choose(page.getByLabel('Light or dark'), 0);
    await hands.press(page.locator('form[action="/account"] button'));
    await good(page);
    const other = await app.page();
    await app.signIn(other, { email: 'gerda@assessdesk.example', password: words });
    const third = await app.page();
    await app.signIn(third, { email: 'gerda@assessdesk.example', password: words });
    await go('/account');
    await hands.press(page.locator('form[action$="/end"] button').first());
    await good(page);
    await hands.press(page.locator('form[action="/account/sessions/end-others"] button'));
    await page.locator('form[action$="/end"]').first().waitFor({ state: 'detached' });
    await hands.fill(page.getByLabel('Present password'), words);
    await hands.fill(page.getByLabel('New password'), `${words} and sand`);
    await hands.fill(page.getByLabel('The same once more'), `${words} and sand`);
    await hands.press(page.locator('form[action="/account/password"] button'));
    await good(page);
  },

  async 'staff: add, change, a new link, disable, enable'({ page, hands, go }) {
    await go('/staff/new');
    await hands.fill(page.getByLabel('E-mail'), 'nils@assessdesk.example');
    await hands.fill(page.getByLabel('Name', { exact: true }), 'Nils Nygaard');
    await hands.tick(page.locator('[name=role][value=operator]'));
    await hands.press(button(page, 'Add and make the link'));
    await page.locator('#link').waitFor();
    await go('/staff');
    await hands.press(page.getByRole('link', { name: 'Nils Nygaard' }));
    await page.waitForURL(/\/staff\/[0-9a-f-]{36}/);
    const path = new URL(page.url()).pathname;
    await hands.fill(page.getByLabel('Name', { exact: true }), 'Nils N. Nygaard');
    await hands.press(button(page, 'Save'));
    await good(page);
    await go(path);
    await hands.press(button(page, 'Make a link'));
    await page.locator('#link').waitFor();
    await go(path);
    for (const name of ['Let them sign in no longer', 'Let them sign in again']) {
      await go(path);
      await hands.press(button(page, name));
      await good(page);
    }
  },

  async 'packages: create, change, retire, sell again'({ page, hands, go }) {
    await go('/packages/new');
    await hands.fill(page.getByLabel('Key', { exact: true }), 'typing');
    await hands.fill(page.getByLabel('Name', { exact: true }), 'Typing');
    await hands.press(button(page, 'Create package'));
    await page.waitForURL(/\/packages$/);
    await hands.press(page.getByRole('link', { name: 'Typing' }));
    await page.waitForURL(/\/packages\/[0-9a-f-]{36}/);
    await hands.fill(page.getByLabel('Minutes (optional)'), '15');
    await hands.press(button(page, 'Save'));
    await good(page);
    await hands.press(button(page, 'Retire'));
    await hands.press(button(page, 'Sell it again'));
    await button(page, 'Retire').waitFor();
  },

  async 'packages: import a file, see it overtaken, throw one away'({ page, app, hands, go }) {
    const send = async (text) => {
      await go('/packages/import');
      await page.locator('input[type=file]').setInputFiles({ name: 'packages.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
      await hands.press(button(page, 'See what it would change'));
    };
    await send('Key,Price\na,5\n');
    await page.getByText('is no column of the catalogue').waitFor();
    await send('Key,Name,Type\nby-file,By file,Skills test\n');
    await page.getByText('Nothing is changed yet').waitFor();
    await hands.press(button(page, 'Import 1 row'));
    await good(page);
    await send('Key,Name\nby-file,By another file\n');
    await page.getByText('By file').first().waitFor();
    const other = await app.signedIn();
    await other.goto(`${app.url}/packages?q=by-file`);
    await other.getByRole('link', { name: 'By file' }).click();
    await other.getByLabel('Minutes (optional)').fill('15');
    await other.getByRole('button', { name: 'Save' }).click();
    await other.locator('.notice.good').waitFor();
    await hands.press(button(page, 'Import 1 row'));
    await page.getByText('The catalogue was changed since you saw this.').waitFor();
    await hands.press(button(page, 'Throw the file away'));
    await good(page);
    await go('/packages?q=by-file');
    await page.getByRole('link', { name: 'By file' }).waitFor();
  },

  async 'reasons: create, change, move, retire'({ page, hands, go }) {
    await go('/reasons/new');
    await hands.fill(page.getByLabel('Name', { exact: true }), 'Too late');
    await hands.tick(page.getByLabel(/^Cancelled/));
    await hands.fill(page.getByLabel('English'), 'The time for {package} is over.');
    await hands.press(button(page, 'Add to the library'));
    await page.waitForURL(/\/reasons/);
    await go('/reasons');
    await hands.press(page.locator('form[action$="/move"] button:enabled').last());
    await page.waitForURL(/#row-/);
    await hands.press(page.getByRole('link', { name: 'Too late' }));
    await page.waitForURL(/\/reasons\/[0-9a-f-]{36}/);
    await hands.fill(page.getByLabel('Name', { exact: true }), 'Far too late');
    await hands.press(button(page, 'Save'));
    await good(page);
    await go('/reasons');
    await hands.press(page.getByRole('link', { name: 'Far too late' }));
    await hands.press(button(page, 'Retire'));
    await page.getByRole('button', { name: 'Offer it again' }).waitFor();
  },

  async 'rules: draft, change, move, remove, put in force, bring back, throw away, try'({ page, hands, go }) {
    await go('/customers');
    await hands.press(page.getByRole('link', { name: 'Northwind Bank' }).first());
    await hands.press(page.getByRole('link', { name: 'The customer’s rules' }));
    await page.waitForURL(/\/rules$/);
    for (const base of [new URL(page.url()).pathname, '/rules']) {
      for (const name of ['Nothing from the moon', 'Ask about the tide']) {
        await go(`${base}/new`);
        await hands.fill(page.getByLabel('Name', { exact: true }), name);
        await hands.fill(page.getByLabel(/^The job’s code/), 'ZZ-*');
        await hands.press(button(page, 'Save in the draft'));
        await good(page);
      }
      await hands.press(page.locator('form[action$="/move"] button:enabled').first());
      await page.waitForURL(/#rule-/);
      await page.locator('.rules li').first().getByText('Ask about the tide').waitFor();
      await hands.press(page.getByRole('link', { name: 'Ask about the tide' }));
      await hands.fill(page.getByLabel('Name', { exact: true }), 'Ask about the moon');
      await hands.press(button(page, 'Save in the draft'));
      await good(page);
      await hands.fill(page.getByLabel('What changes, and why'), 'A first try');
      await hands.press(button(page, 'Put in force'));
      await page.getByText('Version 1 is in force').waitFor();
      await hands.press(button(page, 'Remove ‘Ask about the moon’'));
      await page.getByText('Not in force yet: 1 removed').waitFor();
      await hands.fill(page.getByLabel('What changes, and why'), 'One less');
      await hands.press(button(page, 'Put in force'));
      await page.getByText('Version 2 is in force').waitFor();
      await hands.press(page.getByRole('link', { name: 'Version 1', exact: true }));
      await hands.press(button(page, 'Bring it back'));
      await page.getByText('Not in force yet: 1 new').waitFor();
      await hands.press(button(page, 'Begin a dry run'));
      await page.waitForURL(/\/dry-run$/);
      for (let tries = 0; tries < 200 && !(await page.getByText('· done').count()); tries += 1) await page.reload();
      await page.getByText('· done').waitFor();
      await go(base);
      await hands.press(button(page, 'Throw the draft away'));
      await page.getByText('The draft is thrown away').waitFor();
    }
  },

  async 'the words of invitations: the house’s and a customer’s'({ page, hands, go }) {
    for (const path of ['/settings/invitations', null]) {
      if (path) await go(path);
      else {
        await go('/customers');
        await hands.press(page.getByRole('link', { name: 'Northwind Bank' }).first());
        await hands.press(page.getByRole('link', { name: 'The invitation’s words' }));
      }
      await hands.fill(page.locator('[name=subject]'), 'Your {package} with {customer}');
      await hands.press(page.locator('#words [value=save]'));
      await good(page);
      await hands.press(page.locator('#words [value=test]'));
      await page.getByText('A test mail is on its way').waitFor();
      await hands.press(page.locator('#words [value=default]'));
      await page.locator('#words [value=default]').waitFor({ state: 'detached' });
    }
  },

  async 'a customer: create, change, connection link, archive'({ page, hands, go }) {
    await go('/customers/new');
    await hands.fill(page.getByLabel('Name', { exact: true }), 'Alder & Sons');
    await hands.fill(page.getByLabel("Contact's e-mail"), 'people@alder.example');
    await hands.tick(page.locator('[name=take_orders][value=hold]'));
    await hands.fill(page.getByLabel('For up to how many seconds'), '8');
    await hands.press(button(page, 'Create customer'));
    await page.waitForURL(/\/customers\/[0-9a-f-]{36}/);
    await hands.press(button(page, 'Make a link'));
    await page.locator('#link').waitFor();
    await page.waitForURL(/\/links\//);
    await hands.press(page.getByRole('link', { name: 'Alder & Sons' }));
    await page.waitForURL(/\/customers\/[0-9a-f-]{36}$/);
    await hands.press(page.locator('a[href$="/card"]'));
    await hands.fill(page.getByLabel('Handling instructions'), 'Call before you cancel.');
    await hands.fill(page.getByLabel('Name').first(), 'Ada Berg');
    await hands.press(button(page, 'Save'));
    await good(page);
    await hands.fill(page.getByLabel('Hours until a result is due'), '48');
    await hands.press(button(page, 'Save'));
    await good(page);
    await hands.press(button(page, 'Archive'));
    await hands.press(button(page, 'Bring it back'));
    await button(page, 'Archive').waitFor();
  },

  async 'connecting: a link by mail, anew, off, opened; connect again, off and on, the proof, deleted'({ page, app, hands, go }) {
    await go('/customers/new');
    await hands.fill(page.getByLabel('Name', { exact: true }), 'Linden Labs');
    await hands.fill(page.getByLabel("Contact's e-mail"), 'people@linden.example');
    await hands.fill(page.getByLabel('Id for Kombo'), 'linden');
    await hands.press(button(page, 'Create customer'));
    await page.waitForURL(/\/customers\/[0-9a-f-]{36}/);
    const customer = new URL(page.url()).pathname;
    await hands.press(button(page, 'Make a link'));
    await hands.press(button(page, 'Send this mail'));
    await good(page);
    const first = new URL(page.url()).pathname;
    await hands.press(button(page, 'Make it anew'));
    await page.waitForURL((url) => url.pathname !== first);
    const address = (await page.locator('#link').innerText()).trim();
    await page.goto(address);
    await hands.press(page.getByRole('button', { name: 'Go on to connect' }));
    await page.waitForURL(/\/ats\/connect\//);
    await go(customer);
    await hands.press(page.getByRole('link', { name: 'Send as a mail…' }));
    await hands.press(button(page, 'Turn it off'));
    await page.getByText('It is turned off.').waitFor();
    await sandbox(app, '/control/integrations', { tool: 'ashby', organization_name: 'Linden Labs', origin_id: 'linden' });
    await go(customer);
    await hands.press(page.locator('main a[href^="/integrations/"]').first());
    await page.waitForURL(/\/integrations\//);
    const integration = new URL(page.url()).pathname;
    await hands.press(page.getByRole('link', { name: 'Connection…' }));
    await hands.press(button(page, 'Make a reconnect link'));
    await page.locator('#link').waitFor();
    for (const name of ['Switch off', 'Switch on']) {
      await go(`${integration}/connection`);
      await hands.press(button(page, name));
      await good(page);
    }
    await go(`${integration}/go-live`);
    await hands.press(button(page, 'Look now'));
    await good(page);
    await go(`${integration}/connection`);
    await hands.tick(page.locator('[name=sure]'));
    await hands.press(button(page, 'Delete'));
    await good(page);
  },

  async 'an integration: assign, ask Kombo, offer, words, publish, progress'({ page, app, hands, go }) {
    await sandbox(app, '/control/integrations', { tool: 'lever', organization_name: 'Unknown Ltd' });
    await go('/unassigned');
    await Promise.all([page.waitForResponse((answer) => answer.url().endsWith('/look-up')), hands.press(page.getByRole('button', { name: 'Ask Kombo now' }))]);
    await page.waitForLoadState();
    await go('/unassigned');
    await hands.choose(page.locator('select[name=customer]').first(), 1);
    await hands.press(page.getByRole('button', { name: 'Assign' }).first());
    await page.locator('form[action^="/unassigned/"]').waitFor({ state: 'detached' });
    await go('/customers');
    await hands.press(page.getByRole('link', { name: 'Halden Logistics' }).first());
    await hands.press(page.locator('main a[href^="/integrations/"]').first());
    await page.waitForURL(/\/integrations\//);
    const path = new URL(page.url()).pathname;
    await moveDown({ page, hands });
    await page.getByText(/unpublished change/).waitFor();
    await go(path);
    await hands.press(page.getByRole('link', { name: /^Words, time of/ }).first());
    await hands.fill(page.getByLabel('Name in this ATS'), 'Called otherwise');
    await hands.press(button(page, 'Save'));
    await page.getByText('Called otherwise', { exact: true }).waitFor();
    await go(path);
    await hands.press(page.getByRole('link', { name: /^Copy another customer/ }));
    await hands.press(page.locator('#found a').first());
    await hands.press(button(page, 'Take it into the draft'));
    await good(page);
    await go(path);
    await hands.tick(page.locator('#add [name=package]').first());
    await hands.press(button(page, 'Add the ticked ones'));
    await hands.press(page.getByRole('link', { name: 'Review and publish' }));
    await hands.fill(page.getByLabel('Why are packages removed?'), 'They want what the others have.');
    await hands.press(button(page, /^Publish to/));
    await page.waitForURL(/\/integrations\/[0-9a-f-]{36}$/);
    await go('/customers');
    await hands.press(page.getByRole('link', { name: 'Fjord Energy' }).first());
    await hands.press(page.locator('main a[href^="/integrations/"]').first());
    await hands.press(page.locator('form[action$="/progress"] button'));
    await good(page);
  },

  async 'an order: take, pause, invite, correct, start links, start, cancel, undo'({ page, app, hands, go }) {
    await place(app, 'Halden Logistics', 'english-b2', { first_name: 'Walther' });
    await openOrder({ page, go, hands }, 'Walther');
    await hands.press(button(page, /^Accept/));
    await page.locator('.stage.invited, .stage.accepted').first().waitFor();
    await again(page);
    await hands.press(button(page, 'Take it'));
    await page.getByRole('button', { name: 'Take it' }).waitFor({ state: 'detached' });
    await again(page);
    await hands.open(page.locator('#more > summary'));
    await hands.fill(page.getByLabel('Pause it: why?'), 'On Monday');
    await hands.press(button(page, 'Pause', '#more'));
    await page.locator('.notice', { hasText: 'On Monday' }).waitFor();
    await again(page);
    await hands.open(page.locator('#more > summary'));
    await hands.press(button(page, 'Resume', '#more'));
    await page.locator('.notice', { hasText: 'On Monday' }).waitFor({ state: 'detached' });
    await again(page);
    await hands.open(page.locator('#address > summary'));
    await hands.fill(page.getByLabel('Candidate\'s e-mail'), 'walther.neu@candidate.example');
    await hands.press(page.locator('#address button'));
    await page.locator('#email', { hasText: 'walther.neu' }).waitFor();
    for (const name of [/^(Send it again|Invite now)$/, 'New link', 'Turn the link off', 'New link']) {
      await invited(page, name);
      await hands.press(button(page, name));
      await good(page);
    }
    await again(page);
    await hands.open(page.locator('#more > summary'));
    await hands.press(button(page, 'The candidate has started', '#more'));
    await page.locator('.stage.started').first().waitFor();
    await again(page);
    await hands.open(page.locator('#cancel > summary'));
    await hands.press(page.locator('.choice').nth(1));
    await page.waitForFunction(() => document.querySelector('#cancel-reason').value.length > 20);
    await hands.press(button(page, 'Cancel the order'));
    await hands.press(button(page, /Undo/));
    await page.getByText('Taken back.').waitFor();
  },

  async 'a result: file, review, return, release, undo, the report’s address'({ page, app, hands, go }) {
    await place(app, 'Halden Logistics', 'english-b2', { first_name: 'Ottilie' });
    await openOrder({ page, go, hands }, 'Ottilie');
    await hands.press(button(page, /^Accept/));
    await page.locator('#start').waitFor();
    const path = new URL(page.url()).pathname;
    await page.route('https://tests.assessdesk.example/**', (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html><html lang="en"><title>Assessment</title><h1>Question 1</h1></html>' }));
    await page.goto((await page.locator('#start').innerText()).trim());
    await hands.press(button(page, 'Start'));
    await page.getByRole('heading', { name: 'Question 1' }).waitFor();
    await go(path);
    await page.locator('.stage.started').first().waitFor();
    await hands.press(page.getByRole('link', { name: /^Enter result/ }));
    await page.waitForURL(/\/result$/);
    await hands.fill(page.getByLabel('Score', { exact: true }).first(), '40');
    await hands.fill(page.getByLabel('of at most'), '50');
    await hands.fill(page.getByLabel('Summary for the recruiter'), 'Solid work.');
    await hands.upload(page.locator('input[type=file]'), { name: 'report.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.4\n%%EOF\n') });
    await page.locator('.files li').waitFor();
    await hands.press(page.getByRole('button', { name: 'Remove report.pdf' }));
    await page.locator('.files li').waitFor({ state: 'detached' });
    await hands.press(button(page, 'Send to review'));
    await page.locator('.stage.in_review').first().waitFor();
    const order = new URL(page.url()).pathname.replace('/result', '');
    await go(`${order}/result`);
    await hands.press(button(page, 'Return to be changed'));
    await go(`${order}/result`);
    await hands.press(button(page, 'Send to review'));
    await page.locator('.stage.in_review').first().waitFor();
    await go(`${order}/result`);
    await hands.press(button(page, 'Release', 'aside.stack'));
    await hands.press(button(page, /Undo/));
    await page.getByText('Taken back.').waitFor();
    await go('/orders?stage=completed');
    await hands.press(page.locator('tbody [data-open]').first());
    await page.waitForURL(/\/orders\/[0-9a-f-]{36}$/);
    for (const [name, there] of [['New address', '#report'], ['Withdraw', 'button:text("New address")']]) {
      await hands.open(page.locator('#report-menu > summary'));
      await hands.press(button(page, name, '#report-menu'));
      await page.locator(there).waitFor();
      await again(page);
    }
  },

  async 'what did not arrive: send again, take back'({ page, hands, go }) {
    for (const name of ['Send again', 'Take back']) {
      await go('/orders?stage=closing');
      await hands.press(page.locator('tbody tr:has(.stage.stuck) [data-open]').first());
      await page.waitForURL(/\/orders\/[0-9a-f-]{36}$/);
      await hands.press(button(page, name));
      await button(page, name).waitFor({ state: 'detached' });
    }
  },

  async 'offers: published to many, tried again, brought back'({ page, app, hands, go }) {
    const again = async (text) => {
      for (let tries = 0; tries < 50 && !(await page.getByText(text).count()); tries += 1) await page.reload();
      await page.getByText(text).first().waitFor();
    };
    await go('/customers');
    await hands.press(page.getByRole('link', { name: 'Brightside Health' }).first());
    await hands.press(page.locator('main a[href^="/integrations/"]').first());
    await page.waitForURL(/\/integrations\//);
    const path = new URL(page.url()).pathname;
    await moveDown({ page, hands });
    await page.getByText(/unpublished change/).waitFor();
    await sandbox(app, '/control/mischief', { calls: [{ kind: 'refused', call: 'put_packages' }], webhooks: [] }, 'PUT');
    await go('/publish?q=brightside');
    await hands.press(button(page, 'Publish to the ticked ones'));
    await page.waitForURL(/\/rollouts\//);
    await again('given up');
    await sandbox(app, '/control/mischief', undefined, 'DELETE');
    await hands.press(page.locator('form[action$="/retry"] button'));
    await good(page);
    await again('1 of 1 published');
    await go(path);
    await hands.press(page.locator('aside a[href*="/publications/"]').nth(1));
    await hands.press(page.getByRole('link', { name: /Bring this list back/ }));
    await hands.press(button(page, /^Publish to/));
    await page.waitForURL((at) => at.pathname === path);
    await good(page);
  },

  async 'offers: sets made, followed, changed, left and deleted; published later, called off'({ page, hands, go }) {
    await go('/packages/sets');
    await hands.press(page.getByRole('link', { name: 'New set' }));
    await hands.fill(page.getByLabel('Name'), 'All skills tests');
    await hands.choose(page.getByLabel('Type'), 1);
    await hands.press(button(page, 'Make the set'));
    await good(page);
    const set = new URL(page.url()).pathname;
    await go('/customers');
    await hands.press(page.getByRole('link', { name: 'Cedar & Co' }).first());
    await hands.press(page.locator('main a[href^="/integrations/"]').first());
    await page.waitForURL(/\/integrations\//);
    const path = new URL(page.url()).pathname;
    await hands.press(button(page, 'Follow this set'));
    await good(page);
    await moveDown({ page, hands });
    await page.getByText(/unpublished change/).waitFor();
    await go(`${path}/publish`);
    await hands.open(page.locator('.later > summary'));
    await hands.fill(page.getByLabel('When'), '2027-06-01T09:00');
    await hands.press(button(page, 'Publish at that time'));
    await page.getByText('To be published').waitFor();
    await go(path);
    await hands.press(button(page, 'Call it off'));
    await good(page);
    await go(set);
    await hands.fill(page.getByLabel('Name'), 'Every skills test');
    await hands.press(button(page, 'Save'));
    await good(page);
    await go(path);
    await hands.press(page.getByRole('button', { name: /^Follow it no longer/ }));
    await good(page);
    await go(set);
    await hands.press(button(page, 'Delete the set'));
    await good(page);
  },

  async 'traffic: read again, try again, compare'({ page, app, hands, go }) {
    await go('/inbox');
    await hands.press(page.locator('tbody a[href^="/inbox/"]').first());
    await page.waitForURL(/\/inbox\//);
    await hands.press(page.getByRole('button', { name: 'Read again' }));
    await good(page);
    await sandbox(app, '/control/mischief', { calls: [{ kind: 'refused', call: 'put_packages' }], webhooks: [] }, 'PUT');
    await go('/customers');
    await hands.press(page.getByRole('link', { name: 'Brightside Health' }).first());
    await hands.press(page.locator('main a[href^="/integrations/"]').first());
    await moveDown({ page, hands });
    await hands.press(page.getByRole('link', { name: 'Review and publish' }));
    await hands.press(button(page, /^Publish to/));
    await page.waitForURL(/\/integrations\/[0-9a-f-]{36}/);
    const refused = page.locator('tbody tr', { hasText: 'Publication' }).locator('a[href^="/outbox/"]').first();
    for (let tries = 0; tries < 50; tries += 1) {
      await go('/outbox?state=given_up&kind=publication');
      if (await refused.count()) break;
    }
    await sandbox(app, '/control/mischief', undefined, 'DELETE');
    await hands.press(refused);
    await page.waitForURL(/\/outbox\//);
    await hands.press(page.locator('form[action$="/retry"] button'));
    await good(page);
    await go('/reconciler');
    await hands.press(page.getByRole('button', { name: 'Compare now' }));
    await good(page);
  },

  async 'an order that is held: accept, and reject with a reason'({ page, app, hands, go }) {
    for (const [first, deed] of [['Hedwig', 'accept'], ['Ingolf', 'reject']]) {
      await go('/orders?stage=received');
      await place(app, 'Fjord Energy', 'leadership-profile', { first_name: first }, { wait: false });
      await openOrder({ page, go, hands }, first);
      if (deed === 'accept') await hands.press(button(page, /^Accept/));
      else {
        await hands.open(page.locator('#reject > summary'));
        await hands.press(page.locator('#reject .choice').first());
        await page.waitForFunction(() => document.querySelector('#reject-reason').value.length > 20);
        await hands.press(button(page, 'Reject the order', '#reject'));
      }
      await page.locator(deed === 'accept' ? '.stage.accepted, .stage.invited' : '.stage.rejected').first().waitFor();
    }
  },
};

/** Loads the page again, so that the keyboard begins at its head. */
const again = (page) => page.goto(page.url().split('#')[0]);

/** Waits until the button of the invitation's panel is there: a mail may be under way. */
async function invited(page, name) {
  for (let tries = 0; tries < 60; tries += 1) {
    await again(page);
    if (await button(page, name).waitFor({ timeout: 300 }).then(() => true, () => false)) return;
  }
  assert.fail(`no button ${name} on ${page.url()}`);
}

/** Moves the first package of the offer one place down; with a script, that is saved by a button. */
async function moveDown({ page, hands }) {
  await hands.open(page.locator('#offer [data-step=down]:enabled').first());
  const save = button(page, 'Save the order');
  if (await save.isVisible()) await hands.press(save);
}

/** Opens the order of this candidate. */
async function openOrder({ page, go, hands }, first) {
  const link = page.locator('tbody [data-open]', { hasText: first }).first();
  for (let tries = 0; tries < 50; tries += 1) {
    await go(`/orders?stage=all&q=${first}`);
    if (await link.count()) break;
  }
  await hands.press(link);
  await page.waitForURL(/\/orders\/[0-9a-f-]{36}$/);
}
