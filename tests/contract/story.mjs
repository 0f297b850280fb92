// A short story with every kind of word that passes between this program and Kombo: a customer connects its ATS, packages
// are published, orders come, are accepted, rejected, answered and cancelled, things go wrong and are put right. Two
// recorders keep it all: one stands between the program and the practice Kombo, one between Kombo and the program.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { command, freePort, ready } from '../browser/support.mjs';
import { Visitor } from './forms.mjs';
import { apiKey, folder, program, recorder, sandbox, until, webhookSecret } from './support.mjs';

/** The desk with one admin, and what it said to Kombo and heard from it. */
async function opened(t) {
  const dir = folder();
  const url = `http://127.0.0.1:${await freePort()}`;
  const heard = await recorder(t, () => url);
  const kombo = await sandbox(t, `${heard.url}/webhooks/kombo`);
  const said = await recorder(t, () => kombo.url);
  const env = {
    ASSESSDESK_LISTEN: new URL(url).host,
    ASSESSDESK_BASE_URL: url,
    ASSESSDESK_DATABASE_URL: `sqlite://${join(dir, 'desk.db')}`,
    ASSESSDESK_DATA_DIR: join(dir, 'data'),
    ASSESSDESK_SECRET_KEY: randomBytes(32).toString('base64'),
    ASSESSDESK_KOMBO_API_URL: `${said.url}/v1`,
    ASSESSDESK_KOMBO_API_KEY: apiKey,
    ASSESSDESK_KOMBO_WEBHOOK_SECRET: webhookSecret,
    ASSESSDESK_RELEASE_DELAY: '0s',
    ASSESSDESK_RECONCILE_EVERY: '2s',
    ASSESSDESK_RETRY_WAITS: '1s,1s,1s',
  };
  await ready(`${url}/readyz`, program(t, ['serve'], env, dir));
  const staff = new Visitor(url);
  const link = /\/welcome\/\S+/.exec(await command(['staff', 'add', 'ada@example.com', '--role', 'admin'], env, dir))[0];
  const password = `${randomBytes(9).toString('base64url')} is long enough`;
  await staff.fill(link, link, { password, again: password });
  return { kombo, staff, heard: heard.kept, said: said.kept, doctor: () => command(['doctor'], env, dir) };
}

/** A customer whose ATS is connected through a link that Kombo made; gives Kombo's id and the desk's path of it. */
async function onboarded({ kombo, staff }, name, tool, { fails = false, embedded = false, settings } = {}) {
  const customer = await staff.fill('/customers/new', '/customers', { name, contact_email: 'it@customer.example', ...settings });
  await staff.fill(customer, `${customer}/links`, { tool, language: 'de', how: embedded ? 'page' : 'mail' });
  const ours = new URL(/id="link"[^>]*>\s*([^\s<]+)/.exec(await staff.page(customer))[1]);
  const led = await fetch(ours, { method: 'POST' });
  const link = new URL(embedded ? /id="go" href="([^"]+)"/.exec(await led.text())[1] : /url=(\S+)/.exec(led.headers.get('refresh'))[1]);
  const guest = new Visitor(kombo.url);
  if (fails) await guest.fill(link.pathname, link.pathname, { tool, outcome: 'fail' });
  await guest.fill(link.pathname, link.pathname, { tool, outcome: 'connect' });
  // Kombo's window tells the page that it stands in.
  if (embedded) await fetch(`${ours}/done`, { method: 'POST', body: new URLSearchParams({ activation_token: link.pathname.split('/').at(-1) }) });
  const path = await until(async () => /\/integrations\/[0-9a-f-]{36}/.exec(await staff.page(customer))?.[0], 'the integration appears');
  const all = await kombo.control('GET', 'integrations');
  return { id: all.find((one) => one.organization_name === name).id, path };
}

