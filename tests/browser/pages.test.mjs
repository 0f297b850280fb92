// Every page of the desk on the demo's data: readable by a screen reader in light and dark, on a small window, by
// keyboard, without a script, and for somebody who may only look.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { desk } from './support.mjs';

/** The pages that show no single thing. */
const lists = ['/', '/orders', '/orders?stage=all', '/orders?stage=all&q=zzzzzz', '/orders?sort=due', '/customers', '/customers/new',
  '/packages', '/packages/new', '/unassigned', '/inbox', '/outbox', '/reconciler', '/staff', '/staff/new', '/audit', '/settings', '/account'];
const stages = ['received', 'accepted', 'invited', 'started', 'in_review', 'closing', 'completed', 'rejected', 'cancelled'];
const id = '[0-9a-f-]{36}';

/** Goes to `path` and says what it got. */
async function visit(page, app, path, wanted = 200) {
  const answer = await page.goto(app.url + path);
  assert.equal(answer.status(), wanted, path);
}

/** Where the links of this page lead, within the desk. */
const links = (page, within = 'body') =>
  page.locator(`${within} a[href^="/"]:not([download])`).evaluateAll((all) => all.map((link) => link.getAttribute('href').split('#')[0]));

/** The first link in the middle of the page at `path` whose address has this form. */
async function first(page, app, path, form) {
  await visit(page, app, path);
  return (await links(page, 'main')).find((href) => form.test(href)) ?? null;
}

/** One address of each page that shows one thing. */
async function single(page, app) {
  const found = [];
  for (const stage of stages) {
    const order = await first(page, app, `/orders?stage=${stage}`, new RegExp(`^/orders/${id}$`));
    if (order) found.push(order);
    if (['started', 'in_review'].includes(stage)) found.push(`${order}/result`);
  }
  assert.ok(found.length >= 10, `the demo has too few stages: ${found}`);
  const customer = await first(page, app, '/customers', new RegExp(`^/customers/${id}$`));
  const integration = await first(page, app, customer, new RegExp(`^/integrations/${id}$`));
  found.push(customer, integration, `${integration}/publish`);
  const compare = await first(page, app, integration, /\/compare/);
  if (compare) found.push(compare);
  for (const list of ['packages', 'inbox', 'outbox', 'staff']) {
    const one = await first(page, app, `/${list}`, new RegExp(`^/${list}/${id}$`));
    assert.ok(one, `/${list} leads to nothing`);
    found.push(one);
  }
  return found;
}

/** Opens the orders at this stage and then the first of them; gives its address. */
async function openFirst(page, app, query) {
  await visit(page, app, `/orders?${query}`);
  await page.locator('tbody a[href^="/orders/"]').first().click();
  await page.waitForURL(new RegExp(`/orders/${id}$`));
  return page.url();
}

/** The orders that the list shows now. */
const shown = (page) => page.locator('tbody [data-open]').evaluateAll((links) => links.map((link) => link.getAttribute('href')));

