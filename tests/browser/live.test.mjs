// Live pages: what one person does appears for another without loading anew, and nothing is taken out of anybody's hand.

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { desk } from './support.mjs';

const id = '[0-9a-f-]{36}';

/** Asks until `is` holds; a page answers in its own time. */
async function until(what, is, seconds = 20) {
  let last;
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await wait(60)) {
    last = await is();
    if (last) return last;
  }
  throw new Error(`${what}: not within ${seconds} s (${JSON.stringify(last)})`);
}

/** How many event streams stand open. */
async function streams(app) {
  const answer = await fetch(`${app.url}/metrics`, { headers: { authorization: 'Bearer live-tests' } });
  return Number(/^assessdesk_live_streams (\d+)$/m.exec(await answer.text())[1]);
}

/** Sends orders as Kombo would, modelled on one that came and waits for a person. */
async function kombo(app, page) {
  await page.goto(`${app.url}/orders?stage=received`);
  await page.locator('tbody tr:not(:has(.flag)) [data-open]').last().click();
  await page.locator('#order a[href^="/inbox/"]').last().click();
  const model = JSON.parse(await page.locator('pre').first().textContent());
  let number = 0;
  return async (more = {}) => {
    const mark = `${Date.now()}-${number++}`;
    const event = structuredClone(model);
    event.id = `live-event-${mark}`;
    event.data = { ...event.data, id: `live-order-${mark}`, status: 'OPEN', ...more };
    event.data.candidate = { ...event.data.candidate, first_name: 'Nova', last_name: `Neu ${mark}`, email: `nova-${mark}@example.com` };
    const body = JSON.stringify(event);
    const signature = createHmac('sha256', 'practice-webhook-secret').update(body).digest('base64url');
    const answer = await fetch(`${app.url}/webhooks/kombo`, { method: 'POST', body, headers: { 'content-type': 'application/json', 'x-kombo-signature': signature } });
    assert.ok(answer.ok, `the webhook was answered ${answer.status}`);
    return event.data.candidate.last_name;
  };
}

/** Makes the page believe that it is hidden, or shown again. */
const hide = (page, hidden) =>
  page.evaluate((value) => {
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => value });
    Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => (value ? 'hidden' : 'visible') });
    document.dispatchEvent(new Event('visibilitychange'));
  }, hidden);

/** The address of the first order at this stage. */
async function firstOrder(page, app, stage, nth = 0) {
  await page.goto(`${app.url}/orders?stage=${stage}`);
  return page.locator('tbody [data-open]').nth(nth).getAttribute('href');
}

const row = (href) => `#o-${href.split('/').at(-1)}`;

