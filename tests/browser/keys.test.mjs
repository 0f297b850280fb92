// A shift by keyboard alone: orders are decided, cancelled with a reason, invited and given results without touching the
// mouse; then the dialog that Ctrl+K opens, the list of keys, and the screens of reasons, light and dark.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { desk } from './support.mjs';

/** What has the keyboard, and whether that can be seen. */
const focus = (page) =>
  page.evaluate(() => {
    const at = document.activeElement;
    const box = at.closest('.find') ?? at;
    const drawn = [getComputedStyle(at), getComputedStyle(at, '::after'), getComputedStyle(box)];
    const outlined = drawn.some((style) => style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0);
    const shaded = box.matches('.finder-dialog .find') && getComputedStyle(box).boxShadow !== 'none';
    return { tag: at.tagName, text: (at.textContent || at.getAttribute('aria-label') || at.name || '').trim(), seen: outlined || shaded };
  });

/** Fails where the keyboard is somewhere that nobody sees. */
async function seen(page, step) {
  const at = await focus(page);
  if (at.tag === 'BODY' || at.tag === 'MAIN') return;
  assert.ok(at.seen, `after ${step} the focus on ${at.tag} ‘${at.text.slice(0, 60)}’ cannot be seen`);
}

/** Presses Tab until what has the keyboard reads so. */
async function tabTo(page, pattern) {
  for (let presses = 0; presses < 120; presses += 1) {
    const at = await focus(page);
    if (at.tag !== 'BODY' && at.tag !== 'MAIN' && pattern.test(at.text)) return seen(page, `Tab to ${pattern}`);
    await page.keyboard.press('Tab');
  }
  assert.fail(`nothing on ${page.url()} reads ${pattern}`);
}

/** Lets recruiters order: from a customer whose orders wait for a person. */
async function place(app, orders) {
  const ask = async (path, body) => {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(app.sandboxUrl + path, body && { method: 'POST', headers, body: JSON.stringify(body) });
    assert.equal(answer.status, 200, `${path}: ${await answer.clone().text()}`);
    return answer.json();
  };
  const page = await app.signedIn();
  await page.goto(`${app.url}/orders?stage=completed&q=halden`);
  await page.locator('[data-row]', { hasNotText: 'Unknown package' }).first().locator('[data-open]').click();
  const kombo = (await page.locator('dd.ids .mono').first().innerText()).trim();
  await page.context().close();
  const { integration, package: key } = (await ask(`/control/orders/${kombo}`)).order;
  for (let order = 0; order < orders; order += 1) await ask('/control/orders', { integration, package: key });
}

const selected = (page) => page.locator('[data-row][aria-selected="true"]');

/** Goes to the list of orders and opens the tab of a stage. */
async function list(page, stage) {
  await page.evaluate(() => { window.isOld = true; });
  await page.keyboard.press('g');
  await page.keyboard.press('o');
  await page.waitForFunction(() => !window.isOld && window.location.pathname === '/orders' && document.readyState === 'complete');
  await tabTo(page, new RegExp(`^${stage} \\d+$`));
  await page.keyboard.press('Enter');
  await page.locator('.tabs [aria-current]', { hasText: stage }).waitFor();
  await page.keyboard.press('j');
  await selected(page).waitFor();
  await seen(page, 'j');
}

