// A change of the catalogue reaches fifty customers at once: what changes is shown, five fail, and they are tried again.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { desk } from './support.mjs';

const CUSTOMERS = 50;
const FAILING = 5;

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

/** The sandbox's control interface. */
async function sandbox(app, path, body, method = 'POST') {
  const answer = await fetch(`${app.sandboxUrl}/control${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  assert.ok(answer.ok, `${path}: ${answer.status}`);
}

const settings = {
  contact_email: 'people@customer.example', take_orders: 'accept', unknown_package: 'take', withdrawn_package: 'serve',
  due_hours: '48', hold_seconds: '8', hold_else: 'accept', hold_message: '', candidate_language: 'en',
};

/** Customers with one ATS each that offers `package`, by their names. */
async function customers(app, page, count, packageId) {
  for (let number = 1; number <= count; number++) {
    const name = `House ${String(number).padStart(2, '0')}`;
    const origin = `house-${number}`;
    const customer = await post(page, [{ path: '/customers', fields: { ...settings, name, origin_id: origin } }]);
    await sandbox(app, '/integrations', { tool: 'greenhouse', origin_id: origin, organization_name: name });
    const integration = await page.evaluate(async (path) => {
      for (let tries = 0; tries < 200; tries++) {
        const found = /\/integrations\/[0-9a-f-]{36}/.exec(await (await fetch(path)).text());
        if (found) return found[0];
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
      throw new Error(`${path} has no integration`);
    }, customer);
    await post(page, [{ path: `${integration}/offer`, fields: { do: 'add', version: '1', package: packageId } }]);
  }
}

/** The package `key`; gives its id. */
async function newPackage(page, key, name) {
  await post(page, [{ path: '/packages', fields: { key, name, type: 'SKILLS_TEST', max_score: '', duration: '', start_url: '', description: '' } }]);
  const list = await page.evaluate(async () => (await fetch('/packages')).text());
  return /\/packages\/([0-9a-f-]{36})/.exec(list)[1];
}

test('a change of the catalogue reaches fifty customers, and five of them fail', async (t) => {
  const app = await desk(t, 'empty', { ASSESSDESK_RECONCILE_EVERY: '1h' });
  const page = await app.signedIn();
  const id = await newPackage(page, 'logic', 'Logic');
  await customers(app, page, CUSTOMERS, id);

  await page.goto(`${app.url}/customers`);
  await page.getByRole('link', { name: `${CUSTOMERS} offers to publish` }).click();
  assert.equal(await page.locator('input[name=pick]:checked').count(), CUSTOMERS);
  await page.getByRole('button', { name: 'Publish to the ticked ones' }).click();
  await page.waitForURL(/\/rollouts\//);
  await page.getByText(`${CUSTOMERS} of ${CUSTOMERS} published`).waitFor({ timeout: 30_000 });

  await page.goto(`${app.url}/packages/${id}`);
  await page.getByLabel('Name', { exact: true }).fill('Logic, the short form');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('link', { name: `${CUSTOMERS} offers with it to publish` }).click();
  // The same change is told once, with everybody whom it reaches.
  assert.deepEqual(await page.locator('.offer-change ins').allInnerTexts(), ['Logic, the short form']);
  await page.getByRole('heading', { name: `1 changed in ${CUSTOMERS} ATSs` }).waitFor();
  const ticked = () => page.locator('input[name=pick]:checked').count();
  const all = page.getByRole('button', { name: 'All or none' });
  assert.equal(await ticked(), CUSTOMERS);
  await all.click();
  assert.equal(await ticked(), 0);
  await all.click();
  assert.equal(await ticked(), CUSTOMERS);
  await app.shot(page, 'unpublished');
  await app.accessible(page);
  await app.fits(page);

  await sandbox(app, '/mischief', { calls: [{ kind: 'refused', call: 'put_packages', left: FAILING }], webhooks: [] }, 'PUT');
  await page.getByRole('button', { name: 'Publish to the ticked ones' }).click();
  await page.waitForURL(/\/rollouts\//);
  // Nobody loads the page again: it follows by itself.
  await page.getByText(`${CUSTOMERS - FAILING} of ${CUSTOMERS} published · ${FAILING} given up`).waitFor({ timeout: 30_000 });
  assert.equal(await page.locator('tbody .stage', { hasText: 'Given up' }).count(), FAILING);
  await app.shot(page, 'rollout');
  await app.accessible(page);
  await app.fits(page);

  await page.getByRole('button', { name: `Try the ${FAILING} failed ones again` }).click();
  await page.getByText(`${CUSTOMERS} of ${CUSTOMERS} published`, { exact: true }).waitFor({ timeout: 30_000 });
  await page.locator('tbody a').first().click();
  await page.getByRole('link', { name: 'Compare with Kombo now' }).click();
  await page.getByText('No difference').waitFor();
  await page.goto(`${app.url}/publish`);
  await page.getByText('Everything is published').waitFor();
  await app.shot(page, 'all-published');
});

test('many are published to without JavaScript, and an earlier list is brought back', async (t) => {
  const app = await desk(t, 'empty', { ASSESSDESK_RECONCILE_EVERY: '1h' });
  app.allow(/422/);
  const helper = await app.signedIn();
  const logic = await newPackage(helper, 'logic', 'Logic');
  await customers(app, helper, 2, logic);
  const page = await app.signedIn({ script: false });

  await page.goto(`${app.url}/publish`);
  await page.getByRole('checkbox', { name: /House 02/ }).uncheck();
  await page.getByRole('button', { name: 'Publish to the ticked ones' }).click();
  await page.waitForURL(/\/rollouts\//);
  const until = async (text) => {
    for (let tries = 0; tries < 100 && !(await page.getByText(text).count()); tries++) await page.reload();
    await page.getByText(text).first().waitFor();
  };
  await until('1 of 1 published');

  await page.locator('tbody a').first().click();
  const integration = page.url();
  await page.getByRole('button', { name: /^Remove Logic/ }).click();
  const video = await post(helper, [{ path: '/packages', fields: { key: 'video', name: 'Video', type: 'VIDEO_INTERVIEW', max_score: '', duration: '', start_url: '', description: '' } }]);
  assert.equal(video, '/packages');
  await page.goto(integration);
  await page.locator('#add').getByLabel(/^Video/).check();
  await page.getByRole('button', { name: 'Add the ticked ones' }).click();
  await page.goto(`${app.url}/publish`);
  await page.getByRole('button', { name: 'Publish to the ticked ones' }).click();
  await page.getByText('Say why packages are removed').waitFor();
  assert.equal(await page.locator('input[name=pick]:checked').count(), 2);
  await page.getByLabel('Why are packages removed?').fill('They asked for it');
  await page.getByRole('button', { name: 'Publish to the ticked ones' }).click();
  await until('2 of 2 published');

  await page.goto(integration);
  await page.getByRole('link', { name: 'No. 1', exact: true }).click();
  await page.getByRole('link', { name: /Bring this list back/ }).click();
  await page.getByText('What comes back').waitFor();
  await app.shot(page, 'bring-back');
  await page.getByLabel('Why are packages removed?').fill('It was a mistake');
  await page.getByRole('button', { name: /^Publish to/ }).click();
  await page.waitForURL(integration);
  await until('No. 3, confirmed by Kombo');
  await page.goto(`${integration}/compare`);
  await page.getByText('just as publication No. 3 has them').waitFor();
});
