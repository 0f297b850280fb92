// The practice ATS (`/ats` on the sandbox's own port), page by page; and the desk's pages that need a desk of their own,
// because what they show lies over every page of it or costs it something: orders whose answer is held, and the page that
// says that something went wrong on our side.

import assert from 'node:assert/strict';
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { place, sandbox } from './access_hands.mjs';

/** Fjord Energy's orders wait for a person; nobody decides on those of Northwind Bank. */
const [held, usual] = ['Fjord Energy', 'Northwind Bank'];

/** All addresses of the practice ATS that its own pages lead to: none may lead to a page that is not looked at. */
export const linked = new Set();

/** A page of the practice ATS, with its own ways of going and looking. */
async function recruiter({ app, look }) {
  const page = await app.page({ size: 'laptop' });
  return {
    page,
    async go(path, status = 200) {
      assert.equal((await page.goto(app.sandboxUrl + path)).status(), status, path);
    },
    async look(route, state) {
      for (const href of await page.locator('a[href^="/ats"]:not([download])').evaluateAll((all) => all.map((at) => at.getAttribute('href')))) linked.add(href.split('?')[0]);
      await look(route, state, page, true);
    },
  };
}

/** Kombo's id of the integration of this customer. */
const integrationOf = async (app, customer) => (await sandbox(app, '/control/integrations')).find((one) => one.organization_name === customer).id;

/** Asks Kombo for a connection link; gives its path. */
async function link(app, more = {}) {
  const body = JSON.stringify({ end_user_email: 'it@harbour.example', end_user_organization_name: 'Harbour Hotels', integration_category: 'ASSESSMENT', ...more });
  const headers = { 'content-type': 'application/json', authorization: 'Bearer practice-api-key' };
  const answer = await fetch(`${app.sandboxUrl}/v1/connect/create-link`, { method: 'POST', headers, body });
  assert.equal(answer.status, 200, await answer.clone().text());
  return new URL((await answer.json()).data.link).pathname;
}