test('a shift by keyboard alone', async (t) => {
  const app = await desk(t, 'demo', { ASSESSDESK_RELEASE_DELAY: '60s' });
  await place(app, 10);
  const page = await app.signedIn();
  page.click = () => assert.fail('no mouse here');

  await t.test('ten orders are decided, three of them cancelled with a reason of the library', async () => {
    await list(page, 'Received');
    for (let order = 0; order < 10; order += 1) {
      const id = await selected(page).getAttribute('id');
      if (order % 3 === 2) {
        await page.keyboard.press('x');
        await page.waitForURL(/open=cancel/);
        await page.waitForFunction(() => document.activeElement.matches('.choice'));
        await seen(page, 'x');
        await page.keyboard.press('3');
        await page.waitForFunction(() => document.activeElement.matches('textarea') && document.activeElement.value.length > 20);
        await seen(page, '3');
        await page.locator('#cancel-preview', { hasText: await page.locator('#cancel-reason').inputValue() }).waitFor();
        await page.keyboard.press('Control+Enter');
      } else {
        await page.keyboard.press('a');
      }
      await page.waitForURL((url) => url.hash === `#${id}`).catch(async () => assert.fail(`order ${order} at ${page.url()}: ${await page.locator('main').innerText()}`));
      await page.locator(`#${id}`).waitFor({ state: 'detached' });
      await page.locator('.notice.good').first().waitFor();
      if (order < 9) {
        await selected(page).waitFor();
        await seen(page, `order ${order + 1}`);
      }
    }
  });

  await t.test('a cancellation is undone from its row', async () => {
    await list(page, 'Closing');
    const before = await page.locator('[data-row]').count();
    while (!(await selected(page).locator('[data-key=u]').count())) await page.keyboard.press('j');
    await page.keyboard.press('u');
    await page.getByText('Taken back.').waitFor();
    assert.equal(await page.locator('[data-row]').count(), before - 1);
  });

  await t.test('five candidates are invited', async () => {
    for (let order = 0; order < 5; order += 1) {
      await list(page, 'Accepted');
      await page.keyboard.press('Enter');
      await page.waitForURL(/\/orders\/[0-9a-f-]{36}$/);
      await tabTo(page, /invited the candidate/);
      await page.keyboard.press('Enter');
      await page.locator('.stage.invited').first().waitFor();
    }
  });

  await t.test('five results are entered and released', async () => {
    for (let order = 0; order < 5; order += 1) {
      await list(page, 'Invited');
      await page.keyboard.press('e');
      await page.waitForURL(/\/result$/);
      await page.waitForFunction(() => document.activeElement.id === 'score');
      await seen(page, 'e');
      await page.keyboard.press('Control+a');
      await page.keyboard.type('80');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Control+a');
      await page.keyboard.type('100');
      await page.keyboard.press('Tab');
      await tabTo(page, /^summary$|^Summary/);
      await page.keyboard.type('Solid work; the letters a, x, j and ? are only letters here.');
      await tabTo(page, /^Release/);
      await page.keyboard.press('Enter');
      await page.waitForURL(/\/orders\/[0-9a-f-]{36}$/);
      await page.locator('[data-key=u]').waitFor();
    }
    await page.keyboard.press('u');
    await page.getByText('Taken back.').waitFor();
  });
});