test('live pages', async (t) => {
  const app = await desk(t, 'demo', { ASSESSDESK_METRICS_TOKEN: 'live-tests', ASSESSDESK_RECONCILE_EVERY: '1h' });
  app.allow(/409|Failed to load resource|ERR_INTERNET_DISCONNECTED|net::ERR/);
  const mira = await app.signedIn();
  const ken = await app.page();
  await app.signIn(ken, app.account('operator'));
  const come = await kombo(app, mira);

  await t.test('a change by one appears in the other’s list, where the row stands', async () => {
    const href = await firstOrder(ken, app, 'accepted', 1);
    await ken.goto(`${app.url}/orders?stage=accepted`);
    const before = await ken.locator('tbody tr').evaluateAll((rows) => rows.map((it) => it.id));
    await mira.goto(app.url + href);
    await mira.getByRole('button', { name: 'I have invited the candidate' }).click();
    await until('the row tells its new stage', () => ken.locator(`${row(href)}.left .stage.invited`).count());
    assert.deepEqual(await ken.locator('tbody tr').evaluateAll((rows) => rows.map((it) => it.id)), before, 'no row moved');
    assert.match(await ken.locator(row(href)).textContent(), /no longer in this list/);
  });

  await t.test('new orders wait behind a button that works as a link, and are announced once', async () => {
    await ken.goto(`${app.url}/orders?stage=all`);
    const before = await ken.locator('tbody tr').first().getAttribute('id');
    await ken.evaluate(() => {
      window.told = [];
      new MutationObserver(() => window.told.push(document.querySelector('#live-said').textContent)).observe(document.querySelector('#live-said'), { childList: true, characterData: true, subtree: true });
    });
    const name = await come();
    await until('1 new', async () => /^1 new/.test((await ken.locator('#news').textContent({ timeout: 500 }).catch(() => '')) ?? ''));
    await come();
    await come();
    await until('3 new', async () => /^3 new/.test((await ken.locator('#news').textContent()) ?? ''));
    assert.equal(await ken.locator('tbody tr').first().getAttribute('id'), before, 'nothing moved under the hand');
    assert.deepEqual(await ken.evaluate(() => window.told.filter(Boolean)), ['1 new orders: a button above the list shows them.']);
    const plain = await fetch(new URL(await ken.locator('#news').getAttribute('href'), app.url), { redirect: 'manual' });
    assert.equal(plain.status, 303, 'a plain address');
    await app.accessible(ken);
    await ken.locator('#news').click();
    await until('the new rows', async () => (await ken.getByText(name).count()) === 1);
    assert.equal(await ken.locator('#news').count(), 0);
    assert.equal(await ken.evaluate(() => Boolean(document.activeElement.closest('tbody tr:first-child'))), true, 'the hand goes on at the first row');
  });

  await t.test('twenty changes a second take neither focus nor selection, scroll, menus or words', async () => {
    await ken.goto(`${app.url}/orders?stage=all`);
    await ken.keyboard.press('j');
    await ken.keyboard.press('j');
    await ken.keyboard.press('j');
    const selected = await ken.locator('tr[aria-selected=true]').getAttribute('id');
    await ken.evaluate(() => window.scrollTo(0, 180));
    await ken.locator('details.menu summary').first().evaluate((summary) => { summary.parentElement.open = true; });
    const look = () => ken.evaluate(() => ({
      selected: document.querySelector('tr[aria-selected=true]')?.id,
      focus: document.activeElement.closest('tr')?.id,
      top: window.scrollY,
      place: document.querySelector('tbody tr:nth-child(5)').getBoundingClientRect().top,
      menu: document.querySelector('details.menu').open,
      picked: String(window.getSelection()),
    }));
    await ken.evaluate(() => window.getSelection().selectAllChildren(document.querySelector('tbody tr:nth-child(6) .who b')));
    const before = await look();
    assert.equal(before.selected, selected);
    assert.equal(before.focus, selected);
    assert.notEqual(before.picked, '');
    const busy = (async () => {
      for (let at = 0; at < 60; at++) {
        come().catch(() => {});
        await wait(50);
      }
    })();
    await until('many new', async () => Number.parseInt((await ken.locator('#news').textContent({ timeout: 500 }).catch(() => '0')) ?? '0', 10) >= 40);
    await busy;
    assert.deepEqual(await look(), before);
    await ken.keyboard.press('Escape');
    await ken.locator('#search input').pressSequentially('Nova', { delay: 30 });
    await come();
    assert.equal(await ken.locator('#search input').inputValue(), 'Nova');
  });

  await t.test('an order page follows, and keeps a reason that is half written', async () => {
    const href = await firstOrder(mira, app, 'accepted');
    await ken.goto(app.url + href);
    await ken.locator('#more > summary').click();
    await ken.getByLabel('Pause it: why?').fill('They asked for Mon');
    await mira.goto(app.url + href);
    await mira.getByRole('button', { name: 'I have invited the candidate' }).click();
    await until('invited', () => ken.locator('#order header .stage.invited').count());
    assert.equal(await ken.getByLabel('Pause it: why?').inputValue(), 'They asked for Mon');
    assert.equal(await ken.locator('#more').evaluate((menu) => menu.open), true);
  });

  await t.test('who comes second is told what the first did, keeps the words and sees how it stands', async () => {
    const order = new URL(ken.url()).pathname;
    await ken.locator('#more form').last().getByRole('button').click();
    await ken.locator('#order').getByRole('alert').first().waitFor();
    const told = await ken.locator('#order').getByRole('alert').first().textContent();
    assert.match(told, /This changed while you were looking/);
    assert.match(told, /invited/);
    assert.equal(await ken.getByLabel('Pause it: why?').inputValue(), 'They asked for Mon');
    assert.equal(await ken.locator('#order header .stage.invited').count(), 1);
    assert.equal(new URL(ken.url()).pathname, `${order}/pause`);
  });

  await t.test('a form that would vanish stays in the hand', async () => {
    const href = await firstOrder(mira, app, 'accepted');
    await ken.goto(app.url + href);
    await ken.locator('#cancel > summary').click();
    await ken.locator('#cancel textarea[name=reason]').fill('The job was filled by');
    await mira.goto(app.url + href);
    await mira.locator('#cancel > summary').click();
    await mira.locator('#cancel textarea[name=reason]').fill('The customer called it off.');
    await mira.getByRole('button', { name: 'Cancel the order' }).click();
    await until('the note', async () => /has changed meanwhile/.test(await ken.locator('#live-note').textContent()));
    assert.equal(await ken.locator('#cancel textarea[name=reason]').inputValue(), 'The job was filled by');
    await ken.getByRole('button', { name: 'Cancel the order' }).click();
    await ken.locator('#order').getByRole('alert').first().waitFor();
    assert.match(await ken.locator('#order').textContent(), /The job was filled by/, 'what was typed is still to be read');
  });

  await t.test('who else looks at an order', async () => {
    const href = await firstOrder(mira, app, 'started');
    await mira.goto(app.url + href);
    await ken.goto(app.url + href);
    await until('both are told', async () => /looking at this, too/.test(await mira.locator('#looking').textContent()) && /looking at this, too/.test(await ken.locator('#looking').textContent()), 5);
    assert.equal(await mira.locator('#looking').getAttribute('role'), 'status');
    await ken.goto(`${app.url}${href}/result`);
    await until('writes', async () => /is writing its result/.test(await mira.locator('#looking').textContent()), 5);
    await ken.goto(`${app.url}/account`);
    await until('gone', async () => (await mira.locator('#looking').textContent()).trim() === '', 8);
  });

  await t.test('on the result page the form stays, and a line tells who saved', async () => {
    const href = await firstOrder(mira, app, 'started');
    await ken.goto(`${app.url}${href}/result`);
    await mira.goto(`${app.url}${href}/result`);
    await ken.getByLabel('of at most').focus();
    await mira.getByLabel('Summary for the recruiter').fill('Written by the first one.');
    await until('told', async () => /saved a draft of this result/.test(await ken.locator('#changed').textContent()));
    assert.equal(await ken.getByLabel('Summary for the recruiter').inputValue() === 'Written by the first one.', false);
    await ken.getByLabel('Summary for the recruiter').fill('Written by the second one.');
    await until('not saved over', async () => /not saved over it/.test(await ken.locator('#saved').textContent()));
    assert.equal(await ken.getByLabel('Summary for the recruiter').inputValue(), 'Written by the second one.');
    assert.equal(await ken.locator('h1').count(), 1, 'only the part was put in');
  });

  await t.test('Today, the inbox and the outbox follow', async () => {
    for (const [path, block] of [['/', '#today'], ['/inbox', '#list']]) {
      await ken.goto(app.url + path);
      await ken.locator(block).waitFor();
      await come();
      await until(`${path} tells of it`, () => ken.locator(`${block} #news`).count());
    }
    await ken.goto(`${app.url}/outbox`);
    await ken.locator('#list').waitFor();
    const href = await firstOrder(mira, app, 'invited');
    await mira.goto(app.url + href);
    await mira.locator('#cancel > summary').click();
    await mira.locator('#cancel textarea[name=reason]').fill('The customer called it off.');
    await mira.getByRole('button', { name: 'Cancel the order' }).click();
    await until('the outbox tells of it', () => ken.locator('#list #news').count());
    await ken.goto(`${app.url}/outbox`);
    const waits = ken.locator('#list tbody tr', { has: ken.locator('.stage.accepted') }).filter({ hasText: 'Cancellation' });
    const delivery = await waits.first().getAttribute('id');
    await mira.getByRole('button', { name: /Undo/ }).first().click();
    await until('withdrawn in place', () => ken.locator(`#${delivery} .stage.cancelled`).count());
  });

  await t.test('the numbers in the rail follow', async () => {
    await ken.goto(`${app.url}/account`);
    const count = () => ken.locator('.rail-wide a[href="/orders"] .count').textContent().then(Number);
    const before = await count();
    await come();
    await until('one more', async () => (await count()) > before);
    assert.equal(await ken.locator('.rail-wide a[href="/orders"]').getAttribute('aria-current'), null);
  });

  await t.test('a hidden tab lets go of the stream, and catches up when it is shown', async () => {
    await mira.goto(`${app.url}/account`);
    await ken.goto(`${app.url}/orders?stage=all`);
    await until('both', async () => (await streams(app)) === 2);
    await hide(ken, true);
    await until('one', async () => (await streams(app)) === 1);
    await come();
    await hide(ken, false);
    await until('caught up', () => ken.locator('#news').count());
    await until('both again', async () => (await streams(app)) === 2);
  });

  await t.test('whoever asked to be told of held orders hears in the background, too', async () => {
    await ken.evaluate(() => localStorage.setItem('held-notify', 'on'));
    await ken.evaluate(() => { window.heard = 0; document.body.addEventListener('live-order', () => { window.heard++; }); });
    await hide(ken, true);
    await come();
    await until('heard', () => ken.evaluate(() => window.heard > 0));
    assert.equal(await streams(app), 2);
    await ken.evaluate(() => localStorage.removeItem('held-notify'));
    await hide(ken, false);
  });

  await t.test('three tabs of one browser share one stream', async () => {
    const context = ken.context();
    const others = [await context.newPage(), await context.newPage()];
    for (const tab of others) await tab.goto(`${app.url}/orders?stage=all`);
    await ken.goto(`${app.url}/orders?stage=all`);
    await come();
    for (const tab of [ken, ...others]) await until('each is told', () => tab.locator('#news').count());
    assert.equal(await streams(app), 2, 'one for each browser');
    await ken.close();
    await come();
    await until('another tab takes over', async () => (await streams(app)) === 2);
    for (const tab of others) await until('and is told', async () => /^2 new/.test((await tab.locator('#news').textContent()) ?? ''));
    await others[1].close();
  });

  await t.test('a lost connection is told quietly and made up for', async () => {
    await mira.goto(`${app.url}/orders?stage=all`);
    await until('listening', async () => (await streams(app)) === 2);
    assert.equal((await mira.locator('#live-lost').textContent()).trim(), '');
    await mira.context().setOffline(true);
    await until('told', async () => /Not live: trying again/.test(await mira.locator('#live-lost').textContent()));
    await come();
    await mira.context().setOffline(false);
    await until('caught up', () => mira.locator('#news').count(), 40);
    await until('quiet again', async () => (await mira.locator('#live-lost').textContent()).trim() === '');
  });

  await t.test('signing out in one tab is told in the other', async () => {
    const other = await mira.context().newPage();
    await other.goto(`${app.url}/account`);
    await mira.locator('.rail-wide').getByRole('button', { name: 'Sign out' }).click();
    await until('told', async () => /You are signed out/.test(await other.locator('#live-lost').textContent()));
  });

  await t.test('a tab that takes the stream over after the end of its session is told, and leads to the sign-in page', async () => {
    const path = '/orders?stage=all';
    const first = await app.signedIn();
    await first.goto(`${app.url}/account`);
    await until('the first one listens', () => first.evaluate(async () => (await navigator.locks.query()).held.length === 1));
    const next = await first.context().newPage();
    await next.goto(app.url + path);
    const third = await first.context().newPage();
    await third.goto(`${app.url}/account`);
    // The stream asks only once the session is over: it hears of no end, it is turned away at the door.
    let taken;
    const takes = new Promise((resolve) => { taken = resolve; });
    await next.route('**/live', (route) => taken(route));
    await first.close();
    const asks = await takes;
    await third.locator('.rail-wide').getByRole('button', { name: 'Sign out' }).click();
    await third.waitForURL((at) => at.pathname === '/sign-in');
    await asks.continue();
    const light = next.locator('#live-lost');
    await until('told', async () => /You are signed out/.test(await light.textContent()));
    await light.getByRole('link', { name: 'Sign in again' }).click();
    await next.waitForURL((at) => at.pathname === '/sign-in' && at.searchParams.get('next') === path);
  });
});
