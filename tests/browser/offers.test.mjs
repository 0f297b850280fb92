// An offer of two hundred packages is put together: searched, ticked, dragged, moved by keys, and by hands without a script.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { desk } from './support.mjs';

const MANY = 200;
const KINDS = ['SKILLS_TEST', 'BEHAVIORAL', 'VIDEO_INTERVIEW', 'BACKGROUND_CHECK', 'REFERENCE_CHECK'];
const WORDS = ['English', 'German', 'Accounting', 'Leadership', 'Typing', 'Forklift', 'Nursing', 'Logic'];

/** Sends forms as the page would, one after the other; gives where the last one led. */
const post = (page, forms) =>
  page.evaluate(async (all) => {
    let answer;
    for (const { path, fields } of all) {
      answer = await fetch(path, { method: 'POST', body: new URLSearchParams(fields) });
      if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    }
    return new URL(answer.url).pathname;
  }, forms);

const settings = {
  contact_email: 'people@customer.example', take_orders: 'accept', unknown_package: 'take', withdrawn_package: 'serve',
  due_hours: '48', hold_seconds: '8', hold_else: 'accept', hold_message: '', candidate_language: 'en',
};

const name = (number) => `${WORDS[number % WORDS.length]} ${String(number).padStart(3, '0')}`;

