// The candidate's way: the start page on a phone, with and without JavaScript, and an inline order of the make-believe
// ATS; the staff see that the candidate has started.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { desk } from './support.mjs';

/** The assessment itself, on another origin: it remembers what it was asked. */
async function assessment(t) {
  const asked = [];
  const server = createServer((request, response) => {
    if (request.url.startsWith('/start')) asked.push({ url: request.url, referer: request.headers.referer });
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end('<!doctype html><html lang="en"><title>Assessment</title><link rel="icon" href="data:,"><h1>Question 1</h1>');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  return { asked, url: `http://127.0.0.1:${server.address().port}` };
}

/** Loads the page again until `there` is found on it. */
async function until(page, there, seconds = 30) {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await wait(200)) {
    if (await there().count()) return;
    await page.reload();
  }
  assert.fail(`${page.url()} never showed it:\n${await page.locator('body').innerText()}`);
}

/** A package with a start address, a customer, and its ATS that offers the package. */
async function onboard(page, app, start) {
  await page.goto(`${app.url}/packages/new`);
  await page.getByLabel('Key', { exact: true }).fill('logic-1');
  await page.getByLabel('Name', { exact: true }).fill('Logic & patience');
  await page.getByLabel('Description', { exact: true }).fill('Twelve riddles.');
  await page.getByLabel('Start address (optional)').fill(`${start}/start/{package}?order={order}&name={first_name}`);
  await page.getByLabel('Minutes (optional)').fill('40');
  await page.getByRole('button', { name: 'Create package' }).click();
  await page.waitForURL(/\/packages$/);

  await page.goto(`${app.url}/customers/new`);
  await page.getByLabel('Name', { exact: true }).fill('Halden Logistics');
  await page.getByLabel("Contact's e-mail").fill('people@customer.example');
  await page.getByRole('button', { name: 'Create customer' }).click();
  await page.waitForURL(/\/customers\/[0-9a-f-]{36}/);
  const customer = page.url();
  await page.getByRole('button', { name: 'Make a link' }).click();
  await page.goto((await page.locator('#link').innerText()).trim());
  await page.getByRole('button', { name: 'Go on to connect' }).click();
  await page.locator('input[name=tool][value=lever]').check();
  await page.getByRole('button', { name: 'Connect', exact: true }).click();
  await page.goto(customer);
  await page.locator('a[href^="/integrations/"]').first().click();
  await page.waitForURL(/\/integrations\//);
  await page.getByRole('button', { name: 'Switch on' }).click();
  await page.getByRole('button', { name: 'Switch off' }).waitFor();
  await page.locator('#add').getByLabel('Logic & patience').check();
  await page.getByRole('button', { name: 'Add the ticked ones' }).click();
  await page.getByRole('link', { name: 'Review and publish' }).first().click();
  await page.getByRole('button', { name: /^Publish to/ }).click();
  await page.waitForURL(/\/integrations\//);
}

/** The recruiter (or the career page) orders; gives the order's page in the ATS. */
async function order(page, app, first, inline = false) {
  await page.goto(`${app.sandboxUrl}/ats`);
  await page.locator('.card', { hasText: 'Halden' }).locator('h3 a').first().click();
  await page.getByRole('link', { name: /order/i }).last().click();
  await page.locator('select[name=package]').selectOption({ index: 1 });
  if (inline) await page.locator('input[name=inline][value=true]').check();
  await page.getByLabel('First name').fill(first);
  await page.getByLabel('E-mail', { exact: true }).fill('candidate.browser@mail.example');
  await page.getByRole('button', { name: 'Order', exact: true }).click();
  await page.waitForURL(/\/ats\/orders\//);
  return page.url();
}

async function open(page, app, first) {
  await page.goto(`${app.url}/orders?q=${encodeURIComponent(first)}`);
  await until(page, () => page.locator('tbody a[href^="/orders/"]'));
  const href = await page.locator('tbody a[href^="/orders/"]').first().getAttribute('href');
  await page.goto(`${app.url}${href}`);
}

test('a candidate opens the link and starts, and the staff and the ATS see it', { timeout: 240_000 }, async (t) => {
  const there = await assessment(t);
  const app = await desk(t, 'empty');
  const staff = await app.signedIn();
  await onboard(staff, app, there.url);
  const recruiter = await app.page();

  for (const script of [true, false]) {
    const first = script ? 'Zoë' : 'Ingrid';
    const inAts = await order(recruiter, app, first);
    await open(staff, app, first);
    const link = (await staff.locator('#start').innerText()).trim();
    assert.match(link, /\/start\/[\w-]{40,}$/);

    const candidate = await app.page({ size: 'phone', script });
    await candidate.goto(link);
    for (const said of ['Halden Logistics', 'Logic & patience', 'about 40 minutes', 'people@customer.example']) {
      assert.ok((await candidate.locator('main').innerText()).includes(said), said);
    }
    if (script) {
      for (const colorScheme of ['light', 'dark']) {
        await candidate.emulateMedia({ colorScheme });
        await app.accessible(candidate);
      }
      await app.fits(candidate);
      await app.shot(candidate, 'start');
    }
    await staff.reload();
    assert.equal(await staff.locator('.stage.started').count(), 0, 'opening the link changes nothing');

    const before = there.asked.length;
    await candidate.getByRole('button', { name: 'Start' }).click();
    await candidate.getByRole('heading', { name: 'Question 1' }).waitFor();
    assert.equal(there.asked.length, before + 1);
    const { url, referer } = there.asked.at(-1);
    assert.match(url, new RegExp(`^/start/logic-1\\?order=[0-9a-f-]{36}&name=${encodeURIComponent(first)}$`));
    assert.equal(referer, undefined, 'the link is told to nobody');
    await candidate.goBack();
    await candidate.getByRole('button', { name: 'Go on' }).waitFor();
    assert.deepEqual(await candidate.context().cookies(), []);

    await until(staff, () => staff.locator('.stage.started'));
    await staff.getByText('The candidate started.').waitFor();
    if (script) await app.shot(staff, 'order-started');
    await recruiter.goto(inAts);
    await until(recruiter, () => recruiter.locator('[data-status]', { hasText: 'In progress' }));
    await candidate.context().close();
  }

  const inline = await order(recruiter, app, 'Priya', true);
  await recruiter.goto(inline);
  await recruiter.locator('[data-start]').click();
  await recruiter.getByText('One more step of your application at Halden Logistics').waitFor();
  await recruiter.getByRole('button', { name: 'Start' }).click();
  await recruiter.getByRole('heading', { name: 'Question 1' }).waitFor();
  await open(staff, app, 'Priya');
  await staff.locator('.stage.started').first().waitFor();

  const log = app.log();
  for (const secret of ['Zoë', 'Priya', 'candidate.browser@mail.example']) assert.ok(!log.includes(secret), secret);
  assert.doesNotMatch(log, /\/start\/[\w-]{20,}/);
});