test('every page of the desk', async (t) => {
  const app = await desk(t, 'demo');
  const admin = await app.signedIn();
  const pages = [...lists, ...(await single(admin, app))];

  for (const path of pages) {
    await t.test(`${path.replace(new RegExp(id, 'g'), '…')} is accessible, in light and dark, and fits 320 px`, async () => {
      await visit(admin, app, path);
      await app.accessible(admin);
      await admin.emulateMedia({ colorScheme: 'dark' });
      await app.accessible(admin);
      await admin.emulateMedia({ colorScheme: 'light' });
      await app.fits(admin);
      assert.equal(await admin.locator('h1').count(), 1, 'a page has one heading of the first level');
      assert.match(await admin.title(), /\S+.*Assessdesk/);
    });
  }

  await t.test('no link of these pages leads nowhere', async () => {
    const seen = new Set();
    for (const path of pages) {
      await visit(admin, app, path);
      for (const link of await links(admin)) seen.add(link);
    }
    assert.ok(seen.size > 60, `only ${seen.size} links`);
    for (const link of seen) {
      const answer = await admin.request.get(app.url + link, { maxRedirects: 0 });
      assert.equal(answer.status(), 200, `${link} answers ${answer.status()}`);
    }
  });

  await t.test('the report of a completed order, and an address that is none', async () => {
    await openFirst(admin, app, 'stage=completed');
    const report = await admin.locator('#report').getAttribute('href');
    const outsider = await app.page();
    await outsider.goto(report);
    await app.accessible(outsider);
    await outsider.emulateMedia({ colorScheme: 'dark' });
    await app.accessible(outsider);
    await app.fits(outsider);
    app.allow(/status of 404/);
    for (const path of ['/orders/cut-short', '/orders/01a20bc2-2190-7542-af85-88e0dab2dd8b', '/nothing-here']) {
      await visit(admin, app, path, 404);
      await app.accessible(admin);
      await app.fits(admin);
    }
  });

  await t.test('by keyboard: skip link, search, rows, help', async () => {
    await visit(admin, app, '/orders');
    await admin.keyboard.press('Tab');
    assert.equal(await admin.evaluate(() => document.activeElement.className), 'skip');
    await admin.keyboard.press('Enter');
    assert.equal(await admin.evaluate(() => document.activeElement.id), 'main');
    await admin.keyboard.press('/');
    assert.ok(await admin.evaluate(() => document.activeElement.matches('[data-search]')), '/ goes to the search');
    await admin.keyboard.press('Escape');
    assert.ok(!(await admin.evaluate(() => document.activeElement.matches('[data-search]'))), 'Esc leaves it');
    const rows = await shown(admin);
    for (const key of ['j', 'j', 'k', 'j']) await admin.keyboard.press(key);
    assert.equal(await admin.locator('[aria-selected=true] [data-open]').getAttribute('href'), rows[1]);
    await admin.keyboard.press('?');
    await admin.locator('#keys').waitFor();
    await app.accessible(admin);
    await admin.keyboard.press('Escape');
    await admin.locator('#keys').waitFor({ state: 'hidden' });
    await admin.keyboard.press('Enter');
    await admin.waitForURL(app.url + rows[1]);
  });

  await t.test('search as one types keeps the words, the place and the address', async () => {
    await visit(admin, app, '/orders?stage=all');
    const words = (await admin.locator('[data-open]').nth(3).innerText()).trim();
    await admin.keyboard.press('/');
    await admin.keyboard.type(words, { delay: 15 });
    await admin.waitForURL(/[?&]q=/);
    assert.equal(await admin.locator('[data-search]').inputValue(), words);
    assert.ok(await admin.evaluate(() => document.activeElement.matches('[data-search]')), 'the search keeps the focus');
    for (const name of await admin.locator('[data-open]').allInnerTexts()) assert.equal(name.trim(), words);
    assert.match(admin.url(), /stage=all/, 'the filter stays');
    await admin.goBack();
  });

  await t.test('without JavaScript: filter, search, page through', async () => {
    const plain = await app.signedIn({ script: false });
    await visit(plain, app, '/orders?stage=all');
    const newest = await shown(plain);
    await plain.getByRole('link', { name: /Older/ }).click();
    await plain.waitForURL((at) => at.search !== '?stage=all');
    const older = await shown(plain);
    assert.ok(older.length > 0 && older.every((one) => !newest.includes(one)), 'no order stands on two pages');
    await plain.getByRole('link', { name: /Newer/ }).click();
    await plain.waitForLoadState();
    assert.deepEqual(await shown(plain), newest, 'the way back leads to where one came from');

    const name = (await plain.locator('[data-open]').first().innerText()).trim();
    await plain.locator('[data-search]').fill(name);
    await plain.keyboard.press('Enter');
    await plain.waitForURL(/[?&]q=/);
    assert.equal((await plain.locator('[data-open]').first().innerText()).trim(), name);

    await visit(plain, app, '/orders?stage=all');
    await plain.locator('summary.chip', { hasText: 'Customer' }).click();
    const choice = plain.locator('details[open] .menu-sheet a').first();
    const customer = (await choice.innerText()).trim();
    await choice.click();
    await plain.locator('.chip.on', { hasText: customer }).waitFor();
    for (const of of await plain.locator('td.of b').allInnerTexts()) assert.equal(of.trim(), customer);
    await plain.locator('.chip.on', { hasText: customer }).click();
    await plain.waitForURL((at) => !at.search.includes('customer'));
    await plain.context().close();
  });

  await t.test('without JavaScript: rows of a result come and go', async () => {
    const plain = await app.signedIn({ script: false });
    const order = await openFirst(plain, app, 'stage=accepted');
    await plain.goto(`${order}/result`);
    const rows = plain.locator('form#result .attribute');
    const before = await rows.count();
    await plain.getByRole('button', { name: 'Text', exact: true }).click();
    await plain.waitForLoadState();
    assert.equal(await rows.count(), before + 1);
    await rows.last().locator('[name=row_label]').fill('Grade');
    await rows.last().locator('[name=row_value]').fill('Merit');
    await plain.getByRole('button', { name: 'Part with a score' }).click();
    await plain.waitForLoadState();
    assert.equal(await rows.count(), before + 2);
    assert.equal(await rows.nth(before).locator('[name=row_label]').inputValue(), 'Grade', 'what was typed stays');
    await rows.last().getByRole('button', { name: /Remove/ }).click();
    await plain.waitForLoadState();
    assert.equal(await rows.count(), before + 1);
    assert.equal(await rows.last().locator('[name=row_value]').inputValue(), 'Merit');
    await plain.context().close();
  });

  await t.test('without JavaScript: pause, resume, assign', async () => {
    const plain = await app.signedIn({ script: false });
    await openFirst(plain, app, 'stage=accepted');
    await plain.locator('#more summary').click();
    await plain.getByLabel('Pause it: why?').fill('The candidate asked for Monday');
    await plain.getByRole('button', { name: 'Pause', exact: true }).click();
    await plain.locator('.notice', { hasText: 'The candidate asked for Monday' }).waitFor();
    await plain.locator('#more summary').click();
    await plain.getByRole('button', { name: 'Resume' }).click();
    await plain.locator('.notice', { hasText: 'The candidate asked for Monday' }).waitFor({ state: 'detached' });

    const panel = plain.locator('section', { has: plain.locator('#assignee-title') });
    await panel.locator('#assign summary').click();
    const person = panel.locator('.menu-sheet button').first();
    const name = (await person.innerText()).trim();
    await person.click();
    await panel.locator('.assign > span', { hasText: name }).waitFor();
    await plain.context().close();
  });

  await t.test('a viewer sees the pages and no button that would be refused', async () => {
    const viewer = await app.page();
    await app.signIn(viewer, app.account('viewer'));
    const open = new Set(['/', '/orders', '/customers', '/packages', '/account']);
    for (const stage of stages) {
      const order = await first(viewer, app, `/orders?stage=${stage}`, new RegExp(`^/orders/${id}$`));
      if (order) open.add(order);
    }
    const answers = new Map();
    for (const path of open) {
      await visit(viewer, app, path);
      const offered = await viewer.locator('form[method=post] button:enabled:not([formmethod=get])').evaluateAll((all) =>
        all.map((button) => button.getAttribute('formaction') ?? button.form.getAttribute('action')));
      const refused = offered.filter((action) => !/^\/(sign-out|account)/.test(action));
      assert.deepEqual(refused, [], `${path} offers what a viewer may not do`);
      for (const link of await links(viewer)) {
        if (/^\/(customers|integrations|packages)\//.test(link) && open.size < 40) open.add(link);
        if (!answers.has(link)) answers.set(link, (await viewer.request.get(app.url + link, { maxRedirects: 0 })).status());
        assert.equal(answers.get(link), 200, `${path} leads a viewer to ${link}, which answers ${answers.get(link)}`);
      }
    }
    app.allow(/status of 403/);
    for (const path of ['/staff', '/audit', '/settings', '/inbox', '/outbox', '/reconciler', '/customers/new']) await visit(viewer, app, path, 403);
    await app.accessible(viewer);
  });
});
