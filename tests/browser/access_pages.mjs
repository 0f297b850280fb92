// Every page of the desk in each of its states: how to get there. `access.test.mjs` looks at each.
//
// A state is { route, state, open }: the route as the program names it, what the page shows, and the way to it. `at` has the
// page, the program, and what `seed` found on the demo's data.

import assert from 'node:assert/strict';

export const id = '[0-9a-f-]{36}';
const stages = ['received', 'accepted', 'invited', 'started', 'in_review', 'closing', 'completed', 'rejected', 'cancelled'];

/** A page that is reached by its address. */
const page = (route, state, path = route, status = 200) => ({ route, state, open: (at) => at.go(typeof path === 'function' ? path(at.seed) : path, status) });

/** Finds one address of everything that has a page of its own. */
export async function seed(page, app) {
  const first = async (path, form) => {
    await page.goto(app.url + path);
    const all = await page.locator('main a[href^="/"]').evaluateAll((links) => links.map((link) => link.getAttribute('href').split('#')[0]));
    return all.find((href) => form.test(href)) ?? null;
  };
  const found = { orders: {} };
  for (const stage of stages) found.orders[stage] = await first(`/orders?stage=${stage}`, new RegExp(`^/orders/${id}$`));
  found.customer = await first('/customers', new RegExp(`^/customers/${id}$`));
  found.integration = await first(found.customer, new RegExp(`^/integrations/${id}$`));
  found.publication = await first(found.integration, new RegExp(`^/integrations/${id}/publications/${id}$`));
  for (const list of ['packages', 'inbox', 'outbox', 'staff', 'reasons', 'mail']) found[list] = await first(`/${list}`, new RegExp(`^/${list}/${id}$`));
  for (const [name, what] of Object.entries({ ...found, ...found.orders })) assert.ok(what, `the demo has no ${name}`);
  return found;
}