test('one field finds everything, and letters can be switched off', async (t) => {
  const app = await desk(t, 'demo');
  const page = await app.signedIn();

  await t.test('Ctrl+K opens it, arrows move, Enter goes, Esc closes', async () => {
    await page.keyboard.press('Control+k');
    await page.locator('#finder[open] [role=option]').first().waitFor();
    await seen(page, 'Ctrl+K');
    await page.keyboard.type('outb');
    const first = page.locator('#finder [role=option][aria-selected=true]', { hasText: 'Outbox' });
    await first.waitFor();
    assert.equal(await page.locator('#finder-field').getAttribute('aria-activedescendant'), await first.getAttribute('id'));
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/outbox$/);
    await page.keyboard.press('Control+k');
    await page.keyboard.press('Escape');
    await page.locator('#finder:not([open])').waitFor({ state: 'attached' });
  });

  await t.test('it finds an order by its candidate, and the log keeps no word of it', async () => {
    await page.goto(`${app.url}/orders`);
    const name = (await page.locator('[data-row] [data-open]').first().innerText()).trim();
    await page.keyboard.press('Control+k');
    await page.keyboard.type(name);
    await page.locator('#finder [role=option]', { hasText: name }).first().waitFor();
    for (const colour of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme: colour });
      await app.accessible(page);
    }
    await page.emulateMedia({ colorScheme: 'light' });
    await app.shot(page, 'finder');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/orders\/[0-9a-f-]{36}$/);
    assert.ok(!app.log().includes(name), 'the log holds what was looked for');
    await page.goto(app.url);
    await page.keyboard.press('Control+k');
    await page.locator('#finder [role=group]', { hasText: 'Looked at last' }).locator('[role=option]', { hasText: name }).waitFor();
    await page.keyboard.press('Escape');
  });

  await t.test('a hand that is quicker than the page finds all the same', async () => {
    const quick = await page.context().newPage();
    await quick.addInitScript(() => document.addEventListener('DOMContentLoaded', () => document.dispatchEvent(
      new KeyboardEvent('keydown', { key: 'k', ctrlKey: true, bubbles: true, cancelable: true }),
    )));
    await quick.goto(app.url);
    await quick.locator('#finder[open] [role=group]', { hasText: 'Looked at last' }).locator('[role=option]').first().waitFor();
    await quick.close();
  });

  await t.test('? tells what works here', async () => {
    await page.goto(`${app.url}/orders`);
    await page.keyboard.press('?');
    await page.locator('#keys[open]').waitFor();
    assert.ok(await page.locator('#keys [data-when="[data-row]"]').first().isVisible());
    assert.ok(!(await page.locator('#keys [data-when="[data-choices]"]').isVisible()));
    await app.accessible(page);
    await page.keyboard.press('Escape');
  });

  await t.test('the screens of reasons and of what was found are accessible and fit', async () => {
    for (const path of ['/reasons', '/find?q=an', '/reasons/new']) {
      await page.goto(app.url + path);
      for (const colour of ['light', 'dark']) {
        await page.emulateMedia({ colorScheme: colour });
        await app.accessible(page);
      }
      await page.emulateMedia({ colorScheme: 'light' });
      await app.fits(page);
      await app.shot(page, path.replace(/\W+/g, '-').slice(1));
    }
  });

  await t.test('a reason moves by its keys and keeps the selection', async () => {
    await page.goto(`${app.url}/reasons`);
    await page.keyboard.press('j');
    const id = await selected(page).getAttribute('id');
    await page.keyboard.press('Shift+J');
    await page.waitForURL((url) => url.hash === `#${id}`);
    await page.locator(`tbody tr:nth-child(2)#${id}[aria-selected=true]`).waitFor();
    await seen(page, 'Shift+J');
  });

  await t.test('letters can be switched off, and then do nothing', async () => {
    await page.goto(`${app.url}/account`);
    await page.getByLabel('Single letters are keys').uncheck();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.locator('body[data-keys=off]').waitFor();
    await page.goto(`${app.url}/orders`);
    await page.keyboard.press('j');
    assert.equal(await selected(page).count(), 0);
    await page.keyboard.press('?');
    assert.equal(await page.locator('#keys[open]').count(), 0);
    await page.keyboard.press('Control+k');
    await page.locator('#finder[open]').waitFor();
  });
});

test('without JavaScript a reason is chosen and things are found', async (t) => {
  const app = await desk(t, 'demo');
  const page = await app.signedIn({ script: false });
  await page.goto(`${app.url}/orders?stage=received`);
  await page.locator('[data-row] [data-open]').first().click();
  await page.getByText('Cancel order…').click();
  await page.getByRole('button', { name: 'Ordered twice' }).click();
  const field = page.getByLabel('Reason', { exact: true });
  assert.match(await field.inputValue(), /already on order|bereits bestellt|déjà commandé|già stato ordinato|ya está pedido/);
  await app.shot(page, 'reason-chosen');
  await page.getByRole('button', { name: 'Cancel the order' }).click();
  await page.getByText('From the library: Ordered twice').waitFor();
  await page.getByRole('link', { name: 'Find…' }).click();
  await page.locator('.top input[name=q]').fill('reas');
  await page.keyboard.press('Enter');
  await page.getByRole('main').getByRole('link', { name: 'Reasons' }).click();
  await page.waitForURL(/\/reasons$/);
  await page.getByRole('link', { name: 'Ordered twice' }).click();
  await page.getByLabel('English').fill('No {paket}.');
  await page.getByRole('button', { name: 'Show the preview' }).click();
  await page.getByText('There is no placeholder {paket}').waitFor();
});