export const atsScenes = {
  async 'the practice ATS: hiring and connecting'(at) {
    const { page, go, look } = await recruiter(at);
    const fresh = await link(at.app);
    await go('/ats');
    await page.getByText('Connect an ATS that nobody sent a link for').click();
    await look('/ats', 'connected ATSs, a link that waits, and orders');
    await go(fresh);
    await look('/ats/connect/{token}', 'which ATS?');
    await page.getByRole('radio').first().check();
    await page.getByRole('button', { name: 'Type a wrong password' }).click();
    await page.getByText('did not accept the password').waitFor();
    await look('/ats/connect/{token}', 'a wrong password');
    await page.getByRole('radio').first().check();
    await page.getByRole('button', { name: 'Connect', exact: true }).click();
    await page.getByText('published no packages').waitFor();
    await look('/ats/integrations/{id}', 'nothing is offered there yet');
    await go(fresh);
    await look('/ats/connect/{token}', 'used already');
    await go(await link(at.app, { integration_category: 'HRIS' }));
    await look('/ats/connect/{token}', 'not for assessments');
    await go('/ats/nothing-here', 404);
    await look('404', 'no such page of the practice ATS');
    await page.context().close();
  },

  async 'the practice ATS: an integration and its form'(at) {
    const { page, go, look } = await recruiter(at);
    const of = `/ats/integrations/${encodeURIComponent(await integrationOf(at.app, usual))}`;
    await go(of);
    await page.getByText('Disconnect for good').click();
    await look('/ats/integrations/{id}', 'packages and orders');
    await go(`${of}/order`);
    await page.getByText('What the ATS adds').click();
    await look('/ats/integrations/{id}/order', 'the form');
    await page.locator('select[name=package]').selectOption('');
    await page.getByRole('button', { name: 'Order', exact: true }).click();
    await page.getByRole('alert').waitFor();
    await look('/ats/integrations/{id}/order', 'refused');
    await sandbox(at.app, `${of.replace('/ats', '/control')}/packages`, { packages: [] }, 'PUT');
    await go(of);
    await page.getByText('withdrawn').first().click();
    await page.getByRole('button', { name: 'Let the password run out' }).click();
    await page.locator('.status.rejected', { hasText: 'INVALID' }).waitFor();
    await page.getByText('withdrawn').first().click();
    await look('/ats/integrations/{id}', 'INVALID, and all packages are withdrawn');
    await page.context().close();
  },

  async 'the practice ATS: orders'(at) {
    const { page, go, look } = await recruiter(at);
    const orders = (await sandbox(at.app, '/control/orders')).reverse();
    const full = await Promise.all(orders.map(async ({ id }) => ({ id, ...(await sandbox(at.app, `/control/orders/${id}`)) })));
    const attached = (one) => one.results.some(({ body }) => JSON.stringify(body).includes('data_url') || body.attachments?.length);
    for (const [state, is] of [
      ['taken', (one) => one.order.status === 'OPEN' && one.order.answer === 'accepted' && !one.order.inline],
      ['a result with files', (one) => one.order.status === 'COMPLETED' && attached(one)],
      ['a result', (one) => one.order.status === 'COMPLETED' && !attached(one)],
      ['rejected', (one) => one.order.rejection],
      ['cancelled', (one) => one.order.status === 'CANCELLED'],
    ]) {
      const one = full.find(is);
      assert.ok(one, `the demo has no order in the ATS that is ${state}`);
      await go(`/ats/orders/${one.id}`);
      await look('/ats/orders/{id}', state);
    }
    const silent = await place(at.app, usual, 'sql-analyst', { first_name: 'Silent' }, { webhook: false });
    await go(`/ats/orders/${silent}`);
    await look('/ats/orders/{id}', 'no answer yet, for no webhook was sent');
    const inline = await place(at.app, usual, 'sql-analyst', { first_name: 'Inline' }, { inline: true });
    await go(`/ats/orders/${inline}`);
    await look('/ats/orders/{id}', 'inline, as the candidate sees it');
    await page.context().close();
  },

  async 'the practice ATS: traffic and mischief'(at) {
    const { page, go, look } = await recruiter(at);
    await go('/ats/traffic');
    await look('/ats/traffic', 'webhooks and calls');
    await go('/ats/mischief');
    await look('/ats/mischief', 'everything works as it should');
    const [webhooks, calls] = ['webhooks', 'calls'].map((what) => page.locator(`form[action="/ats/mischief/${what}"]`));
    await webhooks.locator('input[value=hang_up]').check();
    await webhooks.locator('select').selectOption('connection-flow-failed');
    await webhooks.getByRole('button', { name: 'Begin' }).click();
    await calls.locator('input[name=left]').fill('many');
    await calls.getByRole('button', { name: 'Begin' }).click();
    await page.getByText('must be a whole number').waitFor();
    await look('409', 'mischief that makes no sense');
    await go('/ats/mischief');
    await look('/ats/mischief', 'mischief in force');
    await sandbox(at.app, '/control/mischief', undefined, 'DELETE');
    await page.context().close();
  },
};

/** Stops the page's clock and all that it fetches by itself, so that it stays as it is for longer than a hold lasts. */
async function still(page) {
  await page.clock.setFixedTime(Date.now());
  await page.route((url) => /^\/(held|rail|orders\/)/.test(url.pathname), (route) => (route.request().headers()['assessdesk-live'] ? route.abort() : route.fallback()));
}

/** Orders at the customer whose orders are held, and does not wait for the answer. */
const hold = (at, first) => place(at.app, held, 'leadership-profile', { first_name: first }, { wait: false });

