// Customer success takes a new customer from an empty installation to 'live', against the practice Kombo and without a
// command line: package, customer, link, connection, offer, test order, result, proof. Once with JavaScript, where the
// customer connects in a page of ours, once without, where the link leads to Kombo's page.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { desk } from './support.mjs';

/** Loads the page again until `there` is found on it. */
async function until(page, there, seconds = 30) {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await wait(200)) {
    if (await there().count()) return;
    await page.reload();
  }
  assert.fail(`${page.url()} never showed it:\n${await page.locator('main').innerText()}`);
}

const steps = (page, done) => page.locator(`.proof > ${done ? '.done' : 'li:not(.done)'}`);

for (const script of process.env.SCRIPT ? [process.env.SCRIPT === 'on'] : [true, false]) {
  test(`from nothing to live, ${script ? 'with' : 'without'} JavaScript`, async (t) => {
    const app = await desk(t, 'empty', {
      ASSESSDESK_RELEASE_DELAY: '1s',
      ASSESSDESK_RECONCILE_EVERY: '2s',
      ASSESSDESK_SMTP_URL: 'desk:',
      ASSESSDESK_MAIL_FROM: 'Onboarding at Northlight <onboarding@northlight.example>',
    });
    const staff = await app.signedIn({ script });
    const customer = await app.page({ script });
    const shot = (page, name) => script && app.shot(page, name);

    await staff.goto(`${app.url}/packages/new`);
    await staff.getByLabel('Key', { exact: true }).fill('numerical');
    await staff.getByLabel('Name', { exact: true }).fill('Numerical reasoning');
    await staff.getByLabel('Maximum score (optional)').fill('100');
    await staff.getByRole('button', { name: 'Create package' }).click();
    await staff.waitForURL(/\/packages$/);

    await staff.goto(`${app.url}/customers/new`);
    await staff.getByLabel('Name', { exact: true }).fill('Halden Logistics');
    await staff.getByLabel("Contact's e-mail").fill('ats@halden.example');
    await staff.getByRole('button', { name: 'Create customer' }).click();
    await staff.waitForURL(/\/customers\/[0-9a-f-]{36}/);
    const home = staff.url();
    await staff.getByLabel('ATS (optional)').fill('Greenhouse');
    if (script) await staff.getByRole('radio', { name: 'in a page of ours' }).check();
    await staff.getByRole('button', { name: 'Make a link' }).click();
    await staff.waitForURL(/\/links\/[0-9a-f-]{36}/);
    const ledger = staff.url();
    await shot(staff, 'link');
    await staff.getByRole('button', { name: 'Send this mail' }).click();
    await until(staff, () => staff.getByText('mailed', { exact: false }).locator('visible=true').filter({ hasText: ': mailed' }));
    const link = (await staff.locator('#link').innerText()).trim();

    await customer.goto(link);
    await customer.getByRole('heading', { name: 'Connect Greenhouse' }).waitFor();
    await shot(customer, 'connect');
    if (script) await app.accessible(customer);
    await customer.getByRole('button', { name: 'Go on to connect' }).click();
    if (script) {
      const window = customer.frameLocator('iframe');
      await window.getByRole('button', { name: 'Close' }).click();
      await customer.getByText('The connection was not finished.').waitFor();
      await shot(customer, 'connect-closed');
      await customer.getByRole('link', { name: 'Go on to connect' }).click();
      await window.locator('input[name=tool][value=greenhouse]').check();
      await window.getByRole('button', { name: 'Connect', exact: true }).click();
      await customer.getByRole('heading', { name: 'It is connected' }).waitFor();
      await shot(customer, 'connected');
    } else {
      await customer.waitForURL(/\/ats\/connect\//);
      await customer.locator('input[name=tool][value=greenhouse]').check();
      await customer.getByRole('button', { name: 'Connect', exact: true }).click();
      await customer.waitForURL(/\/ats\/integrations\//);
    }
    await staff.goto(ledger);
    await until(staff, () => staff.getByText('It has done its work'));
    await shot(staff, 'link-used');

    await staff.goto(home);
    await staff.getByRole('link', { name: 'not live yet' }).click();
    await staff.waitForURL(/\/go-live$/);
    const proof = staff.url();
    await until(staff, () => staff.locator('.proof > .next', { hasText: 'Offer published' }));
    await shot(staff, 'go-live-open');
    await staff.getByRole('link', { name: 'Choose and publish packages' }).click();
    await staff.locator('#add').getByLabel('Numerical reasoning').check();
    await staff.getByRole('button', { name: 'Add the ticked ones' }).click();
    await staff.getByRole('link', { name: 'Review and publish' }).first().click();
    await staff.getByRole('button', { name: /^Publish to/ }).click();
    await staff.waitForURL(/\/integrations\/[0-9a-f-]{36}/);
    await staff.goto(proof);
    await until(staff, () => staff.locator('.proof > .next', { hasText: 'Test order received' }));

    const recruiter = await app.page({ script });
    await recruiter.goto(`${app.sandboxUrl}/ats`);
    await recruiter.locator('.card', { hasText: 'Halden Logistics' }).locator('h3 a').first().click();
    await recruiter.getByRole('link', { name: /order/i }).last().click();
    await recruiter.locator('select[name=package]').selectOption({ index: 1 });
    await recruiter.getByRole('button', { name: 'Order', exact: true }).click();
    await recruiter.waitForURL(/\/ats\/orders\//);

    await until(staff, () => staff.getByRole('link', { name: 'Give its result' }));
    await shot(staff, 'go-live-order');
    await staff.getByRole('link', { name: 'Give its result' }).click();
    await staff.getByRole('link', { name: /Enter result/ }).click();
    await staff.getByLabel('Score', { exact: true }).fill('88');
    await staff.getByRole('button', { name: /^Release/ }).first().click();
    await staff.goto(proof);
    await until(staff, () => staff.getByRole('heading', { name: 'Halden Logistics · Greenhouse is live' }));
    assert.equal(await steps(staff, true).count(), 8);
    assert.equal(await steps(staff, false).count(), 0);
    await shot(staff, 'go-live-proven');
    if (script) await app.accessible(staff);
    await staff.goto(home);
    await staff.locator('a', { hasText: /^live$/ }).waitFor();
    assert.equal(await staff.getByText('not live yet').count(), 0);
    await shot(staff, 'customer-live');
    await staff.getByRole('link', { name: 'live', exact: true }).click();
    if (script) {
      await staff.goto(`${home}/links`);
      await shot(staff, 'links');
      await staff.goto(proof.replace('/go-live', '/connection'));
      await shot(staff, 'connection');
      await app.accessible(staff);
    }
  });
}