/** Publishes these packages to an integration, and waits until Kombo has them. */
async function published({ kombo, staff }, { id, path }, keys) {
  const page = await staff.page(path);
  const ids = keys.map((key) => new RegExp(`name="package" value="([0-9a-f-]{36})"[^>]*>(?:(?!name="package")[\\s\\S])*?<span class="mono">${key}<`).exec(page)[1]);
  await staff.fill(path, `${path}/offer`, { do: 'add', package: ids });
  await staff.fill(`${path}/publish`, `${path}/publish`);
  const { assessment } = kombo.sdk(id);
  await until(async () => (await assessment.getPackages()).data.packages.length === keys.length, 'Kombo has the packages');
}

/** An order that came by webhook; gives Kombo's id and the desk's path of it. */
async function ordered({ kombo, staff }, integration, first_name, more = {}) {
  const candidate = { remote_id: 'cand-1', email: `${first_name}@mail.example`.toLowerCase(), first_name, last_name: 'Abel', phone: null };
  const placed = await kombo.control('POST', 'orders', { integration, package: 'reading', candidate, ...more });
  const path = /\/orders\/[0-9a-f-]{36}/.exec(await staff.page(`/orders?q=${first_name}`))?.[0];
  return { id: placed.order.id, path, answer: placed.webhook };
}

const ended = ({ kombo }, { id }, status) =>
  until(async () => (await kombo.control('GET', `orders/${id}`)).order.status === status, `Kombo has ${status}`);

/** A part of a result, and a text of it, as rows of the form. */
const rows = {
  row_kind: ['part', 'text', 'part'], row_label: ['Grammar', 'Level', 'Dictation'], row_value: ['', 'As asked for – “B2”', ''],
  row_score: ['41', '', '0'], row_max: ['45', '', '1'], row_id: ['', '', ''], row_status: ['COMPLETED', '', 'CANCELLED'],
};

