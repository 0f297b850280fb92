// The hold, as people live it: a recruiter orders in the make-believe ATS and waits; two desks see the order at once, one of
// them decides, and the recruiter reads what was decided while the page still loads.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { desk } from './support.mjs';

let app;
let mira;
let jonas;
let recruiter;

before(async (t) => {
  app = await desk(t, 'demo');
  mira = await app.signedIn();
  jonas = await app.page();
  await app.signIn(jonas, app.account('operator'));
  recruiter = await app.page();
});

/** The recruiter orders at Fjord Energy, whose orders are held; gives the page's way to the answer. */
async function order(first) {
  await recruiter.goto(`${app.sandboxUrl}/ats`);
  await recruiter.locator('.card', { hasText: 'Fjord Energy' }).locator('h3 a').first().click();
  await recruiter.waitForURL(/\/ats\/integrations\//);
  await recruiter.goto(`${recruiter.url().split('?')[0]}/order`);
  await recruiter.locator('select[name=package]').selectOption('leadership-profile');
  await recruiter.getByLabel('First name').fill(first);
  const answered = recruiter.waitForURL(/\/ats\/orders\//, { timeout: 25_000 });
  await recruiter.getByRole('button', { name: 'Order', exact: true }).click({ noWaitAfter: true });
  return answered;
}

/** Both desks on a page each, with their stream open. */
async function atTheDesks(one = '/orders', two = '/') {
  await Promise.all([mira.goto(app.url + one), jonas.goto(app.url + two)]);
}

const bar = (page, first) => page.locator('#held section.live', { hasText: first });

test('an order that is held appears on both desks; one rejects it with x, and the recruiter reads why', async () => {
  await atTheDesks();
  const answered = order('Hanna');
  await Promise.all([bar(mira, 'Hanna').waitFor(), bar(jonas, 'Hanna').waitFor()]);
  const top = await mira.locator('.orders tbody tr').nth(3).evaluate((row) => row.getBoundingClientRect().top);
  assert.match(await mira.locator('#held-said').textContent(), /Leadership profile for Fjord Energy waits for your decision/);
  assert.doesNotMatch(await mira.locator('#held-said').textContent(), /Hanna/, 'what is read aloud names no candidate');
  await mira.keyboard.press('x');
  const field = bar(mira, 'Hanna').getByLabel('Reason');
  await field.waitFor();
  await field.fill('We test leaders only after the first talk.');
  assert.equal(await mira.locator('.orders tbody tr').nth(3).evaluate((row) => row.getBoundingClientRect().top), top, 'the bar moves no row');
  await field.press('Enter');
  await answered;
  await recruiter.locator('[data-rejection]', { hasText: 'We test leaders only after the first talk.' }).waitFor();
  await bar(jonas, 'rejected it after').waitFor();
  await bar(jonas, 'rejected it after').waitFor({ state: 'detached', timeout: 12_000 });
});

test('a accepts the oldest held order, and never while something is typed', async () => {
  await atTheDesks('/', '/orders');
  const answered = order('Ivo');
  await bar(jonas, 'Ivo').waitFor();
  await jonas.locator('[data-search]').first().focus();
  await jonas.keyboard.type('a');
  assert.equal(await bar(jonas, 'Ivo').locator('[data-countdown]').count(), 1, 'still held');
  await jonas.keyboard.press('Escape');
  await jonas.keyboard.press('a');
  await answered;
  await recruiter.locator('[data-taken]').waitFor();
  await bar(mira, 'accepted it after').waitFor();
});

test('of two who decide at once the second is told what the first one did', async () => {
  await atTheDesks('/orders', '/orders');
  const answered = order('Karl');
  await Promise.all([bar(mira, 'Karl').waitFor(), bar(jonas, 'Karl').waitFor()]);
  await jonas.keyboard.press('x');
  const field = bar(jonas, 'Karl').getByLabel('Reason');
  await field.fill('Not for this role.');
  // Jonas is offline for a moment, so that his desk does not hear of it.
  await jonas.context().setOffline(true);
  await mira.keyboard.press('a');
  await answered;
  await recruiter.locator('[data-taken]').waitFor();
  // He sends it in the moment in which he is back, before his desk has heard.
  await field.evaluate((reason) => {
    window.addEventListener('online', () => reason.form.requestSubmit(), { once: true });
  });
  await jonas.context().setOffline(false);
  await bar(jonas, /too late to reject|accepted it after/).first().waitFor();
});

test('when nobody decides, the setting does, and every desk says so', async () => {
  await atTheDesks();
  const answered = order('Zora');
  await bar(mira, 'Zora').waitFor();
  await answered;
  await recruiter.locator('[data-taken]').waitFor();
  await bar(mira, 'Time was up: the customer’s setting accepted it.').waitFor();
});

test('when the ATS hangs up, the order is received and can only be cancelled', async () => {
  await recruiter.goto(`${app.sandboxUrl}/ats/mischief`);
  const form = recruiter.locator('form[action="/ats/mischief/webhooks"]');
  await form.locator('input[value=hang_up]').check();
  await form.locator('input[name=ms]').fill('2500');
  await form.locator('input[name=left]').fill('1');
  await form.getByRole('button', { name: 'Begin' }).click();
  await recruiter.getByText('the line is cut after 2500 ms').first().waitFor();
  await atTheDesks();
  const answered = order('Nora');
  await bar(mira, 'Nora').waitFor();
  await answered;
  await recruiter.locator('[data-unanswered]').waitFor();
  const ended = bar(mira, 'Kombo hung up after');
  await ended.waitFor();
  await ended.getByRole('link').first().click();
  await mira.getByText('Cancel order…').waitFor();
  assert.equal(await mira.getByText('Reject…').count(), 0);
});

test('the order’s own page has clock and keys, and the bar does not repeat it', async () => {
  await atTheDesks();
  const answered = order('Otto');
  await bar(mira, 'Otto').getByRole('link', { name: /Otto/ }).click();
  await mira.locator('#hold [data-countdown]').waitFor();
  assert.equal(await bar(mira, 'Otto').count(), 0);
  await mira.keyboard.press('a');
  await answered;
  await recruiter.locator('[data-taken]').waitFor();
});

test('without JavaScript the bar is there and its buttons work', async () => {
  const plain = await app.signedIn({ script: false });
  await atTheDesks();
  const answered = order('Paula');
  await bar(mira, 'Paula').waitFor();
  await plain.goto(`${app.url}/customers`);
  await bar(plain, 'Paula').getByRole('button', { name: /Accept/ }).click();
  await answered;
  await recruiter.locator('[data-taken]').waitFor();
  await plain.getByText('Accepted. The order is yours to work on.').waitFor();
});

test('the bar is accessible and fits a phone', async () => {
  await atTheDesks();
  // What ended before lies over the page for a while.
  await mira.waitForFunction(() => !document.querySelector('#held section'), null, { timeout: 20_000 });
  const answered = order('Rosa');
  await bar(mira, 'Rosa').waitFor();
  const { card, switches } = await bar(mira, 'Rosa').evaluate((at) => ({ card: at.getBoundingClientRect().toJSON(), switches: at.querySelector('[data-held-switches]').getBoundingClientRect().toJSON() }));
  assert.ok(switches.width > 0 && switches.top >= card.top && switches.bottom <= card.bottom, 'its switches cover nothing beside the bar');
  // For some seconds the bar lies over the page's own controls, which axe then finds too small to be hit.
  await app.accessible(mira, '#held');
  await app.fits(mira);
  await answered;
});

