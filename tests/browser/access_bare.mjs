// States that the demo's data cannot show: a desk on which nothing has happened yet, one that lacks a key or a mail server,
// and candidates who cannot be invited.

import { setTimeout as wait } from 'node:timers/promises';
import { place, sandbox } from './access_hands.mjs';

/** The lists, each empty in its own words. */
export const empty = ['/', '/orders', '/customers', '/packages', '/reasons', '/inbox', '/outbox', '/mail', '/reconciler', '/unassigned', '/find', '/settings', '/settings/invitations'];

/** What `serve` is started with, so that Kombo's key and the mail server are missing. */
export const withoutMeans = { ASSESSDESK_KOMBO_API_KEY: undefined, ASSESSDESK_KOMBO_WEBHOOK_SECRET: undefined };

const button = (page, name) => page.getByRole('button', { name }).click();

/** A package, with a start address or without; a customer who invites; its ATS, which offers both. */
async function onboard({ page, go, app }) {
  for (const [key, start] of [['logic', 'https://tests.assessdesk.example/logic'], ['talk', '']]) {
    await go('/packages/new');
    await page.getByLabel('Key', { exact: true }).fill(key);
    await page.getByLabel('Name', { exact: true }).fill(`Test of ${key}`);
    await page.getByLabel('Start address (optional)').fill(start);
    await button(page, 'Create package');
    await page.waitForURL(/\/packages$/);
  }
  await go('/customers/new');
  await page.getByLabel('Name', { exact: true }).fill('Halden Logistics');
  await page.getByLabel("Contact's e-mail").fill('people@halden.example');
  await page.getByLabel('Id for Kombo').fill('halden');
  await page.getByLabel('Candidates are invited from here').check();
  await button(page, 'Create customer');
  await page.getByRole('button', { name: 'Make a link' }).waitFor();
  await sandbox(app, '/control/integrations', { tool: 'lever', organization_name: 'Halden Logistics', origin_id: 'halden' });
  await page.reload();
  return page.url();
}

/** The order of this candidate on the desk, once it is there. */
async function open({ page, go, app }, first) {
  const found = page.locator('tbody [data-open]', { hasText: first });
  await go(`/orders?q=${first}`);
  await found.waitFor();
  await go(await found.getAttribute('href'));
}

/** The address of the report that the ATS has of this order, once it was told that the candidate started. */
async function reportInAts(app, order) {
  for (const end = Date.now() + 20_000; Date.now() < end; await wait(100)) {
    const { results } = await sandbox(app, `/control/orders/${order}`);
    if (results.length) return results[0].body.result_url;
  }
  throw new Error('the ATS was never told that the candidate started');
}

/** Goes on loading the page until `locator` is there. */
async function until(page, locator) {
  for (let tries = 0; tries < 100; tries += 1) {
    if (await locator.waitFor({ timeout: 300 }).then(() => true, () => false)) return;
    await page.reload();
  }
  await locator.waitFor();
}