/** Tells the story; gives what was said and heard, each a call with its answer. */
export async function told(t) {
  const desk = await opened(t);
  const { kombo, staff } = desk;
  await desk.doctor();
  for (const [key, type] of [['reading', 'SKILLS_TEST'], ['attitude', 'BEHAVIORAL'], ['interview', 'VIDEO_INTERVIEW'], ['record', 'BACKGROUND_CHECK'], ['referees', 'REFERENCE_CHECK']]) {
    await staff.fill('/packages/new', '/packages', { key, name: `Package ${key}`, type, description: key === 'reading' ? 'Forty minutes.' : '', max_score: '100' });
  }
  const strict = { take_orders: 'later', unknown_package: 'reject', unknown_message: 'We do not offer this one. Nous ne l’offrons pas.' };
  const halden = await onboarded(desk, 'Halden', 'lever', { fails: true, settings: strict });
  const lindt = await onboarded(desk, 'Lindt & Söhne', 'smartrecruiters', { settings: { take_orders: 'accept', unknown_package: 'take' } });
  await published(desk, halden, ['reading', 'attitude', 'interview', 'record', 'referees']);
  await published(desk, lindt, ['reading']);
  await staff.page(`${halden.path}/compare`);
  await staff.fill(lindt.path, `${lindt.path}/look-up`);

  const full = await ordered(desk, halden.id, 'Quirin');
  await staff.fill(full.path, `${full.path}/accept`);
  const file = new File(['%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n'], 'Report of Q. Abel.pdf', { type: 'application/pdf' });
  const sheet = new File(['part,score\nGrammar,41\n'], 'scores.csv', { type: 'text/csv' });
  await staff.fill(`${full.path}/result`, `${full.path}/result`, {
    ...rows, score: '87.5', max_score: '100', summary: 'Reads well.\nWrites better.', completed_at: '2026-01-02T10:30', files: [file, sheet], do: 'release',
  });
  await ended(desk, full, 'COMPLETED');

  // What is written while the line breaks is read back by its id before anything is sent again.
  const broken = await ordered(desk, lindt.id, 'Bruno');
  await kombo.control('PUT', 'mischief', { calls: [{ kind: 'applied_then_broken', call: 'result', left: 1 }] });
  await staff.fill(`${broken.path}/result`, `${broken.path}/result`, { score: '0', max_score: '', result_url: 'https://results.example/view?id=1&lang=de', do: 'release' });
  await ended(desk, broken, 'COMPLETED');
  await until(() => desk.said.some((call) => call.path.includes(`ids=${broken.id}`)), 'the order is read back');

  const cancelled = await ordered(desk, lindt.id, 'Cornelia');
  await staff.fill(cancelled.path, `${cancelled.path}/cancel`, { reason: 'The candidate has withdrawn.' });
  await ended(desk, cancelled, 'CANCELLED');

  const rejected = await ordered(desk, halden.id, 'Rejecta', { package: 'never-offered' });
  assert.equal(rejected.answer.http_status, 422);
  await ended(desk, rejected, 'REJECTED');
  await ordered(desk, lindt.id, 'Inka', { inline: true });
  const nothing = { remote_id: null, name: null, job_code: null, description: null, location: null, hiring_team: [] };
  await ordered(desk, lindt.id, 'Nulla', { application: { remote_id: null }, job: nothing });

  const lost = await ordered(desk, lindt.id, 'Silentia', { webhook: false });
  await until(async () => /\/orders\/[0-9a-f-]{36}/.test(await staff.page('/orders?q=Silentia')), 'the reconciler finds a lost order');
  await kombo.control('POST', `orders/${lost.id}/resend`, {});
  await kombo.control('PUT', `integrations/${lindt.id}/state`, { state: 'INVALID' });
  await kombo.control('PUT', `integrations/${lindt.id}/state`, { state: 'ACTIVE' });
  for (const [type, data] of Object.entries(others(halden.id))) await kombo.control('POST', 'webhooks', { type, data });
  // The window's word is enough where no webhook comes.
  const unheard = ['integration-created', 'integration-state-changed'].map((event) => ({ kind: 'drop', event, left: 1 }));
  await kombo.control('PUT', 'mischief', { webhooks: unheard });
  const moved = await onboarded(desk, 'Ostsee', 'ashby', { embedded: true, settings: { take_orders: 'accept', unknown_package: 'take' } });
  await kombo.control('PUT', `integrations/${moved.id}/state`, { state: 'ACTIVE', setup_status: 'INCOMPLETE' });
  const connection = `${moved.path}/connection`;
  for (const kind of ['reconnect', 'set_up']) await staff.fill(connection, `${moved.path}/link`, { kind });
  await staff.fill(connection, `${moved.path}/switch`, { on: 'on' });
  await staff.fill(connection, `${moved.path}/delete`, { sure: 'on' });
  const stranger = await kombo.integration({ organization_name: 'Nobody yet', webhook: true });
  await kombo.control('DELETE', `integrations/${stranger.id}`);
  return { said: [...desk.said], heard: [...desk.heard] };
}

/** What Kombo also sends, though it does not concern us; the last one only the newest SDK knows. */
const others = (integration_id) => {
  const about = { integration_id, integration_tool: 'lever', integration_category: 'ASSESSMENT' };
  const end_user = { organization_name: 'Halden', creator_email: 'it@customer.example', origin_id: null };
  return {
    'data-changed': { ...about, changed_models: [{ name: 'ats_jobs' }] },
    'sync-finished': {
      ...about, end_user, sync_id: 'B89SCXXho7Yw8PGo8AKJxLn4', sync_state: 'SUCCEEDED', sync_started_at: '2026-09-01T12:00:00.000Z',
      sync_ended_at: '2026-09-01T12:30:00.000Z', sync_duration_seconds: 1800, log_url: 'https://app.kombo.dev/my-prod/logs?interactionId=123456',
    },
    'issue-status-changed': {
      change: 'raised',
      integration: { id: integration_id, tool: 'lever', category: 'ASSESSMENT', end_user },
      issue: {
        id: 'i-1', type: 'integration.authentication_failed', title: 'The credentials no longer work', status: 'OPEN',
        markdown_message: 'Reconnect it.', first_observed_at: '2026-09-01T12:00:00.000Z', resolved_at: null,
      },
    },
  };
};
