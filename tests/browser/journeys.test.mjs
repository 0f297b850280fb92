// The main job, as people do it: customer success connects an ATS and publishes packages, a recruiter orders in the
// make-believe ATS, staff decide and answer, and the recruiter sees what came of it. Once with JavaScript, once without.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { desk } from './support.mjs';

/** A small but real PDF. */
const pdf = Buffer.from(
  '%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n' +
    '3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n',
);
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** What must stand in no log: the candidates' data of this file. */
const personal = ['Quirin', 'Zauberlehrling', 'quirin.zauberlehrling@example.net', '+49 171 5550199'];

/** Loads the page again until `there` is found on it. */
async function until(page, there, seconds = 30) {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await wait(200)) {
    if (await there().count()) return;
    await page.reload();
  }
  assert.fail(`${page.url()} never showed it:\n${await page.locator('main').innerText()}`);
}

/** Creates a customer, connects its ATS through a connection link, and publishes one package. */
async function onboard(page, app, { name, tool, key, later = false }) {
  await page.goto(`${app.url}/packages/new`);
  await page.getByLabel('Key', { exact: true }).fill(key);
  await page.getByLabel('Name', { exact: true }).fill(`Test of ${key}`);
  await page.getByLabel('Description', { exact: true }).fill('Forty minutes.');
  await page.getByLabel('Maximum score (optional)').fill('100');
  await page.getByRole('button', { name: 'Create package' }).click();
  await page.waitForURL(/\/packages/);

  await page.goto(`${app.url}/customers/new`);
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByLabel("Contact's e-mail").fill('success@customer.example');
  if (later) await page.getByLabel('A person decides later').check();
  await page.getByRole('radio', { name: 'Reject it' }).first().check();
  await page.getByLabel('Message to the recruiter').first().fill('We do not offer this one. Please choose from the list.');
  await page.getByRole('button', { name: 'Create customer' }).click();
  await page.waitForURL(/\/customers\/[0-9a-f-]{36}/);
  const customer = page.url();
  await page.getByRole('button', { name: 'Make a link' }).click();
  const link = await page.locator('#link').innerText();

  await page.goto(link.trim());
  await page.getByRole('button', { name: 'Go on to connect' }).click();
  await page.waitForURL(/\/ats\/connect\//);
  await page.locator(`input[name=tool][value=${tool}]`).check();
  await page.getByRole('button', { name: 'Connect', exact: true }).click();
  await page.goto(customer);
  await page.locator('a[href^="/integrations/"]').first().click();
  await page.waitForURL(/\/integrations\//);
  const integration = page.url();
  await page.locator('#add').getByLabel(`Test of ${key}`).check();
  await page.getByRole('button', { name: 'Add the ticked ones' }).click();
  await page.getByRole('link', { name: 'Review and publish' }).first().click();
  await page.getByText(`Test of ${key}`).first().waitFor();
  await page.getByRole('button', { name: /^Publish to/ }).click();
  await page.waitForURL(/\/integrations\//);
  return { customer, integration };
}

/** The recruiter's page of the customer's ATS. */
async function ats(page, app, name) {
  await page.goto(`${app.sandboxUrl}/ats`);
  await page.locator('.card', { hasText: name }).locator('h3 a').first().click();
  await page.waitForURL(/\/ats\/integrations\//);
}

/** The recruiter orders; gives the order's page in the ATS. */
async function order(page, app, name, { key = null, first = 'Quirin' } = {}) {
  await ats(page, app, name);
  await page.getByRole('link', { name: /order/i }).last().click();
  if (key) {
    await page.locator('select[name=package]').selectOption('');
    await page.locator('input[name=other_package]').fill(key);
  } else {
    await page.locator('select[name=package]').selectOption({ index: 1 });
  }
  await page.getByLabel('First name').fill(first);
  await page.getByLabel('Last name').fill('Zauberlehrling');
  await page.getByLabel('E-mail', { exact: true }).fill('quirin.zauberlehrling@example.net');
  await page.getByLabel('Phone').fill('+49 171 5550199');
  await page.getByRole('button', { name: 'Order', exact: true }).click();
  await page.waitForURL(/\/ats\/orders\//);
  return page.url();
}

/** Finds the order on the desk by the candidate's name and opens it. */
async function open(page, app, first) {
  await page.goto(`${app.url}/orders?q=${encodeURIComponent(first)}`);
  await page.locator('tbody a[href^="/orders/"]').first().click();
  await page.waitForURL(/\/orders\/[0-9a-f-]{36}/);
}

for (const script of process.env.SCRIPT ? [process.env.SCRIPT === 'on'] : [true, false]) {
  test(`the main job, ${script ? 'with' : 'without'} JavaScript`, async (t) => {
    const app = await desk(t, 'empty', {
      ASSESSDESK_RELEASE_DELAY: '2s',
      ASSESSDESK_RECONCILE_EVERY: '2s',
      ASSESSDESK_LOG: 'debug,hyper=info,h2=info,sqlx=info',
    });
    app.allow(/422/);
    const staff = await app.signedIn({ script });
    const recruiter = await app.page({ script });
    // Each step stands on the ones before it.
    let broken = false;
    const step = (name, body) =>
      t.test(name, async (step) => {
        if (broken) return step.skip('an earlier step failed');
        broken = true;
        try {
          await body();
        } catch (error) {
          await staff.reload();
          step.diagnostic(`the desk showed ${staff.url()}:\n${await staff.locator('body').innerText()}`);
          throw error;
        }
        broken = false;
      });
    const at = { name: 'Halden Logistics', tool: 'greenhouse', key: 'driving-test', later: true };

    await step('publish → the ATS offers it', async () => {
      await onboard(staff, app, at);
      await ats(recruiter, app, at.name);
      await until(recruiter, () => recruiter.getByRole('heading', { name: 'Test of driving-test' }));
    });

    await step('order → accept → result with score, attributes and a PDF → release → the ATS shows it all', async () => {
      const there = await order(recruiter, app, at.name);
      await open(staff, app, 'Quirin');
      await staff.getByRole('button', { name: /^Accept/ }).click();
      await staff.getByRole('link', { name: /Enter result/ }).click();
      await staff.getByLabel('Score', { exact: true }).fill('87.5');
      await staff.getByRole('button', { name: 'Part with a score' }).click();
      const rows = () => staff.locator('form#result .attribute');
      await rows().nth(0).locator('[name=row_label]').fill('Parking');
      await rows().nth(0).locator('[name=row_score]').fill('41');
      await rows().nth(0).locator('[name=row_max]').fill('45');
      await staff.getByRole('button', { name: 'Text', exact: true }).click();
      await rows().nth(1).locator('[name=row_label]').fill('Level');
      await rows().nth(1).locator('[name=row_value]').fill('As asked for');
      await staff.locator('input[type=file]').setInputFiles({ name: 'report.pdf', mimeType: 'application/pdf', buffer: pdf });
      await staff.getByRole('button', { name: 'Release' }).first().click();
      await staff.waitForURL(/\/orders\/[0-9a-f-]{36}$/);
      await staff.getByRole('button', { name: /Undo/ }).waitFor();

      await recruiter.goto(there);
      await until(recruiter, () => recruiter.locator('[data-result]'));
      assert.equal(await recruiter.locator('[data-status]').getAttribute('data-status'), 'COMPLETED');
      const shown = await recruiter.locator('[data-result]').innerText();
      for (const said of ['87.5', 'of 100', 'Parking', '41 of 45', 'Level', 'As asked for', 'report.pdf']) {
        assert.ok(shown.includes(said), `the ATS does not show ‘${said}’:\n${shown}`);
      }
      assert.equal(await recruiter.locator('[data-attachment]').getAttribute('data-attachment'), sha256(pdf));

      await until(staff, () => staff.locator('.stage.completed'));
      await recruiter.locator('[data-report]').click();
      await recruiter.getByText('87.5').first().waitFor();
      const [download] = await Promise.all([
        recruiter.waitForEvent('download'),
        recruiter.getByRole('link', { name: /report\.pdf/ }).click(),
      ]);
      const { readFileSync } = await import('node:fs');
      assert.equal(sha256(readFileSync(await download.path())), sha256(pdf));
    });

    await step('undo takes a result back before it leaves', async () => {
      const there = await order(recruiter, app, at.name, { first: 'Undine' });
      await open(staff, app, 'Undine');
      await staff.getByRole('button', { name: /^Accept/ }).click();
      await staff.getByRole('link', { name: /Enter result/ }).click();
      await staff.getByLabel('Score', { exact: true }).fill('12');
      await staff.getByRole('button', { name: 'Release' }).first().click();
      await staff.getByRole('button', { name: /Undo/ }).click();
      await staff.getByRole('link', { name: /Go on with the result/ }).waitFor();
      await recruiter.goto(there);
      assert.equal(await recruiter.locator('[data-status]').getAttribute('data-status'), 'OPEN');
      assert.equal(await recruiter.locator('[data-result]').count(), 0);
    });

    await step('cancel → the ATS shows the reason', async () => {
      const there = await order(recruiter, app, at.name, { first: 'Cornelia' });
      await open(staff, app, 'Cornelia');
      await staff.getByText('Cancel order…').click();
      await staff.getByLabel('Reason').fill('The candidate has withdrawn.');
      await staff.getByRole('button', { name: 'Cancel the order' }).click();
      await recruiter.goto(there);
      await until(recruiter, () => recruiter.locator('[data-result]'));
      assert.equal(await recruiter.locator('[data-status]').getAttribute('data-status'), 'CANCELLED');
      assert.match(await recruiter.locator('[data-result]').innerText(), /The candidate has withdrawn\./);
    });

    await step('an unknown package is rejected → the recruiter reads the message', async () => {
      await order(recruiter, app, at.name, { key: 'no-such-package', first: 'Rejecta' });
      const said = await recruiter.locator('[data-rejection]').innerText();
      assert.match(said, /We do not offer this one\. Please choose from the list\./);
      await open(staff, app, 'Rejecta');
      await staff.locator('.stage.rejected').first().waitFor();
    });

    await step('a cancellation in the ATS is found by the reconciler', async () => {
      const there = await order(recruiter, app, at.name, { first: 'Silentia' });
      await recruiter.getByRole('button', { name: 'Cancel it here' }).click();
      await recruiter.goto(there);
      await open(staff, app, 'Silentia');
      await until(staff, () => staff.locator('.stage.cancelled'));
    });

    await step('every page of the desk opens and says no untruth on the console', async () => {
      for (const path of ['/', '/orders', '/customers', '/packages', '/unassigned', '/inbox', '/outbox', '/reconciler', '/staff', '/audit', '/settings', '/account']) {
        const answer = await staff.goto(`${app.url}${path}`);
        assert.equal(answer.status(), 200, path);
        await app.fits(staff);
      }
      for (const [list, row] of [['/inbox', '/inbox/'], ['/outbox', '/outbox/']]) {
        await staff.goto(`${app.url}${list}`);
        await staff.locator(`a[href^="${row}"]`).first().click();
        await staff.waitForURL(new RegExp(`${row}[0-9a-f-]{36}`));
      }
    });

    await step('the logs hold no name, address, phone, token or secret', async () => {
      const log = app.log();
      assert.ok(log.length > 1_000, 'there is a log to look at');
      const tokens = [...new Set([...(await staff.content()).matchAll(/\/r\/([\w-]{20,})/g)].map((found) => found[1]))];
      const secrets = [app.env.ASSESSDESK_SECRET_KEY, app.env.ASSESSDESK_KOMBO_API_KEY, app.env.ASSESSDESK_KOMBO_WEBHOOK_SECRET];
      const names = ['Undine', 'Cornelia', 'Rejecta', 'Silentia', 'success@customer.example', 'admin@example.com'];
      for (const secret of [...personal, ...names, ...secrets, ...tokens]) {
        assert.ok(!log.includes(secret), `the log holds ‘${secret.slice(0, 12)}…’: ${log.split('\n').find((line) => line.includes(secret))}`);
      }
      assert.doesNotMatch(log, /\/(r|welcome|start|f)\/[\w-]{20,}/, 'the log holds the path of a secret link');
    });
  });
}