/** The pages that are read as they come. */
export const pages = [
  page('/', 'what waits today'),
  page('/orders', 'open orders'),
  page('/orders', 'all orders', '/orders?stage=all'),
  page('/orders', 'filtered by customer and package', (seed) => `/orders?stage=all&customer=${seed.customer.split('/').at(-1)}&sort=due`),
  page('/orders', 'filtered to nothing', '/orders?stage=all&q=zzzzzz'),
  page('/orders', 'what is due first', '/orders?sort=due'),
  page('/orders/choose', 'everybody who may work on orders', '/orders/choose?by=who'),
  page('/orders/choose', 'all packages', '/orders/choose?by=package&stage=all'),
  ...['in_review', 'closing', 'cancelled'].map((stage) => page('/orders', `at the stage ${stage}`, `/orders?stage=${stage}`)),
  ...stages.map((stage) => page('/orders/{id}', `at the stage ${stage}`, (seed) => seed.orders[stage])),
  page('/orders/{id}/result', 'to be entered', (seed) => `${seed.orders.started}/result`),
  page('/orders/{id}/result', 'in review', (seed) => `${seed.orders.in_review}/result`),
  page('/orders/{id}/result', 'over', (seed) => `${seed.orders.completed}/result`),
  page('/unassigned', 'nothing is unassigned'),
  page('/customers', 'the list'),
  page('/customers', 'filtered to nothing', '/customers?q=zzzzzz'),
  page('/customers/new', 'the empty form'),
  page('/customers/{id}', 'one customer', (seed) => seed.customer),
  page('/customers/{id}/invitation', 'the words of the house', (seed) => `${seed.customer}/invitation`),
  page('/customers/{id}/rules', 'no rules yet', (seed) => `${seed.customer}/rules`),
  page('/customers/{id}/rules/new', 'the empty form', (seed) => `${seed.customer}/rules/new`),
  page('/customers/{id}/rules/dry-run', 'none yet', (seed) => `${seed.customer}/rules/dry-run`),
  page('/rules', 'no rules yet'),
  page('/rules/new', 'the empty form'),
  page('/rules/dry-run', 'none yet'),
  page('/integrations/{id}', 'one integration', (seed) => seed.integration),
  page('/customers/{id}/card', 'people and notes', (seed) => `${seed.customer}/card`),
  page('/customers/{id}/links', 'the ledger', (seed) => `${seed.customer}/links`),
  page('/integrations/{id}/connection', 'it works', (seed) => `${seed.integration}/connection`),
  page('/integrations/{id}/go-live', 'what is proven', (seed) => `${seed.integration}/go-live`),
  page('/integrations/{id}/publish', 'nothing to publish', (seed) => `${seed.integration}/publish`),
  page('/integrations/{id}/publish', 'published again', (seed) => `${seed.integration}/publish?again=on`),
  page('/integrations/{id}/compare', 'no difference', (seed) => `${seed.integration}/compare`),
  page('/integrations/{id}/publications/{publication}', 'one publication', (seed) => seed.publication),
  page('/publish', 'everything is published'),
  page('/publish', 'filtered to nothing', '/publish?q=zzzzzz'),
  page('/packages', 'the catalogue'),
  page('/packages', 'filtered to nothing', '/packages?q=zzzzzz'),
  page('/packages', 'retired ones', '/packages?retired=on'),
  page('/packages/new', 'the empty form'),
  page('/packages/{id}', 'one package', (seed) => seed.packages),
  page('/packages/import', 'the empty form'),
  page('/packages/sets', 'no sets yet'),
  page('/packages/sets/new', 'the empty form'),
  page('/reasons', 'the library'),
  page('/reasons', 'filtered to nothing', '/reasons?q=zzzzzz'),
  page('/reasons/new', 'the empty form'),
  page('/reasons/{id}', 'one reason', (seed) => seed.reasons),
  page('/inbox', 'what reached us'),
  page('/inbox', 'filtered to nothing', '/inbox?verdict=failed&type=connection-flow-failed'),
  page('/inbox/{id}', 'one webhook', (seed) => seed.inbox),
  page('/outbox', 'what leaves'),
  page('/outbox', 'filtered to nothing', '/outbox?state=sending'),
  page('/outbox/{id}', 'one delivery', (seed) => seed.outbox),
  page('/mail', 'mails'),
  page('/mail', 'filtered to nothing', '/mail?purpose=test'),
  page('/mail/{id}', 'one mail', (seed) => seed.mail),
  page('/reconciler', 'comparisons'),
  page('/find', 'nothing asked yet'),
  page('/find', 'found', '/find?q=an'),
  page('/find', 'nothing found', '/find?q=zzzzzz'),
  page('/staff', 'the list'),
  page('/staff/new', 'the empty form'),
  page('/staff/{id}', 'one person', (seed) => seed.staff),
  page('/audit', 'the trail'),
  page('/audit', 'filtered to nothing', '/audit?day=1999-01-01'),
  page('/settings', 'settings'),
  ...['en', 'de', 'fr', 'it', 'es'].map((language) => page('/settings/invitations', `the words, ${language}`, `/settings/invitations?language=${language}`)),
  page('/account', 'one’s own account'),
  page('404', 'no such page', '/nothing-here', 404),
  page('404', 'no such order', '/orders/01a20bc2-2190-7542-af85-88e0dab2dd8b', 404),
];

/** The routes that answer no page of their own, and what they are. */
export const noPages = new Map([
  ['/healthz', 'for machines'],
  ['/readyz', 'for machines'],
  ['/metrics', 'for machines'],
  ['/live', 'the stream of events'],
  ['/rail', 'a part of every page, fetched again'],
  ['/held', 'a part of every page, fetched again'],
  ['/held/{id}/reject', 'a part of the bar of held orders'],
  ['/orders/{id}/result/news', 'a part of the result’s page'],
  ['/orders/{id}/files/{file}', 'a download'],
  ['/integrations/{id}/publications/{publication}/list.csv', 'a download'],
  ['/packages/export.csv', 'a download'],
  ['/packages/export.xlsx', 'a download'],
  ['/packages/import/template.csv', 'a download'],
  ['/r/{token}/files/{file}', 'a download'],
]);