export const bareScenes = {
  async 'a customer, first steps'(at) {
    const { page, go, look, app } = at;
    await go('/customers/new');
    const customer = await onboard(at);
    await look('/customers/{id}', 'no link was made yet');
    await button(page, 'Make a link');
    await page.locator('#link').waitFor();
    await look('/customers/{id}/links/{link}', 'ready to be sent');
    await page.goto(customer);
    await look('/customers/{id}', 'the connection link');
    await page.locator('a[href^="/integrations/"]').first().click();
    await page.waitForURL(/\/integrations\//);
    await look('/integrations/{id}', 'nothing is offered yet');
    const integration = new URL(page.url()).pathname;
    await go(`${integration}/publish`);
    await look('/integrations/{id}/publish', 'an empty list');
    await go(integration);
    for (const tick of await page.locator('#add input[type=checkbox]').all()) await tick.check();
    await button(page, 'Add the ticked ones');
    await page.getByRole('link', { name: 'Review and publish' }).first().click();
    await look('/integrations/{id}/publish', 'the first publication');
    await button(page, /^Publish to/);
    await page.waitForURL(/\/integrations\/[0-9a-f-]{36}/);
    await button(page, 'Switch on');
    await page.getByRole('button', { name: 'Switch off' }).waitFor();
    await look('/integrations/{id}', 'the first publication is on its way');
    await page.goto(customer);
    await button(page, 'Archive');
    await page.getByRole('button', { name: 'Bring it back' }).waitFor();
    await look('/customers/{id}', 'archived');
    await button(page, 'Bring it back');
    await page.getByRole('button', { name: 'Archive' }).waitFor();
    await go(`${new URL(customer).pathname}/invitation`);
    await page.locator('[name=subject]').fill('Your test with {customer}');
    await page.locator('form#words [value=save]').click();
    await page.getByText('This customer’s candidates get these words.').waitFor();
    await look('/customers/{id}/invitation', 'words of its own');
  },

  async 'candidates who cannot be invited'(at) {
    const { page, go, look, app } = at;
    await place(app, 'Halden Logistics', 'talk', { first_name: 'Startless' });
    await open(at, 'Startless');
    await page.getByText('no start address').first().waitFor();
    await look('/orders/{id}', 'not invited: the package leads nowhere');
    await place(app, 'Halden Logistics', 'logic', { first_name: 'Addressless', email: 'none' });
    await open(at, 'Addressless');
    await page.getByText('missing or cannot be one').first().waitFor();
    await look('/orders/{id}', 'not invited: no address');
    await page.locator('#address-email').fill('still none');
    await page.locator('#address form').evaluate((form) => { form.noValidate = true; });
    await page.locator('#address form button').click();
    await page.locator('#address-error').waitFor();
    await look('/orders/{id}', 'the address, refused');
    for (const [first, email, said] of [['Refused', 'refused@candidate.example', 'refused the candidate'], ['Failing', 'failing@candidate.example', 'could not be sent']]) {
      await place(app, 'Halden Logistics', 'logic', { first_name: first, email });
      await open(at, first);
      await until(page, page.getByText(said).first());
      await look('/orders/{id}', `not invited: ${first === 'Refused' ? 'the mail server refused' : 'tried too often'}`);
    }
    const order = await place(app, 'Halden Logistics', 'logic', { first_name: 'Taken' });
    await open(at, 'Taken');
    await until(page, page.locator('.stage.invited').first());
    await look('/orders/{id}', 'invited by mail');
    const start = (await page.locator('#start').innerText()).trim();
    await go('/mail?state=given_up');
    await look('/mail', 'mails that failed');
    await page.locator('tbody a[href^="/mail/"]').first().click();
    await page.getByRole('heading', { name: 'How it stands' }).waitFor();
    await look('/mail/{id}', 'given up');
    await go('/outbox');
    await page.locator('tbody tr', { hasText: /given up/i }).first().locator('a').first().click();
    await page.getByRole('heading', { name: 'Attempts' }).waitFor();
    await look('/outbox/{id}', 'given up after several attempts');
    const candidate = await app.page({ size: 'laptop' });
    await candidate.goto(start);
    await look('/start/{token}', 'before the start, with all that is known', candidate);
    await candidate.route('https://tests.assessdesk.example/**', (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html><html lang="en"><title>Assessment</title><h1>Question 1</h1></html>' }));
    await candidate.getByRole('button', { name: 'Start' }).click();
    await candidate.getByRole('heading', { name: 'Question 1' }).waitFor();
    await candidate.goto(await reportInAts(app, order));
    await look('/r/{token}', 'in progress', candidate);
    await candidate.context().close();
    await place(app, 'Halden Logistics', 'no-such-package', { first_name: 'Unknown' });
    await open(at, 'Unknown');
    await look('/orders/{id}', 'the package is not one that was offered');
  },
};
