// What a list of rules cannot see: where the keyboard goes and whether one sees it there, letters twice as large and wider
// spaces, nothing that moves for those who asked for stillness, and high contrast.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { place } from './access_hands.mjs';
import { tabThrough } from './access_keyboard.mjs';
import { crowded, letters, wideSpaces } from './access_measure.mjs';
import { pages, seed } from './access_pages.mjs';
import { desk } from './support.mjs';

const HANDS = 2;
const wanted = new RegExp(process.env.ONLY ?? '');

/** Visits the pages with several hands; `body(page)` says what is wrong. */
async function visit(t, app, known, jobs, body) {
  const queue = jobs.filter(({ route, state }) => wanted.test(`${route} ${state}`));
  const told = [];
  const hand = async (page) => {
    const at = { page, seed: known, go: async (path, status = 200) => assert.equal((await page.goto(app.url + path)).status(), status) };
    for (let job = queue.shift(); job; job = queue.shift()) {
      await job.open(at);
      const found = await body(page, job);
      if (process.env.LOUD) console.log(`${job.route}: ${job.state}`, found);
      told.push([`${job.route}: ${job.state}`, found]);
    }
  };
  const all = await Promise.all(Array.from({ length: HANDS }, () => app.signedIn({ size: 'laptop' })));
  await Promise.all(all.map(hand));
  for (const page of all) await page.context().close();
  for (const [name, found] of told) await t.test(name, () => assert.deepEqual(found, []));
}

/** One state of each page, and a few whose layout is another. */
const first = pages.filter(({ route, state }, at) => pages.findIndex((one) => one.route === route) === at || /in_review|completed|cancelled|due first/.test(state));

test('the keyboard, large letters, wide spaces', { timeout: 600_000 }, async (t) => {
  const app = await desk(t, 'demo');
  app.allow(/status of 4\d\d/);
  const known = await seed(await app.signedIn(), app);

  await t.test('Tab goes through everything as one reads, and is always seen', (part) =>
    visit(part, app, known, first, async (page) => {
      const found = [];
      for (const [width, height] of [[1280, 800], [390, 844]]) {
        await page.setViewportSize({ width, height });
        for (const one of (await tabThrough(page)).found) found.push(`${one} (at ${width})`);
      }
      return found;
    }));

  await t.test('letters twice as large, and the spaces of WCAG 1.4.12, cut nothing off', (part) =>
    visit(part, app, known, first, async (page) => {
      await letters(page, 32);
      const large = await crowded(page);
      await letters(page, 16);
      await wideSpaces(page);
      const wide = await crowded(page);
      return [...large.map((one) => `letters twice as large: ${one}`), ...wide.map((one) => `wide spaces: ${one}`)];
    }));
});

/** Notes every animation and transition that begins on this page and can be seen. */
const watchMotion = (page) => page.addInitScript(() => {
  window.moved = [];
  // ‘unhand’ only takes the pointer away from the bar of held orders for a moment: nothing is drawn.
  document.addEventListener('animationstart', (event) => { if (event.animationName !== 'unhand') window.moved.push(event.animationName); }, true);
  document.addEventListener('transitionrun', (event) => window.moved.push(event.propertyName), true);
});