export const heldScenes = {
  async 'orders whose answer is held'(at) {
    const bar = (page, first) => page.locator('#held section.live', { hasText: first });
    const fresh = async (path, ...names) => {
      const page = await at.as('operator');
      // What was held before goes first, however slow the machine is.
      do await page.goto(at.app.url + path);
      while (await page.locator('#held section.live').count());
      for (const name of names) await hold(at, name);
      for (const name of names) await bar(page, name).waitFor();
      return page;
    };
    for (const [route, ...names] of [['/orders', 'Anja', 'Bela'], ['/', 'Gerd', 'Hanna'], ['/account', 'Ilse', 'Jonas']]) {
      const page = await fresh(route, ...names);
      await still(page);
      await at.look(route, 'two orders wait in the bar', page, true);
      await page.context().close();
    }
    let page = await fresh('/orders', 'Carla', 'Dario');
    await bar(page, 'Carla').getByRole('link', { name: /Carla/ }).click();
    await page.locator('#hold [data-countdown]').waitFor();
    await bar(page, 'Dario').waitFor();
    await still(page);
    await at.look('/orders/{id}', 'its answer is held, and another order waits in the bar', page, true);
    await page.locator('#reject > summary').click();
    await at.look('/orders/{id}', 'its answer is held, the menu reject is open', page);
    await page.context().close();
    page = await fresh('/orders', 'Edda');
    await page.keyboard.press('x');
    await bar(page, 'Edda').getByLabel('Reason').waitFor();
    await still(page);
    await at.look('/orders', 'an order in the bar is about to be rejected', page, true);
    await page.context().close();
    page = await fresh('/orders', 'Frida');
    await page.keyboard.press('x');
    await bar(page, 'Frida').getByLabel('Reason').fill('Not for this role.');
    await page.route('**/held/*/reject*', async (route) => {
      if (route.request().method() !== 'POST') return route.fallback();
      await at.page.goto(at.app.url + (await bar(page, 'Frida').locator('.who a').getAttribute('href')));
      await at.page.getByRole('button', { name: /^Accept/ }).first().click();
      await at.page.locator('#order .stage.accepted').first().waitFor();
      return route.continue();
    });
    // What the page fetches by itself would tell of the other decision before this one is answered.
    await still(page);
    await bar(page, 'Frida').getByLabel('Reason').press('Enter');
    await page.locator('#held [role=alert]').waitFor();
    await at.look('/orders', 'a decision in the bar came too late', page, true);
    await page.context().close();
  },
};

/** Releases a result with a file, and waits until the recruiter has it; gives the addresses of the order and of its report. */
async function released(at) {
  const { page, go } = at;
  await go('/orders?stage=started');
  const order = await page.locator('tbody tr:not(:has(.flag)) [data-open]').last().getAttribute('href');
  await go(`${order}/result`);
  await page.getByLabel('Summary for the recruiter').fill('Solid work.');
  await page.getByLabel('Score', { exact: true }).first().fill('80');
  await page.getByLabel('of at most').fill('100');
  await page.getByRole('button', { name: 'Part with a score' }).click();
  const part = page.locator('form#result .attribute').last();
  await part.locator('[name=row_label]').fill('Routine');
  await part.locator('[name=row_score]:not([type=hidden])').fill('40');
  await part.locator('[name=row_max]').fill('50');
  await page.locator('input[type=file]').setInputFiles({ name: 'a-report-with-a-rather-long-name-that-says-everything.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.4\n%%EOF\n') });
  await page.locator('.files li').waitFor();
  await page.getByRole('button', { name: 'Release' }).first().click();
  await page.locator('#order header .stage.completed').waitFor();
  return { order, report: await page.locator('#report').getAttribute('href') };
}

export const brokenScenes = {
  // The files of results are gone from the disk while the program runs: a fault behind the page, which no visitor can mend.
  async 'something went wrong on our side'(at) {
    const { page, go, look, app } = at;
    const { order, report } = await released(at);
    await go(order);
    const file = await page.locator('.files a').first().getAttribute('href');
    const outsider = await app.page({ size: 'laptop' });
    await outsider.goto(report);
    const own = await outsider.locator('a[href*="/files/"]').first().getAttribute('href');
    const files = join(app.dir, 'data', 'files');
    renameSync(files, `${files}-gone`);
    await go(file, 500);
    await look('500', 'our mistake', page, true);
    assert.equal((await outsider.goto(new URL(own, app.url).href)).status(), 500);
    await look('500', 'our mistake, told to somebody who is not signed in', outsider, true);
    await outsider.context().close();
    renameSync(`${files}-gone`, files);
    await go('/orders');
  },
};
