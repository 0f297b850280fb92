// Rules from an empty desk: written, tried on the past, put in force, and read at the order that one of them rejected.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { place } from './access_hands.mjs';
import { desk } from './support.mjs';

test('a rule is written, tried, put in force, and explains what it decided', async (t) => {
  const app = await desk(t, 'demo');
  const page = await app.signedIn();
  await page.goto(`${app.url}/customers`);
  await page.getByRole('link', { name: 'Northwind Bank' }).first().click();
  await app.shot(page, 'rules-customer');
  await page.getByRole('link', { name: 'The customer’s rules' }).click();
  await page.getByText('No rules').first().waitFor();
  await app.shot(page, 'rules-empty');

  const write = async (name, fields) => {
    await page.getByRole('link', { name: 'New rule' }).click();
    await page.getByLabel('Name', { exact: true }).fill(name);
    await fields();
    await page.getByRole('button', { name: 'Save in the draft' }).click();
    await page.getByText('Saved in the draft').waitFor();
  };
  await write('Not for interns', async () => {
    await page.getByLabel(/^The job’s name or description/).fill('intern\nworking student');
    await page.getByLabel(/^The job’s country/).fill('Norway\nDE');
    await page.getByRole('radio', { name: 'Reject it' }).check();
    await page.getByLabel('Words for the recruiter', { exact: true }).fill('We do not assess interns. Please write to us if you think that this one needs it.');
    await app.shot(page, 'rules-form');
  });
  await write('Ordered twice', async () => {
    await page.getByLabel('The same candidate was ordered before').selectOption('same');
    await page.getByRole('radio', { name: 'A person decides while the recruiter waits' }).check();
    await page.getByLabel('When nobody decides in time').selectOption('later');
    await app.shot(page, 'rules-form-hold');
  });
  await write('The rest of the skills tests', async () => {
    await page.getByRole('checkbox', { name: 'Skills test' }).check();
    await page.getByRole('radio', { name: 'Accept it', exact: true }).check();
  });
  await app.shot(page, 'rules-draft');
  await app.accessible(page);
  await app.fits(page);
  await page.getByRole('button', { name: 'Begin a dry run' }).click();
  // Nobody loads the page again: it follows by itself.
  await page.getByText('· done').waitFor();
  await app.shot(page, 'rules-dry-run');
  await app.accessible(page);
  await app.fits(page);
  assert.ok(await page.locator('.split td.num').count() > 6);

  await page.getByRole('link', { name: 'Rules', exact: true }).first().click();
  await page.getByLabel('What changes, and why').fill('As agreed with Northwind in November');
  await page.getByRole('button', { name: 'Put in force' }).click();
  await page.getByText('Version 1 is in force').waitFor();
  await app.shot(page, 'rules-in-force');

  const job = { name: 'Intern, accounting', location: { country: 'NO', city: 'Oslo' } };
  const id = await place(app, 'Northwind Bank', await offered(page, app), {}, { job });
  await page.goto(`${app.url}/orders?stage=all&q=${id}`);
  await page.locator('tbody a').first().click();
  await page.getByText('Rejected by a rule').waitFor();
  await app.shot(page, 'rules-order');
  await page.getByRole('link', { name: 'version 1 of this customer’s rules' }).click();
  await page.getByText('As agreed with Northwind').waitFor();
  await app.shot(page, 'rules-version');
  await app.accessible(page);
  await app.fits(page);
});

/** The key of a package that Northwind's ATS offers. */
async function offered(page, app) {
  await page.goto(`${app.url}/customers`);
  await page.getByRole('link', { name: 'Northwind Bank' }).first().click();
  await page.locator('a[href^="/integrations/"]').first().click();
  return page.locator('#offer .mono').first().innerText();
}