test('stillness for those who ask for it, and high contrast', { timeout: 300_000 }, async (t) => {
  const app = await desk(t, 'demo', { ASSESSDESK_RELEASE_DELAY: '60s' });
  app.allow(/status of 422/);
  const known = await seed(await app.signedIn(), app);

  /** Opens and closes what can be opened, and lets something arrive and leave. */
  const stir = async (page) => {
    await page.goto(`${app.url}/orders?stage=all`);
    await page.keyboard.press('Control+k');
    await page.locator('#finder[open] [role=option]').first().waitFor();
    await page.keyboard.press('Escape');
    await page.locator('#finder:not([open])').waitFor({ state: 'attached' });
    await page.keyboard.press('?');
    await page.locator('#keys[open]').waitFor();
    await page.keyboard.press('Escape');
    await page.locator('#filter-1 > summary').click();
    await place(app, 'Northwind Bank', 'sql-analyst', { first_name: 'Nova' });
    await page.locator('#news').click();
    await page.locator('tbody', { hasText: 'Nova' }).waitFor();
    await page.goto(`${app.url}/orders?stage=accepted`);
    await page.locator('[data-open]').first().click();
    await page.locator('#cancel > summary').click();
    await page.locator('#cancel textarea').fill('Called off.');
    await page.getByRole('button', { name: 'Cancel the order' }).click();
    await page.getByRole('button', { name: /Undo/ }).waitFor();
    return page.evaluate(() => window.moved);
  };

  await t.test('nothing moves with ‘reduce motion’', async () => {
    const page = await app.signedIn({ size: 'laptop' });
    await watchMotion(page);
    assert.deepEqual(await stir(page), []);
    await page.context().close();
  });

  await t.test('where motion is welcome, the same steps show some: the watch is awake', async () => {
    const page = await app.signedIn({ size: 'laptop', motion: 'no-preference' });
    await watchMotion(page);
    assert.notDeepEqual(await stir(page), []);
    await page.context().close();
  });

  await t.test('with forced colours the focus, the current page, the selected row and bars can be seen', async () => {
    const page = await app.signedIn({ size: 'laptop' });
    await page.emulateMedia({ forcedColors: 'active' });
    const outlined = (where) => page.waitForFunction((selector) => {
      const at = document.querySelector(selector);
      const { outlineStyle, outlineWidth, outlineColor } = at ? getComputedStyle(at) : { outlineStyle: 'none' };
      return outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2 && !/^rgba\(.*, 0\)$|transparent/.test(outlineColor);
    }, where, { timeout: 5_000 }).then(() => true, () => false);
    for (const path of ['/orders', known.orders.started, `${known.orders.started}/result`, '/account']) {
      await page.goto(app.url + path);
      assert.deepEqual((await tabThrough(page)).found, [], path);
      if (path !== '/account') assert.ok(await outlined('.rail-wide [aria-current]'), `the current page in the rail on ${path}`);
    }
    await page.goto(`${app.url}/orders`);
    assert.ok(await outlined('.tabs [aria-current]'), 'the current tab');
    await page.keyboard.press('j');
    assert.ok(await outlined('[aria-selected=true]'), 'the selected row');
    await page.keyboard.press('Control+k');
    await page.locator('#finder [aria-selected=true]').first().waitFor();
    assert.ok(await outlined('#finder [aria-selected=true]'), 'the chosen hit');
    assert.ok(await outlined('.finder-dialog > .find'), 'the finder’s field');
    await page.goto(`${app.url}${known.orders.completed}`);
    const bar = page.locator('meter').first();
    if (await bar.count()) assert.equal(await bar.evaluate((at) => getComputedStyle(at).forcedColorAdjust), 'none', 'the bar of a score keeps its colours');
    await page.context().close();
  });

  await t.test('focus goes where one expects it: into what opens, back to what opened it, on after a row', async () => {
    const page = await app.signedIn({ size: 'laptop' });
    const at = (where) => page.waitForFunction((selector) => document.activeElement.matches(selector), where, { timeout: 5_000 })
      .catch(async () => assert.fail(`the keyboard is not at ${where}, but at ${await page.evaluate(() => document.activeElement.outerHTML.slice(0, 120))}`));
    await page.goto(`${app.url}/orders`);
    const finder = page.locator('.rail [data-finder]');
    await finder.focus();
    await page.keyboard.press('Enter');
    await at('#finder-field');
    await page.keyboard.press('Escape');
    await at('.rail [data-finder]');
    await page.locator('#filter-1 > summary').focus();
    await page.keyboard.press('Enter');
    await page.locator('#filter-1[open]').waitFor();
    await page.keyboard.press('Escape');
    await at('#filter-1 > summary');
    await page.locator('.tabs a', { hasText: 'Accepted' }).focus();
    await page.keyboard.press('Enter');
    await page.locator('.tabs [aria-current]', { hasText: 'Accepted' }).waitFor();
    await at('.tabs a[aria-current]');
    await page.goto(`${app.url}/customers/new`);
    await page.locator('main form').evaluate((form) => { form.noValidate = true; });
    await page.getByRole('button', { name: 'Create customer' }).focus();
    await page.keyboard.press('Enter');
    await at('#name[aria-invalid=true]');
    await page.goto(`${app.url}/orders?stage=accepted`);
    await page.locator('[data-open]').last().click();
    await page.locator('#cancel > summary').waitFor();
    await page.keyboard.press('x');
    await at('#cancel .choice, #cancel textarea');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await page.locator('#cancel:not([open])').waitFor();
    await at('#cancel > summary');
    await page.context().close();
  });
});
