// States of the desk's pages that take some doing: forms that were refused, menus and dialogs that stand open, orders and
// mails that go wrong, pages that somebody else changed. Each scene goes from one to the next; `look(route, state)` is
// called where there is something to look at. Scenes on the demo run side by side, so each has orders of its own.

import assert from 'node:assert/strict';
import { place, sandbox, wordsOf } from './access_hands.mjs';

/** Sends a form that the browser itself would hold back. */
const submit = async (form, button = 'button.main, button') => {
  await form.evaluate((at) => { at.noValidate = true; });
  await form.locator(button).last().click();
};
const refused = (page) => page.locator('[role=alert], .error, [aria-invalid=true]').first().waitFor();
const row = (page, nth = 0) => page.locator('tbody [data-open]').nth(nth);

/** An order that nobody else of these scenes touches, at its stage: the last but `nth` of the list. */
async function ownOrder(at, stage, nth = 0) {
  await at.go(`/orders?stage=${stage}`);
  return at.page.locator('tbody tr:not(:has(.flag)) [data-open]').nth(-1 - nth).getAttribute('href');
}

export const scenes = {
  async 'forms that were refused'({ page, go, look, seed }) {
    const forms = [
      ['/customers/new', '/customers/new', { contact_email: 'nobody' }],
      ['/packages/new', '/packages/new', { key: 'not a key', max_score: 'many' }],
      ['/reasons/new', '/reasons/new', { texts_en: 'No {thing}.' }],
      ['/staff/new', '/staff/new', { email: 'nobody' }],
      [seed.customer, '/customers/{id}', { name: '', due_hours: '0' }],
      [seed.packages, '/packages/{id}', { name: '', duration: 'long' }],
      [seed.reasons, '/reasons/{id}', { name: '' }],
      [seed.staff, '/staff/{id}', { name: '' }],
      ['/settings/invitations', '/settings/invitations', { body: 'Dear {nobody}' }],
    ];
    for (const [path, route, fields] of forms) {
      await go(path);
      const form = page.locator('main form[method=post]').filter({ has: page.locator('.field') }).first();
      for (const [name, value] of Object.entries(fields)) {
        const field = form.locator(`[name=${name}]`);
        if (await field.count()) await field.fill(value);
      }
      await submit(form, path === '/settings/invitations' ? '[value=save]' : '.btn.main');
      await refused(page);
      await look(route, `${path === route ? 'the form' : 'one'}, refused with what is wrong at its fields`);
    }
    await go('/account');
    const [about, secret] = [page.locator('form[action="/account"]'), page.locator('form[action="/account/password"]')];
    await about.locator('[name=name]').fill('');
    await about.locator('[name=zone]').fill('Middle-earth');
    await submit(about, '.btn.main');
    await refused(page);
    await look('/account', 'the account, refused');
    await secret.locator('[name=old]').fill('wrong');
    await secret.locator('[name=password]').fill('short');
    await submit(secret, '.btn.main');
    await refused(page);
    await look('/account', 'the password, refused');
  },

  async 'a customer whose orders are held, and its form'({ page, go, look }) {
    await go('/customers');
    await page.getByRole('link', { name: 'Fjord Energy' }).first().click();
    await page.getByLabel('For up to how many seconds').waitFor();
    await look('/customers/{id}', 'a person decides while the recruiter waits');
    await page.getByLabel('For up to how many seconds').fill('99');
    await page.getByLabel('When nobody decides in time').selectOption({ index: 2 });
    await submit(page.locator('form:has([name=hold_seconds])'), '.btn.main');
    await refused(page);
    await look('/customers/{id}', 'the seconds of the hold, refused');
    await go('/customers/new');
    await page.getByRole('radio', { name: 'A person decides while the recruiter waits' }).check();
    await look('/customers/new', 'a person decides while the recruiter waits');
  },

  async 'rules: drafted, refused, in force, tried'({ page, go, look }) {
    await go('/customers');
    await page.getByRole('link', { name: 'Northwind Bank' }).first().click();
    await page.waitForURL(/\/customers\/[0-9a-f-]{36}$/);
    const own = `${new URL(page.url()).pathname}/rules`;
    for (const [base, route] of [[own, '/customers/{id}/rules'], ['/rules', '/rules']]) {
      await go(`${base}/new`);
      await page.getByRole('radio', { name: 'Reject it' }).check();
      await submit(page.locator('main form.form'), '.btn.main');
      await refused(page);
      await look(`${route}/new`, 'refused with what is wrong at its fields');
      // Words that no order of the demo has: the other scenes' orders go on as before.
      for (const [name, then] of [['Nothing from the moon', 'Reject it'], ['Ask about the tide', 'A person decides while the recruiter waits']]) {
        await go(`${base}/new`);
        await page.getByLabel('Name', { exact: true }).fill(name);
        await page.getByLabel(/^The job’s name or description/).fill(`zz${name}\nzzz`);
        await page.getByLabel(/^The job’s code/).fill('ZZ-*');
        await page.getByRole('radio', { name: then }).check();
        if (then === 'Reject it') await page.getByLabel('Words for the recruiter', { exact: true }).fill('We do not test there.');
        await look(`${route}/new`, then);
        await page.getByRole('button', { name: 'Save in the draft' }).click();
        await page.getByText('Saved in the draft').waitFor();
      }
      await look(route, 'a draft');
      await page.getByLabel('What changes, and why').fill('As agreed with the customer');
      await page.getByRole('button', { name: 'Put in force' }).click();
      await page.getByText('Version 1 is in force').waitFor();
      await look(route, 'in force');
      await page.getByRole('link', { name: 'Nothing from the moon' }).click();
      await page.getByText('As it is saved now').waitFor();
      await look(`${route}/{rule}`, 'one rule');
      await go(`${base}/versions/1`);
      await look(`${route}/versions/{number}`, 'the version in force');
      await go(base);
      await page.getByRole('button', { name: 'Begin a dry run' }).click();
      await page.getByText('· done').waitFor();
      await look(`${route}/dry-run`, 'done');
    }
  },

  async 'dialogs and menus'({ page, go, look, seed }) {
    await go('/orders');
    await page.keyboard.press('?');
    await page.locator('#keys[open]').waitFor();
    await look('/orders', 'the list of keys');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+k');
    await page.locator('#finder[open] [role=option]').first().waitFor();
    await look('/orders', 'the finder, empty');
    await page.keyboard.type('zzzzzz');
    await page.locator('#hits-box', { hasText: /nothing/i }).waitFor();
    await look('/orders', 'the finder, nothing found');
    await page.locator('#finder-field').fill('an');
    await page.locator('#finder [role=option] b', { hasText: /an/i }).nth(2).waitFor();
    await look('/orders', 'the finder, with hits');
    await page.keyboard.press('Escape');
    await page.locator('#filter-1 summary').click();
    await look('/orders', 'a menu of filters');
    await page.keyboard.press('j');
    await go('/orders?stage=received');
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await look('/orders', 'a row is selected');
    await page.setViewportSize({ width: 390, height: 844 });
    await go('/orders');
    await page.locator('.rail-narrow summary').click();
    await look('/orders', 'the menu of a phone');
    await page.setViewportSize({ width: 1280, height: 800 });
    for (const [stage, menus] of [['accepted', ['#more', '#cancel', '#assign']], ['completed', ['#report-menu']]]) {
      for (const menu of menus) {
        await go(seed.orders[stage]);
        await page.locator(`${menu} > summary`).click();
        await look('/orders/{id}', `${stage}, the menu ${menu.slice(1)} is open`);
      }
    }
    await go(seed.orders.accepted);
    await page.locator('#cancel > summary').click();
    await page.locator('.choice').nth(1).click();
    await page.locator('#cancel-preview').getByText(/\w/).first().waitFor();
    await look('/orders/{id}', 'a reason of the library is chosen');
    await go(`${seed.orders.accepted}?open=cancel`);
    await submit(page.locator('#cancel form'), '.btn.main');
    await refused(page);
    await look('/orders/{id}', 'the cancellation, refused');
    await go(seed.integration);
    await page.getByRole('link', { name: /^Words, time of/ }).first().click();
    await look('/integrations/{id}/offer/{package}', 'the words of an offered package');
  },

  async 'an order, worked on'({ page, go, look, app, as }) {
    const path = await ownOrder({ page, go }, 'accepted', 1);
    await go(path);
    await page.locator('#more > summary').click();
    await submit(page.locator('#more form').last());
    await refused(page);
    await look('/orders/{id}', 'the pause, refused');
    await page.getByLabel('Pause it: why?').fill('The candidate asked for Monday');
    await page.getByRole('button', { name: 'Pause', exact: true }).click();
    await page.locator('.notice', { hasText: 'asked for Monday' }).waitFor();
    await look('/orders/{id}', 'paused');
    const other = await as('operator');
    await other.goto(app.url + path);
    await page.locator('#looking', { hasText: 'looking at this' }).waitFor();
    await look('/orders/{id}', 'a colleague looks at it, too');
    await go(`${path}?open=cancel`);
    await page.locator('#cancel textarea').fill('The customer called it off.');
    await page.getByRole('button', { name: 'Cancel the order' }).click();
    await page.getByRole('button', { name: /Undo/ }).waitFor();
    await look('/orders/{id}', 'a cancellation that can be undone');
    await other.context().close();
  },

  async 'a result, on its way'({ page, go, look, app }) {
    const path = await ownOrder({ page, go }, 'started');
    await go(`${path}/result`);
    await page.getByRole('button', { name: 'Part with a score' }).click();
    await page.getByRole('button', { name: 'Text', exact: true }).click();
    await page.getByLabel('Summary for the recruiter').fill('Solid work.');
    await page.getByText(/Draft saved/).waitFor();
    await look('/orders/{id}/result', 'rows were added, the draft is kept');
    await page.getByLabel('Score', { exact: true }).first().fill('twelve');
    await page.getByRole('button', { name: 'Release' }).first().click();
    await refused(page);
    await look('/orders/{id}/result', 'refused with what is wrong at its fields');
    for (const field of await page.locator('form#result .attribute').all()) {
      await field.locator('[name=row_label]').fill('Routine');
      if (await field.locator('[name=row_score]:not([type=hidden])').count()) {
        await field.locator('[name=row_score]').fill('40');
        await field.locator('[name=row_max]').fill('50');
      } else await field.locator('textarea').fill('As asked for');
    }
    await page.getByLabel('Score', { exact: true }).first().fill('80');
    await page.getByLabel('of at most').fill('100');
    await page.locator('input[type=file]').setInputFiles({ name: 'a-report-with-a-rather-long-name-that-says-everything.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.4\n%%EOF\n') });
    await page.locator('.files li').waitFor();
    await look('/orders/{id}/result', 'with parts, a text and a file');
    await page.getByRole('button', { name: 'Release' }).first().click();
    await page.getByRole('button', { name: /Undo/ }).waitFor();
    await look('/orders/{id}', 'a result that can be undone');
    const recruiter = await app.page({ size: 'laptop' });
    await recruiter.goto(await page.locator('#report').getAttribute('href'));
    await look('/r/{token}', 'not ready', recruiter);
    await recruiter.context().close();
    await page.getByRole('button', { name: /Undo/ }).click();
    await page.getByText('Taken back.').waitFor();
    await look('/orders/{id}', 'a result that was taken back');
  },

  async 'somebody else was first'({ page, go, look, as, app, seed }) {
    const other = await as('manager');
    for (const [path, route] of [[seed.customer, '/customers/{id}'], [seed.packages, '/packages/{id}']]) {
      await go(path);
      await other.goto(app.url + path);
      const name = await other.locator('#name').inputValue();
      await other.locator('#name').fill(`${name} again`);
      await other.getByRole('button', { name: 'Save' }).first().click();
      await other.locator('.notice.good').first().waitFor();
      await page.getByRole('button', { name: 'Save' }).first().click();
      await page.getByText('while you were typing').first().waitFor();
      await look(route, 'somebody else saved first');
    }
    const path = await ownOrder({ page, go }, 'accepted', 2);
    await go(path);
    await page.context().setOffline(true);
    await other.goto(app.url + path);
    await other.getByRole('button', { name: 'I have invited the candidate' }).click();
    await other.locator('.stage.invited').first().waitFor();
    await page.locator('#live-lost', { hasText: 'Not live' }).waitFor();
    await look('/orders/{id}', 'the connection is lost');
    await page.locator('#more > summary').click();
    await page.getByLabel('Pause it: why?').fill('They asked for Monday');
    await page.context().setOffline(false);
    await page.locator('#more form').last().getByRole('button').click();
    await page.locator('#order').getByRole('alert').first().waitFor();
    await look('/orders/{id}', 'it changed while one was looking');
    await other.context().close();
  },

  async 'a file with packages'({ page, go, look, as, app }) {
    const send = async (lines, name = 'packages-2027.csv') => {
      await go('/packages/import');
      const buffer = Buffer.from(lines.join('\n'));
      await page.locator('input[type=file]').setInputFiles({ name, mimeType: 'text/csv', buffer });
      await submit(page.locator('main form').filter({ has: page.locator('input[type=file]') }));
    };
    await send(['Name,Price', 'Logic,5']);
    await refused(page);
    await look('/packages/import', 'a file whose columns are wrong');
    await send(['Key,Name,Description,Type,Tags,Minutes,Retired', 'a b,,,Quiz,,many,', 'sql-analyst,SQL for analysts,Sixty minutes.,Skills test,Data,60,']);
    await page.getByText('nothing can be imported').waitFor();
    await look('/packages/import/{id}', 'rows are refused');
    await send([
      'Key,Name,Description,Type,Tags,Minutes,Retired',
      'sql-analyst,SQL for analysts and engineers,Seventy minutes of questions that a sales database can answer.,Skills test,Data,70,',
      'excel-advanced,"Excel, advanced","Forty-five minutes: look-ups, pivots and a forecast.",Skills test,"Office, Data",45,yes',
      'english-b2,"English, B2","Reading, listening and writing at level B2.",Skills test,"Language, English",40,no',
      ...Array.from({ length: 110 }, (_, at) => `import-${at},"Import ${at}",One of many.,Skills test,Many,,`),
    ]);
    await page.getByText('Nothing is changed yet').waitFor();
    await look('/packages/import/{id}', 'new, changed, retired and unchanged rows');
    await page.getByRole('link', { name: 'More ›' }).click();
    await page.getByText('import-109').waitFor();
    await look('/packages/import/{id}', 'the second page');
    await go('/packages/import');
    await page.getByText('waits for you').waitFor();
    await look('/packages/import', 'a file waits');
    await page.getByRole('link', { name: 'see what it would change' }).click();
    await page.getByRole('button', { name: 'Throw the file away' }).click();
    await page.locator('.notice.good').first().waitFor();
    await send(['Key,Name', 'english-b2,"English, B2"']);
    await page.getByText('The catalogue is so already').waitFor();
    await look('/packages/import/{id}', 'nothing would change');
    await send(['Key,Tags', 'care-judgement,Wards']);
    await page.getByText('Nothing is changed yet').waitFor();
    const other = await as('manager');
    await other.goto(`${app.url}/packages?q=care-judgement`);
    await other.getByRole('link', { name: 'Judgement in care' }).click();
    await other.getByLabel('Minutes (optional)').fill('35');
    await other.getByRole('button', { name: 'Save' }).click();
    await other.locator('.notice.good').waitFor();
    await other.context().close();
    await page.getByRole('button', { name: 'Import 1 row' }).click();
    await page.getByText('The catalogue was changed since you saw this.').waitFor();
    await look('/packages/import/{id}', 'the catalogue changed meanwhile');
  },

  async 'lists that live'({ page, go, look, app }) {
    await go('/orders?stage=all');
    await place(app, 'Northwind Bank', 'sql-analyst', { first_name: 'Nova' });
    await page.locator('#news').waitFor();
    await look('/orders', 'a button shows what is new');
    await go('/inbox');
    await fetch(`${app.url}/webhooks/kombo`, { method: 'POST', body: '{}', headers: { 'content-type': 'application/json', 'x-kombo-signature': 'none' } });
    await sandbox(app, '/control/webhooks', { type: 'something-new', data: {} });
    await go('/inbox');
    await page.locator('details.fold summary').click();
    await look('/inbox', 'requests that could not be verified');
    await go('/inbox');
    await page.locator('tbody tr', { hasText: 'something-new' }).or(page.locator('tbody tr').first()).first().locator('a').first().click();
    await look('/inbox/{id}', 'a type that we do not know');
  },

  async 'staff: link, disabled, somebody with few customers'({ page, go, look, app }) {
    await go('/staff/new');
    await page.getByLabel('E-mail').fill('nils.nygaard@assessdesk.example');
    await page.getByLabel('Name', { exact: true }).fill('Nils Nygaard');
    await page.getByRole('radio', { name: /^Operator/ }).check();
    await page.getByRole('radio', { name: 'Sees only these' }).check();
    await page.locator('input[name=customer]').first().check();
    await page.getByRole('button', { name: 'Add and make the link' }).click();
    const link = (await page.locator('#link').innerText()).trim();
    await look('/staff/new', 'the one-time link');
    const newcomer = await app.page({ size: 'laptop' });
    await newcomer.goto(link);
    await look('/welcome/{token}', 'a password is to be chosen', newcomer);
    await newcomer.getByLabel('New password').fill('password');
    await newcomer.getByLabel('The same once more').fill('passwort');
    await submit(newcomer.locator('main form'), '.btn.main');
    await refused(newcomer);
    await look('/welcome/{token}', 'the password, refused', newcomer);
    const words = 'calm rivers carry stones';
    await newcomer.getByLabel('New password').fill(words);
    await newcomer.getByLabel('The same once more').fill(words);
    await newcomer.getByRole('button', { name: /^Set the password/ }).click();
    await newcomer.waitForURL((url) => url.pathname === '/');
    await look('/', 'an operator with few customers', newcomer);
    await newcomer.goto(link);
    await look('/welcome/{token}', 'the link was used', newcomer);
    await newcomer.context().close();
  },

  async 'the roles, and what they may not see'({ look, as, app }) {
    for (const role of ['manager', 'operator', 'reviewer', 'viewer']) {
      const page = await as(role);
      for (const path of ['/', '/orders', '/account']) {
        await page.goto(app.url + path);
        await look(path, `as a ${role}`, page);
      }
      await page.goto(`${app.url}/orders?stage=accepted`);
      await page.goto(app.url + await row(page).getAttribute('href'));
      await look('/orders/{id}', `as a ${role}`, page);
      if (role === 'viewer') {
        assert.equal((await page.goto(`${app.url}/staff`)).status(), 403);
        await look('403', 'not allowed', page);
        assert.equal((await page.goto(`${app.url}/sign-out`)).status(), 405);
        await look('405', 'not possible this way', page);
        for (const [list, route] of [['/customers', '/customers/{id}'], ['/packages', '/packages/{id}'], ['/reasons', '/reasons/{id}']]) {
          await page.goto(app.url + list);
          const link = page.locator(`main :is(tbody, .rows) a[href^="${list}/"]`).first();
          if (!(await link.count())) continue;
          await link.click();
          await look(route, 'as a viewer, read-only', page);
        }
      }
      await page.context().close();
    }
  },

  async 'sign-in'({ look, app }) {
    const page = await app.page({ size: 'laptop' });
    await page.goto(`${app.url}/orders`);
    await look('/sign-in', 'the form', page);
    const attempt = async () => {
      await page.getByLabel('E-mail').fill('somebody@assessdesk.example');
      await page.getByLabel('Password', { exact: true }).fill('wrong');
      const answer = page.waitForResponse((response) => response.request().method() === 'POST');
      await page.getByRole('button', { name: 'Sign in' }).click();
      const status = (await answer).status();
      await page.locator('[role=alert]').waitFor();
      return status;
    };
    assert.equal(await attempt(), 422);
    await look('/sign-in', 'a wrong password', page);
    let status = 422;
    for (let tries = 0; tries < 12 && status !== 429; tries += 1) status = await attempt();
    assert.equal(status, 429);
    await look('/sign-in', 'too many tries', page);
    await page.context().close();
  },

  async 'what is known of a customer'({ page, go, look, seed }) {
    await go(`${seed.customer}/card`);
    await page.getByLabel('Handling instructions').fill('Call Ada before you cancel anything.');
    await page.getByLabel('Tags').fill('pilot, Nordics');
    await page.getByLabel('E-mail').first().fill('nobody');
    await submit(page.locator('main form'), '.btn.main');
    await refused(page);
    await look('/customers/{id}/card', 'an address that cannot be one, refused');
    await page.getByLabel('E-mail').first().fill('ada@customer.example');
    await page.getByLabel('Name').first().fill('Ada Berg');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.locator('.notice.good').first().waitFor();
    await look('/customers/{id}', 'with people and notes');
  },

  async 'a connection link, as staff and as the customer'({ page, go, look, app, seed }) {
    await go(`${seed.customer}/links`);
    await page.getByLabel('ATS (optional)').fill('No such ATS');
    await page.getByRole('button', { name: 'Make a link' }).click();
    await refused(page);
    await look('/customers/{id}/links', 'no such ATS, refused');
    await page.getByLabel('ATS (optional)').fill('Ashby');
    await page.getByRole('radio', { name: 'in a page of ours' }).check();
    await page.getByRole('button', { name: 'Make a link' }).click();
    await page.locator('#link').waitFor();
    const path = new URL(page.url()).pathname;
    await look('/customers/{id}/links/{link}', 'to be copied or mailed');
    const outsider = await app.page({ size: 'laptop' });
    const address = (await page.locator('#link').innerText()).trim();
    await outsider.goto(address);
    await look('/connect/{token}', 'before going on', outsider);
    await outsider.getByRole('button', { name: 'Go on to connect' }).click();
    await outsider.frameLocator('iframe').getByRole('button', { name: 'Close' }).click();
    await outsider.getByText('was not finished').waitFor();
    await look('/connect/{token}', 'the window was closed', outsider);
    await outsider.getByRole('link', { name: 'Go on to connect' }).click();
    await outsider.frameLocator('iframe').getByRole('button', { name: 'Type a wrong password' }).click();
    await outsider.frameLocator('iframe').getByText('did not accept the password').waitFor();
    await go(path);
    await page.getByText('Tried and failed').first().waitFor();
    await look('/customers/{id}/links/{link}', 'tried and failed');
    await go('/');
    await look('/', 'a customer could not connect');
    await go(path);
    await page.getByRole('button', { name: 'Turn it off' }).click();
    await page.getByText('It is turned off.').waitFor();
    await look('/customers/{id}/links/{link}', 'turned off');
    await go(`${seed.customer}/links`);
    await look('/customers/{id}/links', 'with links');
    await outsider.goto(address);
    await look('/connect/{token}', 'turned off', outsider);
    await outsider.goto(`${app.url}/connect/${'A'.repeat(43)}`);
    await look('/connect/{token}', 'no such link', outsider);
    await outsider.context().close();
  },

  async 'offer sets, and packages that are offered for a time'({ page, go, look }) {
    await go('/packages/sets/new');
    await submit(page.locator('main form').last(), '.btn.main');
    await refused(page);
    await look('/packages/sets/new', 'refused with what is wrong at its fields');
    await page.getByLabel('Name').fill('Leadership and behaviour');
    await page.getByLabel('Type').selectOption('BEHAVIORAL');
    await page.getByRole('button', { name: 'Make the set' }).click();
    await page.getByText('The set is made.').waitFor();
    const set = new URL(page.url()).pathname;
    await look('/packages/sets/{id}', 'nothing follows it yet');
    await go('/packages/sets');
    await look('/packages/sets', 'the list');
    const path = await openIntegration({ page, go }, 'Northwind Bank');
    await page.getByRole('button', { name: 'Follow this set' }).click();
    await page.getByText('packages come and go with them').waitFor();
    await page.getByRole('link', { name: /^Words, time of/ }).first().click();
    await page.getByLabel('First day').fill('2027-06-01');
    await page.getByLabel('Last day').fill('2027-06-30');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('offered from 1 Jun 2027 until 30 Jun 2027').waitFor();
    await go(path);
    await look('/integrations/{id}', 'follows a set, and offers a package for a time');
    await go(set);
    await look('/packages/sets/{id}', 'an offer follows it');
  },

  async 'the integration: progress, trouble, differences'({ page, go, look, app }) {
    const path = await openIntegration({ page, go }, 'Halden Logistics');
    const [{ id: kombo }] = (await sandbox(app, '/control/integrations')).filter((one) => one.organization_name === 'Halden Logistics');
    const card = page.locator('section', { has: page.locator('#progress-title') });
    if (await card.getByRole('button').count()) {
      const is = await card.getByRole('button').innerText();
      await card.getByRole('button').click();
      await card.getByRole('button', { name: is === 'Switch on' ? 'Switch off' : 'Switch on' }).waitFor();
      await look('/integrations/{id}', `progress updates ${is === 'Switch on' ? 'on' : 'off'}`);
    }
    const removed = await page.locator('#offer td.lead b').first().innerText();
    await page.locator('#offer [data-handle]').first().press('ArrowDown');
    await look('/integrations/{id}', 'the order is not saved yet');
    await page.getByRole('button', { name: 'As it was' }).click();
    await page.locator('#offer [name=do][value^="remove "]').first().click();
    await page.locator('.flag.red', { hasText: 'goes' }).waitFor();
    await page.locator('#found label', { hasNotText: removed }).first().locator('input').check();
    await page.getByRole('button', { name: 'Add the ticked ones' }).click();
    await page.getByText('unpublished change').waitFor();
    await look('/integrations/{id}', 'a draft that differs from what is published');
    await go(`${path}/copy`);
    await look('/integrations/{id}/copy', 'whose offer is to be copied');
    await page.locator('#found a').first().click();
    await look('/integrations/{id}/copy', 'what another offer would change');
    await go(`${path}/copy?q=zzzzzz`);
    await look('/integrations/{id}/copy', 'filtered to nothing');
    await go(`${path}/publish`);
    await look('/integrations/{id}/publish', 'packages come and go');
    await submit(page.locator('main form').last(), '.btn.main');
    await refused(page);
    await look('/integrations/{id}/publish', 'refused: no reason was given');
    await page.getByLabel('Why are packages removed?').fill('They asked for others.');
    await page.getByText('Publish it later…').click();
    await page.getByLabel('When').fill('2001-01-01T09:00');
    await submit(page.locator('main form').last());
    await refused(page);
    await look('/integrations/{id}/publish', 'later: refused, that moment is over');
    await page.getByLabel('When').fill('2027-06-01T09:00');
    await submit(page.locator('main form').last());
    await page.getByText('To be published').waitFor();
    await look('/integrations/{id}', 'to be published later');
    await go('/publish?q=halden');
    await look('/publish', 'packages come and go');
    await submit(page.locator('form#list'), '.btn.main');
    await refused(page);
    await look('/publish', 'refused: no reason was given');
    await sandbox(app, '/control/mischief', { calls: [{ kind: 'refused', call: 'put_packages' }], webhooks: [] }, 'PUT');
    await page.getByLabel('Why are packages removed?').fill('They asked for others.');
    await submit(page.locator('form#list'), '.btn.main');
    await page.getByText('1 given up').waitFor();
    await look('/rollouts/{id}', 'it was given up');
    await sandbox(app, '/control/mischief', undefined, 'DELETE');
    await page.getByRole('button', { name: 'Try the failed one again' }).click();
    await page.getByText('1 of 1 published').waitFor();
    await look('/rollouts/{id}', 'published');
    await go(path);
    await page.locator('aside a[href*="/publications/"]').last().click();
    await page.getByRole('link', { name: /Bring this list back/ }).click();
    await page.getByText('What comes back').waitFor();
    await look('/integrations/{id}/publish', 'an earlier list is to come back');
    await sandbox(app, `/control/integrations/${kombo}/packages`, { packages: [] }, 'PUT');
    await go(`${path}/compare`);
    await look('/integrations/{id}/compare', 'Kombo holds something else');
    await sandbox(app, '/control/mischief', { calls: [{ kind: 'server_error', http_status: 500, call: 'packages' }], webhooks: [] }, 'PUT');
    await go(`${path}/compare`);
    await page.getByText('Kombo could not be asked.').waitFor();
    await look('/integrations/{id}/compare', 'Kombo could not be asked');
    await sandbox(app, '/control/mischief', undefined, 'DELETE');
    for (const state of ['INVALID', 'INACTIVE']) {
      await sandbox(app, `/control/integrations/${kombo}/state`, { state }, 'PUT');
      await go(path);
      await look('/integrations/{id}', `it is ${state}`);
      await go(`${path}/connection`);
      await look('/integrations/{id}/connection', `it is ${state}`);
    }
    await sandbox(app, `/control/integrations/${kombo}`, undefined, 'DELETE');
    await go(path);
    await page.getByText('It was deleted at Kombo').waitFor();
    await look('/integrations/{id}', 'deleted at Kombo');
    await go(`${path}/connection`);
    await look('/integrations/{id}/connection', 'deleted at Kombo');
    await go('/customers');
    await look('/customers', 'one of them is in trouble');
    await go('/orders?q=halden');
    await row(page).click();
    await page.getByRole('button', { name: 'Close here' }).waitFor();
    await look('/orders/{id}', 'nothing can reach the ATS any more');
    await sandbox(app, '/control/integrations', { tool: 'lever', organization_name: 'Unknown Ltd' });
    await go('/unassigned');
    await page.getByRole('button', { name: 'Assign' }).first().waitFor();
    await look('/unassigned', 'an integration waits for its customer');
    await submit(page.locator('form[action^="/unassigned/"]').first());
    await refused(page);
    await look('/unassigned', 'refused: no customer was chosen');
    await go('/');
    await look('/', 'with troubles');
  },

  async 'candidates, in every language'({ look, app }) {
    for (const language of ['en', 'de', 'fr', 'it', 'es']) {
      const page = await app.page({ size: 'laptop', locale: language });
      assert.equal((await page.goto(`${app.url}/start/none`)).status(), 404);
      assert.equal(await page.locator('html').getAttribute('lang'), language);
      await look('/start/{token}', `no such link, ${language}`, page);
      if (language === 'en') {
        assert.equal((await page.goto(`${app.url}/r/none`)).status(), 404);
        await look('/r/{token}', 'no such report', page);
      }
      await page.context().close();
    }
  },

  async 'what a candidate and a recruiter open'({ page, go, look, app }) {
    const outsider = await app.page({ size: 'laptop' });
    let [path, start] = [];
    for (let nth = 1; !(await outsider.getByRole('button', { name: 'Start' }).count()); nth += 1) {
      path = await ownOrder({ page, go }, 'invited', nth);
      await go(path);
      start = (await page.locator('#start').innerText()).trim();
      await outsider.goto(start);
    }
    await look('/start/{token}', 'before the start', outsider);
    await outsider.route('https://tests.assessdesk.example/**', (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html><html lang="en"><title>Assessment</title><h1>Question 1</h1></html>' }));
    await outsider.goto(start);
    await outsider.getByRole('button', { name: 'Start' }).click();
    await outsider.getByRole('heading', { name: 'Question 1' }).waitFor();
    await outsider.goto(start);
    await outsider.getByRole('button', { name: 'Go on' }).waitFor();
    await look('/start/{token}', 'started before', outsider);
    await leading(outsider, start);
    await look('/start/{token}/go', 'where nothing leads on by itself', outsider);
    await go(path);
    await page.locator('#more > summary').click();
    await page.getByLabel('Pause it: why?').fill('Wait');
    await page.getByRole('button', { name: 'Pause', exact: true }).click();
    await page.locator('.notice', { hasText: 'Wait' }).waitFor();
    await outsider.goto(start);
    await look('/start/{token}', 'paused', outsider);
    page.on('dialog', (dialog) => dialog.accept());
    await page.getByRole('button', { name: 'Turn the link off' }).click();
    await page.getByText('No start link works.').waitFor();
    await look('/orders/{id}', 'the start link is off');
    assert.equal((await outsider.goto(start)).status(), 410);
    await look('/start/{token}', 'turned off', outsider);
    await go(await ownOrder({ page, go }, 'cancelled'));
    await outsider.goto(await page.locator('#report').getAttribute('href'));
    await look('/r/{token}', 'ended without a result', outsider);
    await go(await ownOrder({ page, go }, 'completed'));
    const report = await page.locator('#report').getAttribute('href');
    await outsider.goto(report);
    await look('/r/{token}', 'ready', outsider);
    await page.locator('#report-menu > summary').click();
    await page.getByRole('button', { name: 'Withdraw' }).click();
    await page.getByRole('button', { name: 'New address' }).waitFor();
    await look('/orders/{id}', 'its report is withdrawn');
    assert.equal((await outsider.goto(report)).status(), 410);
    await look('/r/{token}', 'withdrawn', outsider);
    await outsider.context().close();
  },
};

/** Opens the integration of a customer; gives its address. */
async function openIntegration({ page, go }, customer) {
  await go('/customers');
  await page.getByRole('link', { name: customer }).first().click();
  await page.locator('a[href^="/integrations/"]').first().click();
  await page.waitForURL(/\/integrations\//);
  return new URL(page.url()).pathname;
}

/** The page that leads on to the assessment, held still: its own header would leave it at once. */
async function leading(page, start) {
  await page.route(`${start}/go`, async (route) => {
    const answer = await route.fetch();
    const headers = { ...answer.headers() };
    delete headers.refresh;
    await route.fulfill({ response: answer, headers });
  });
  await page.goto(`${start}/go`);
  assert.match(await wordsOf(page), /\w/);
}
