// Every flow of the desk twice: by keyboard alone, and by clicks where no script runs. Every address that something is
// posted to must have been reached both ways, unless only a script posts to it or another test shows it.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { flows } from './access_flows.mjs';
import { tabs } from './access_keyboard.mjs';
import { desk, root } from './support.mjs';

/** Addresses that no person posts to by a form. */
const byScript = ['/orders/{id}/here', '/orders/{id}/gone', '/orders/{id}/cancel/preview', '/orders/{id}/reject/preview', '/customers/{id}/invitation/preview',
  '/settings/invitations/preview', '/reasons/preview', '/held/{id}/accept', '/held/{id}/reject', '/webhooks/kombo'];
/** Addresses whose flow needs more than the demo, and where it is shown. */
const elsewhere = new Map([
  ['/orders/{id}/send-again', 'tests/it: the same form as ‘Send again’ of a result that did not arrive'],
  ['/orders/{id}/close-here', 'tests/it: the same form, on an order whose integration was deleted'],
  ['/outbox/integrations/{id}/wake', 'tests/it: a single button beside a parked integration'],
  ['/mail/{id}/retry', 'tests/it: the same button as the outbox’s'],
  ['/orders/{id}/invited', 'keys.test.mjs and live.test.mjs: a single button'],
  ['/connect/{token}/done', 'onboarding.test.mjs: Kombo’s window, which needs a script, posts it'],
  ['/rules/dry-run/stop', 'tests/it: a single button, there only while a dry run goes on'],
  ['/customers/{id}/rules/dry-run/stop', 'tests/it: the same button'],
  ['/orders/{id}/review', 'tests/it: no form of the desk posts to it; the result’s form sends to review what it holds'],
]);
/** Where a script is, a reason’s text is put in at once, and nothing is posted for it. */
const withoutScript = ['/orders/{id}/cancel/text', '/orders/{id}/reject/text'];

/** Hands that click, for pages without a script. */
const clicking = () => ({
  press: (at) => at.click(),
  fill: (at, text) => at.fill(text),
  choose: (at, nth) => at.selectOption({ index: nth }),
  tick: (at) => at.check(),
  open: (at) => at.click(),
  upload: async (at, file) => {
    await at.setInputFiles(file);
    await at.page().locator('#result [value=save]').last().click();
  },
});

/** Hands that only press keys. What they reach, they reach with Tab. */
function typing(page) {
  const reach = async (at) => {
    await at.waitFor();
    // Most of the way in one go; what is between is counted, not assumed: the last steps are looked at one by one.
    const { near, framed } = await at.evaluate((it) => {
      const all = [...document.querySelectorAll('a[href], button, input, select, textarea, summary, iframe, [tabindex="0"]')].filter((one) => one.checkVisibility({ checkVisibilityCSS: true }) && !one.disabled && one.tabIndex >= 0 && one.type !== 'hidden');
      return { near: all.indexOf(it) - Math.max(all.indexOf(document.activeElement), 0) - 12, framed: all.some((one) => one.tagName === 'IFRAME') };
    });
    if (near > 0 && !framed) await tabs(page, near);
    for (let presses = 0; framed && presses < near; presses += 1) await page.keyboard.press('Tab');
    for (let presses = 0; presses < 400; presses += 1) {
      if (await at.evaluate((it) => it === document.activeElement || (it.type === 'radio' && document.activeElement.name === it.name && document.activeElement.form === it.form))) return;
      await page.keyboard.press('Tab');
    }
    assert.fail(`no key reaches ${at} on ${page.url()}; it is ${await at.evaluate((it) => `${it.outerHTML.slice(0, 80)}${it.matches(':disabled') ? ', disabled' : ''}`)}, and the keyboard is at ${await page.evaluate(() => document.activeElement.outerHTML.slice(0, 80))}`);
  };
  /** A day and a time of the morning, part by part, as the browser's field takes them in English. */
  const moment = async (at, text) => {
    const [year, month, day, hour, minute] = text.split(/\D/);
    await page.keyboard.type(month + day + year);
    await page.keyboard.press('ArrowRight');
    await page.keyboard.type(`${hour + minute}AM`);
    assert.equal(await at.inputValue(), text);
  };
  return {
    press: async (at) => {
      await reach(at);
      const leads = await at.evaluate((it) => (it.tagName === 'A' && !it.hasAttribute('hx-get')) || (it.type === 'submit' && it.form?.method === 'post' && !it.dataset.text));
      const arrived = leads && page.waitForEvent('framenavigated', (frame) => frame === page.mainFrame());
      await page.keyboard.press('Enter');
      await arrived;
      await page.waitForLoadState();
    },
    open: async (at) => { await reach(at); await page.keyboard.press('Enter'); },
    fill: async (at, text) => {
      await reach(at);
      if (await at.evaluate((it) => it.type) === 'datetime-local') return moment(at, text);
      await page.keyboard.press('Control+a');
      await page.keyboard.type(text);
    },
    choose: async (at, nth) => {
      await reach(at);
      await page.keyboard.press('Home');
      for (let presses = 0; presses < nth; presses += 1) await page.keyboard.press('ArrowDown');
      assert.equal(await at.evaluate((it) => it.selectedIndex), nth);
    },
    tick: async (at) => {
      await reach(at);
      for (let presses = 0; presses < 10 && !(await at.isChecked()); presses += 1) await page.keyboard.press(await at.evaluate((it) => it.type) === 'radio' ? 'ArrowDown' : 'Space');
      assert.ok(await at.isChecked());
    },
    upload: async (at, file) => {
      await reach(at); // the dialog that opens then is the system's own
      await at.setInputFiles(file);
    },
  };
}

const ways = ['by keyboard', 'without JavaScript'].filter((one) => one.includes(process.env.WAY ?? ''));
test('every flow', { timeout: 840_000, concurrency: ways.length }, (both) =>
  Promise.all(ways.map((way) => both.test(way, { concurrency: 1 }, async (t) => {
    const app = await desk(t, 'demo', { ASSESSDESK_RELEASE_DELAY: '120s' });
    app.allow(/status of 4\d\d/);
    const page = await app.signedIn({ size: 'laptop', script: way === 'by keyboard' });
    page.on('dialog', (dialog) => dialog.accept());
    const hands = way === 'by keyboard' ? typing(page) : clicking();
    const posted = new Set();
    page.on('response', (answer) => {
      const { pathname } = new URL(answer.url());
      if (answer.request().method() === 'POST' && answer.status() < 400) posted.add(pathname);
    });
    const go = (path) => page.goto(app.url + path);
    const [own, ...others] = Object.entries(flows);
    for (const [name, flow] of [...others, own].filter((one) => new RegExp(process.env.ONLY ?? '').test(one[0]))) {
      await t.test(name, () => flow({ page, app, hands, go }));
    }
    await t.test('nothing was left out', { skip: Boolean(process.env.ONLY) }, () => {
      const routes = readFileSync(join(root, 'tests/browser/routes.txt'), 'utf8').split('\n').filter((line) => line.startsWith('POST ')).map((line) => line.slice(5));
      const form = (route) => new RegExp(`^${route.replace(/\{[^}]+\}/g, '[^/]+')}$`);
      const missing = routes.filter((route) => ![...posted].some((path) => form(route).test(path)) && !byScript.includes(route) && !elsewhere.has(route) && !(way === 'by keyboard' && withoutScript.includes(route)));
      assert.deepEqual(missing, []);
    });
  }))));