/** A customer with an ATS; gives the address of its integration. */
async function integration(app, page, called) {
  const customer = await post(page, [{ path: '/customers', fields: { ...settings, name: called, origin_id: called } }]);
  const answer = await fetch(`${app.sandboxUrl}/control/integrations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ tool: 'greenhouse', origin_id: called, organization_name: called }),
  });
  assert.ok(answer.ok);
  return page.evaluate(async (path) => {
    for (let tries = 0; tries < 200; tries++) {
      const found = /\/integrations\/[0-9a-f-]{36}/.exec(await (await fetch(path)).text());
      if (found) return found[0];
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    throw new Error(`${path} has no integration`);
  }, customer);
}

/** A catalogue of so many packages. */
const catalogue = (page, count) => post(page, Array.from({ length: count }, (_, number) => ({
  path: '/packages',
  fields: { key: `p-${number}`, name: name(number), type: KINDS[number % 5], max_score: '', duration: '', start_url: '', description: 'Forty minutes, with a report for the recruiter.' },
})));

const draft = (page) => page.locator('#offer tr[data-id] .lead b').allInnerTexts();
const arranged = (page) => page.getByText('Another order, not saved yet');

test('two hundred packages are chosen, searched and put in order', async (t) => {
  const app = await desk(t, 'empty', { ASSESSDESK_RECONCILE_EVERY: '1h' });
  app.allow(/409/);
  const page = await app.signedIn();
  await catalogue(page, MANY + 20);
  const path = await integration(app, page, 'Halden Logistics');
  await page.goto(app.url + path);
  await app.shot(page, 'offer-empty');

  // Ticks outlast the next search.
  await page.getByLabel('Search the catalogue').fill('english');
  await page.getByText(/^28 shown$/).waitFor();
  await page.locator('#found').getByText('English 008').click();
  await page.getByRole('button', { name: 'Add the ticked ones (1)' }).waitFor();
  await page.getByLabel('Search the catalogue').fill('german 00');
  await page.getByText(/^3 shown$/).waitFor();
  assert.deepEqual(await page.locator('#found b').allInnerTexts(), ['English 008', 'German 001', 'German 009']);
  await page.locator('#found').getByText('German 001').click();
  await page.getByLabel('Type, in the catalogue').selectOption('VIDEO_INTERVIEW');
  await page.getByText(/^2 shown$/).waitFor();
  await page.getByRole('button', { name: 'Add the ticked ones (2)' }).click();
  await page.getByText('2 packages are in the draft now.').waitFor();
  assert.deepEqual(await draft(page), ['English 008', 'German 001']);

  // All that are found, at once; a range with Shift.
  await page.getByLabel('Type, in the catalogue').selectOption('SKILLS_TEST');
  await page.getByText(/^44 shown$/).waitFor();
  await page.locator('#add').getByRole('button', { name: 'All or none shown' }).click();
  await page.getByRole('button', { name: 'Add the ticked ones (44)' }).waitFor();
  const boxes = page.locator('#found input');
  await boxes.nth(0).click();
  await boxes.nth(3).click({ modifiers: ['Shift'] });
  await page.getByRole('button', { name: 'Add the ticked ones (40)' }).click();
  await page.getByText('40 packages are in the draft now.').waitFor();

  const rest = await page.evaluate(async () => {
    const found = await (await fetch(`${location.pathname}?add=0`)).text();
    return [...found.split('id="found"')[1].matchAll(/name="package" value="([^"]+)"/g)].map(([, id]) => id);
  });
  const version = await page.locator('#offer-form [name=version]').inputValue();
  await page.evaluate(async ([at, ids, version]) => {
    const fields = new URLSearchParams([['do', 'add'], ['version', version], ...ids.map((id) => ['package', id])]);
    const answer = await fetch(`${at}/offer`, { method: 'POST', body: fields });
    if (!answer.ok) throw new Error(await answer.text());
  }, [path, rest.slice(0, MANY - 42), version]);
  await page.goto(app.url + path);
  const before = await draft(page);
  assert.ok(before.length > 100, `${before.length} packages`);
  await app.shot(page, 'offer-many');
  await app.accessible(page);
  await app.fits(page);

  // By keys: the handle keeps the keyboard, and what happened is said.
  const handle = page.getByRole('button', { name: `Move ${before[0]}`, exact: true });
  await handle.focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  assert.deepEqual((await draft(page)).slice(0, 3), [before[1], before[2], before[0]]);
  assert.equal(await page.locator('[data-arrange-said]').innerText(), `${before[0]}: place 3 of ${before.length}`);
  assert.ok(await handle.evaluate((it) => it === document.activeElement));
  await page.keyboard.press('End');
  assert.equal((await draft(page)).at(-1), before[0]);
  await page.keyboard.press('Home');
  await arranged(page).waitFor({ state: 'hidden' });
  await page.getByRole('button', { name: `Move ${before[0]} down` }).click();
  await page.getByRole('button', { name: 'As it was' }).click();
  assert.deepEqual(await draft(page), before);
  await arranged(page).waitFor({ state: 'hidden' });

  // By dragging.
  const drag = async (from, to) => {
    const [one, other] = [page.locator('[data-handle]').nth(from), page.locator('[data-handle]').nth(to)];
    const [start, end] = [await one.boundingBox(), await other.boundingBox()];
    await page.mouse.move(start.x + 5, start.y + 10);
    await page.mouse.down();
    await page.mouse.move(start.x + 5, start.y + 30, { steps: 4 });
    await page.mouse.move(end.x + 5, end.y + end.height, { steps: 8 });
  };
  await page.evaluate(() => window.scrollTo(0, 0));
  await drag(0, 2);
  await page.mouse.up();
  const dragged = [before[1], before[2], before[0], ...before.slice(3)];
  assert.deepEqual(await draft(page), dragged);
  await app.shot(page, 'offer-arranged');
  await page.evaluate(() => window.scrollTo(0, 0));
  await drag(3, 1);
  await page.keyboard.press('Escape');
  await page.mouse.up();
  assert.deepEqual(await draft(page), dragged, 'Escape puts it back');

  // Somebody else changes it meanwhile: that is said, and the order is kept.
  const other = await app.signedIn();
  await other.goto(app.url + path);
  await other.getByRole('button', { name: `Remove ${before.at(-1)}`, exact: true }).click();
  await other.locator('#offer-title').waitFor();
  await page.getByRole('button', { name: 'Save the order' }).click();
  await page.getByText('The offer changed after you opened this page').waitFor();
  assert.deepEqual(await draft(page), dragged.slice(0, -1));
  await arranged(page).waitFor();
  await page.evaluate(() => window.scrollTo(0, 0));
  await app.shot(page, 'offer-overtaken');
  // A row that is half under the bar is no small target: it is scrolled clear of it when it is used.
  await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
  await app.accessible(page);
  await page.getByRole('button', { name: 'Save the order' }).click();
  await page.getByText('The order is saved.').waitFor();
  assert.deepEqual(await draft(page), dragged.slice(0, -1));

  // Found within the offer, removed at once, and the search stays.
  await page.getByLabel('Search this offer').fill('typing');
  await page.waitForURL(/in=typing/);
  const typing = await page.locator('#offer tr[data-id]').count();
  assert.ok(typing > 3 && (await draft(page)).every((one) => one.startsWith('Typing')));
  await app.shot(page, 'offer-searched');
  await page.locator('#offer').getByRole('button', { name: 'All or none shown' }).click();
  await page.getByRole('button', { name: `Remove the ticked ones (${typing})` }).click();
  await page.getByText(`${typing} packages are out of the draft`).waitFor();
  await page.getByText('No package of this offer fits this search.').waitFor();
  await page.getByRole('link', { name: 'Show all of it' }).click();
  await page.getByRole('link', { name: `Words, time of ${dragged[0]}` }).click();
  await page.getByLabel('Name in this ATS').fill('A name of our own');
  await app.shot(page, 'offer-words');
  await app.accessible(page);
  await app.fits(page);
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText(`own words; in the catalogue: ${dragged[0]}`).waitFor();

  // Another customer takes it over, after it was seen.
  await page.goto(app.url + (await integration(app, page, 'Aarhus Harbour')));
  await page.getByRole('link', { name: /^Copy another customer/ }).click();
  await app.shot(page, 'copy-whose');
  await page.getByLabel('Search customers').fill('halden');
  await page.locator('#found').getByRole('link', { name: 'Halden Logistics' }).click();
  assert.equal(await page.locator('.diff .added').count(), dragged.length - 1 - typing);
  assert.equal(await page.locator('.diff').getByText('A name of our own').count(), 0);
  await page.getByLabel('With the names and descriptions that are used there').check();
  await page.locator('.diff').getByText('A name of our own').waitFor();
  await app.shot(page, 'copy-change');
  await app.accessible(page);
  await app.fits(page);
  await page.getByRole('button', { name: 'Take it into the draft' }).click();
  await page.getByText('The offer is in the draft.').waitFor();
  assert.equal((await draft(page))[0], 'A name of our own');
});

test('an offer is put in order without a script', async (t) => {
  const app = await desk(t, 'empty', { ASSESSDESK_RECONCILE_EVERY: '1h' });
  const helper = await app.signedIn();
  await catalogue(helper, 14);
  const path = await integration(app, helper, 'Halden Logistics');
  const page = await app.signedIn({ script: false });
  await page.goto(app.url + path);
  await page.getByLabel('Search the catalogue').fill('english');
  await page.getByLabel('Search the catalogue').press('Enter');
  await page.locator('#found').getByLabel(/^English 008/).check();
  await page.getByLabel('Search the catalogue').fill('');
  await page.getByRole('button', { name: 'Search' }).click();
  assert.ok(await page.locator('#found').getByLabel(/^English 008/).isChecked(), 'the tick stays');
  for (const box of await page.locator('#found input').all()) await box.check();
  await page.getByRole('button', { name: 'Add the ticked ones' }).click();
  const before = await draft(page);
  assert.equal(before.length, 14);
  assert.equal(await page.locator('[data-handle]:visible').count(), 0);
  await page.getByRole('button', { name: `Move ${before[0]} down` }).click();
  assert.deepEqual((await draft(page)).slice(0, 2), [before[1], before[0]]);
  for (const one of [before[4], before[9]]) await page.locator('#offer').getByLabel(new RegExp(`^${one}`)).check();
  await page.getByLabel('Place', { exact: true }).fill('1');
  await page.getByRole('button', { name: 'Move the ticked ones there' }).click();
  assert.deepEqual((await draft(page)).slice(0, 3), [before[4], before[9], before[1]]);
  await page.getByLabel('Search this offer').fill('logic');
  await page.getByLabel('Search this offer').press('Enter');
  assert.ok((await draft(page)).every((one) => one.startsWith('Logic')));
  for (const box of await page.locator('#offer tbody input').all()) await box.check();
  await page.getByRole('button', { name: 'Remove the ticked ones' }).click();
  await page.getByText('No package of this offer fits this search.').waitFor();
  await app.shot(page, 'offer-no-script');
});
