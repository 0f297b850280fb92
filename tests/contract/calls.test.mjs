// Every call that Kombo's contract knows, made by Kombo's own JavaScript SDK against the practice Kombo. The SDK reads each
// answer with its own models and throws where one does not fit, so a call that returns is a call that was understood.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { KomboAtsErrorCode, KomboGeneralErrorCode, IntegrationTool as Tool } from '@kombo-api/sdk/models';
import * as errors from '@kombo-api/sdk/models/errors';
import { root } from '../browser/support.mjs';
import { sandbox, until } from './support.mjs';

const types = ['BEHAVIORAL', 'VIDEO_INTERVIEW', 'SKILLS_TEST', 'BACKGROUND_CHECK', 'REFERENCE_CHECK'];
const offer = types.map((type, at) => ({ id: `p-${at}`, type, name: `Package ${at}`, description: at ? 'Forty minutes.' : '' }));

/** Runs `call`, which must be refused in the class of error that the SDK has for it; gives that error. */
async function refused(call, kind, code) {
  const error = await call.then(
    () => assert.fail(`it was not refused with ${code}`),
    (thrown) => thrown,
  );
  assert.ok(error instanceof kind, `${error.name}: ${error.message} ${JSON.stringify(error.cause ?? '')}`);
  assert.equal(error.status, 'error');
  assert.equal(error.error.code, code);
  assert.ok(error.error.message.length > 0);
  assert.match(error.error.log_url, /^https:\/\/app\.kombo\.dev\//);
  if (code !== null) assert.ok(error.error.title.length > 0);
  return error;
}
const ats = (call, code) => refused(call, errors.KomboAtsError, code);
const general = (call, code) => refused(call, errors.KomboGeneralError, code);

/** What a person does on the connection page. */
async function connect(link, tool, outcome = 'connect') {
  const answer = await fetch(link, { method: 'POST', body: new URLSearchParams({ tool, outcome }), redirect: 'manual' });
  assert.ok(answer.status < 400, `${link} answered ${answer.status}`);
}
const tokenOf = (link) => new URL(link).pathname.split('/').at(-1);

test('the JavaScript SDK understands the practice Kombo', async (t) => {
  const kombo = await sandbox(t);
  const { control } = kombo;
  const anybody = kombo.sdk();
  const customer = { end_user_email: 'it@halden.example', end_user_organization_name: 'Halden', end_user_origin_id: 'c-1', integration_category: 'ASSESSMENT' };

  await t.test('the key is told to be good, or refused', async () => {
    const said = await anybody.general.checkApiKey();
    assert.equal(said.status, 'success');
    assert.ok(said.data.environment_id);
    const error = await general(kombo.sdk(undefined, { api_key: 'another' }).general.checkApiKey(), 'PLATFORM.AUTHENTICATION_INVALID');
    assert.equal(error.statusCode, 401);
  });

  await t.test('connection links are made in every language and of both kinds', async () => {
    for (const language of ['en', 'de', 'fr', 'it', 'es', undefined]) {
      for (const link_type of ['MAGIC_LINK', 'EMBEDDED', undefined]) {
        const { data } = await anybody.connect.createConnectionLink({ ...customer, language, link_type });
        assert.equal(new URL(data.link).origin, kombo.url);
      }
    }
    await general(anybody.connect.createConnectionLink({ ...customer, end_user_organization_name: '' }), 'PLATFORM.INPUT_INVALID');
    await general(anybody.connect.createConnectionLink({ ...customer, end_user_email: 'nobody' }), 'PLATFORM.INPUT_INVALID');
  });

  await t.test('what a link led to is found by its token', async () => {
    const { data } = await anybody.connect.createConnectionLink({ ...customer, integration_tool: 'lever', link_type: 'EMBEDDED' });
    const token = tokenOf(data.link);
    await general(anybody.connect.getIntegrationByToken({ token }), 'PLATFORM.INPUT_INVALID');
    await connect(data.link, 'lever');
    const found = await anybody.connect.getIntegrationByToken({ token });
    assert.match(found.data.id, /^lever:/);
    assert.deepEqual({ ...found.data, id: '' }, {
      id: '', tool: 'lever', end_user_origin_id: 'c-1', end_user_organization_name: 'Halden', end_user_email: 'it@halden.example', setup_status: 'COMPLETED',
    });
  });

  await t.test('an integration is described in every state', async () => {
    const { id } = await kombo.integration({ tool: 'workday', organization_name: 'Halden', origin_id: 'c-1' });
    for (const state of ['ACTIVE', 'INVALID', 'INACTIVE']) {
      for (const setup_status of ['COMPLETED', 'INCOMPLETE', 'FINAL_SYNC_PENDING']) {
        await control('PUT', `integrations/${id}/state`, { state, setup_status, webhook: false });
        const { data } = await anybody.general.getIntegrationDetails({ integration_id: id });
        assert.deepEqual([data.id, data.status, data.setup_status, data.category, data.tool.id], [id, state, setup_status, 'ASSESSMENT', 'workday']);
        assert.deepEqual(data.end_user, { organization_name: 'Halden', creator_email: null, origin_id: 'c-1' });
      }
    }
    await general(anybody.general.getIntegrationDetails({ integration_id: 'workday:none' }), 'PLATFORM.INTEGRATION_NOT_FOUND');
  });

  await t.test('an integration is switched off and on, reconnected, set up and deleted', async () => {
    const { id } = await kombo.integration({ setup_status: 'INCOMPLETE' });
    const about = { integration_id: id };
    const state = async () => (await anybody.general.getIntegrationDetails(about)).data.status;
    for (const [value, after] of [[false, 'INACTIVE'], [true, 'ACTIVE']]) {
      await anybody.general.setIntegrationEnabled({ ...about, body: { value } });
      assert.equal(await state(), after);
    }
    for (const link_type of ['MAGIC_LINK', 'EMBEDDED']) {
      const again = await anybody.general.createReconnectionLink({ ...about, body: { language: 'de', link_type } });
      const setup = await anybody.general.createSetupLink({ ...about, body: { language: 'fr', link_type } });
      assert.ok(tokenOf(again.data.link) && tokenOf(setup.data.link));
    }
    await anybody.general.deleteIntegration({ ...about, body: {} });
    for (const call of [
      () => anybody.general.getIntegrationDetails(about),
      () => anybody.general.setIntegrationEnabled({ ...about, body: { value: true } }),
      () => anybody.general.createReconnectionLink({ ...about, body: {} }),
      () => anybody.general.createSetupLink({ ...about, body: { link_type: 'EMBEDDED' } }),
      () => anybody.general.deleteIntegration({ ...about, body: {} }),
    ]) {
      await general(call(), 'PLATFORM.INTEGRATION_NOT_FOUND');
    }
  });

  await t.test('the ATSs that can be connected are ones that the SDK knows', async () => {
    const { data } = await anybody.general.getTools({ category: 'assessment' });
    assert.ok(data.tools.length > 5);
    const known = new Set(Object.values(Tool));
    assert.deepEqual(data.tools.filter((tool) => !known.has(tool.id)).map((tool) => tool.id), []);
    for (const category of ['ats', 'hris', 'lms']) assert.deepEqual((await anybody.general.getTools({ category })).data.tools, []);
  });

  await t.test('packages of every type are set as a whole list and read back', async () => {
    const { id } = await kombo.integration();
    const sdk = kombo.sdk(id);
    assert.deepEqual((await sdk.assessment.getPackages()).data.packages, []);
    assert.deepEqual((await sdk.assessment.setPackages({ packages: offer })).warnings, []);
    const held = (await sdk.assessment.getPackages()).data.packages;
    assert.ok(held.every((one) => one.updated_at instanceof Date));
    assert.deepEqual(held.map(({ updated_at, ...one }) => one).sort((a, b) => a.id.localeCompare(b.id)), offer);
    await sdk.assessment.setPackages({ packages: offer.slice(3) });
    assert.equal((await sdk.assessment.getPackages()).data.packages.length, 2);
    await ats(sdk.assessment.setPackages({ packages: [offer[0], offer[0]] }), 'PLATFORM.INPUT_INVALID');
    await ats(sdk.assessment.setPackages({ packages: [{ ...offer[0], id: 'x'.repeat(37) }] }), 'PLATFORM.INPUT_INVALID');
    await ats(kombo.sdk('greenhouse:none').assessment.getPackages(), 'PLATFORM.INTEGRATION_NOT_FOUND');
    await ats(kombo.sdk().assessment.getPackages(), 'PLATFORM.INPUT_INVALID');
  });

  await t.test('orders come page by page, by id, by status and by age', async () => {
    const { id } = await kombo.integration();
    const sdk = kombo.sdk(id);
    const old = new Date('2026-01-05T08:00:00.000Z');
    const statuses = ['OPEN', 'COMPLETED', 'CANCELLED', 'REJECTED', 'OPEN', 'OPEN', 'OPEN'];
    const placed = [];
    for (const [at, status] of statuses.entries()) {
      placed.push(await kombo.order(id, { status, created_at: at < 2 ? old.toISOString() : undefined }));
    }
    const nothing = { remote_id: null, first_name: null, last_name: null, phone: null };
    const bare = await kombo.order(id, {
      candidate: { email: 'a@b.example', ...nothing },
      application: { remote_id: null },
      job: { remote_id: null, name: null, job_code: null, description: null, location: null, hiring_team: [] },
    });
    const ids = [...placed, bare].map((order) => order.id);

    const pages = [];
    for await (const page of await sdk.assessment.getAssessmentOrders({ page_size: 3 })) pages.push(page.result.data);
    assert.deepEqual(pages.map((page) => page.results.length), [3, 3, 2]);
    assert.equal(pages.at(-1).next, null);
    assert.deepEqual(pages.flatMap((page) => page.results.map((order) => order.id)), ids);
    assert.deepEqual(pages.at(-1).results.at(-1).candidate, { email: 'a@b.example', ...nothing });

    const list = async (query) => {
      const found = [];
      for await (const page of await sdk.assessment.getAssessmentOrders(query)) found.push(...page.result.data.results.map((order) => order.id));
      return found;
    };
    assert.deepEqual(await list({ page_size: 250 }), ids);
    assert.deepEqual(await list(undefined), ids);
    assert.deepEqual(await list({ ids: [ids[2], ids[5], 'never-was'] }), [ids[2], ids[5]]);
    assert.deepEqual(await list({ statuses: ['COMPLETED', 'REJECTED'] }), [ids[1], ids[3]]);
    assert.deepEqual(await list({ statuses: ['OPEN'], page_size: 2 }), [ids[0], ...ids.slice(4)]);
    assert.deepEqual(await list({ created_after: new Date(old.getTime() + 1) }), ids.slice(2));
    assert.deepEqual(await list({ created_after: old, statuses: ['COMPLETED'] }), [ids[1]]);
    await ats(list({ page_size: 251 }), 'PLATFORM.INPUT_INVALID');
    await ats(list({ cursor: 'made-up' }), 'PLATFORM.INPUT_INVALID');
  });

  await t.test('the deprecated list of open orders has the same orders without their status', async () => {
    const { id } = await kombo.integration();
    for (const status of ['OPEN', 'COMPLETED', 'OPEN']) await kombo.order(id, { status });
    // Neither SDK has this call any more.
    const headers = { authorization: 'Bearer contract-tests', 'x-integration-id': id };
    const { status, data } = await (await fetch(`${kombo.url}/v1/assessment/orders/open?page_size=1`, { headers })).json();
    assert.equal(status, 'success');
    const listed = await kombo.sdk(id).assessment.getAssessmentOrders({ statuses: ['OPEN'] });
    const [first] = listed.result.data.results;
    assert.deepEqual(data.results, [Object.fromEntries(Object.entries(first).filter(([key]) => key !== 'status'))]);
    const rest = await (await fetch(`${kombo.url}/v1/assessment/orders/open?cursor=${data.next}`, { headers })).json();
    assert.deepEqual([rest.data.results.length, rest.data.next], [1, null]);
  });

  await t.test('results of every kind are written, once', async () => {
    const { id } = await kombo.integration({ tool: 'recruitee' });
    const sdk = kombo.sdk(id);
    const order = await kombo.order(id);
    const write = (body) => sdk.assessment.updateOrderResult({ assessment_order_id: order.id, body });
    const result_url = 'https://desk.example/r/1';
    const completed_at = new Date('2026-11-02T09:30:00.120Z');
    assert.deepEqual((await write({ status: 'OPEN', result_url })).warnings, []);
    const said = await write({
      status: 'COMPLETED', result_url, completed_at, score: 87.5, max_score: 100,
      attributes: [
        { type: 'TEXT', label: 'Role fit', value: 'Excellent' },
        { type: 'SUB_RESULT', id: 's-1', label: 'Reading', score: { value: 41, max: 45 }, status: 'COMPLETED' },
        { type: 'SUB_RESULT', id: 's-2', label: 'Writing', score: { value: 0, max: 1 }, status: 'CANCELLED' },
      ],
      attachments: [
        { name: 'Report.pdf', content_type: 'application/pdf', data: Buffer.from('%PDF-1.4').toString('base64') },
        { name: 'data.bin', content_type: 'application/octet-stream', data: 'AAAA' },
        { name: 'style.css', data_url: `${kombo.url}/static/sandbox.css` },
      ],
      remote_fields: { smartrecruiters: { score_label: 'Very good' }, recruitee: { subtitle: 'Reading and writing' } },
    });
    assert.equal(said.warnings.length, 1, 'the file whose content type says nothing');
    const kept = await control('GET', `orders/${order.id}`);
    assert.equal(kept.order.status, 'COMPLETED');
    assert.deepEqual(kept.results.map((result) => result.status), ['OPEN', 'COMPLETED']);
    assert.equal(kept.results[1].body.completed_at, completed_at.toISOString());
    assert.deepEqual(kept.results[1].body.remote_fields, { smartrecruiters: { scoreLabel: 'Very good' }, recruitee: { subtitle: 'Reading and writing' } });
    assert.equal(kept.attachments.length, 3);
    await ats(write({ status: 'CANCELLED', result_url, completed_at }), 'PLATFORM.INPUT_INVALID');

    const other = await kombo.order(id);
    const about = (body) => sdk.assessment.updateOrderResult({ assessment_order_id: other.id, body });
    await ats(about({ status: 'COMPLETED', result_url }), 'PLATFORM.INPUT_INVALID');
    await ats(about({ status: 'COMPLETED', result_url: 'no address', completed_at }), 'PLATFORM.INPUT_INVALID');
    await about({ status: 'CANCELLED', result_url, completed_at });
    await ats(sdk.assessment.updateOrderResult({ assessment_order_id: 'never-was', body: { status: 'OPEN', result_url } }), 'PLATFORM.INPUT_INVALID');
    const greenhouse = (await kombo.integration()).id;
    const early = await kombo.order(greenhouse);
    await ats(kombo.sdk(greenhouse).assessment.updateOrderResult({ assessment_order_id: early.id, body: { status: 'OPEN', result_url } }), 'REMOTE.INPUT_INVALID');
  });

  await t.test('an integration that cannot take anything says why in its code', async () => {
    const { id } = await kombo.integration();
    const sdk = kombo.sdk(id);
    for (const [state, setup_status, code] of [
      ['INVALID', 'COMPLETED', 'INTEGRATION.AUTHENTICATION_INVALID'],
      ['INACTIVE', 'COMPLETED', 'INTEGRATION.INACTIVE'],
      ['ACTIVE', 'INCOMPLETE', 'INTEGRATION.SETUP_INCOMPLETE'],
      ['ACTIVE', 'FINAL_SYNC_PENDING', 'INTEGRATION.SETUP_SYNC_PENDING'],
    ]) {
      await control('PUT', `integrations/${id}/state`, { state, setup_status, webhook: false });
      await ats(sdk.assessment.setPackages({ packages: offer }), code);
    }
  });

  await t.test('the codes that this program knows are the codes that the SDK knows', () => {
    const ours = [...readFileSync(join(root, 'src/kombo/code.rs'), 'utf8').matchAll(/^ {4}\w+ = "([A-Z_.]+)", /gm)].map((found) => found[1]);
    assert.deepEqual(ours.sort(), Object.values(KomboAtsErrorCode).sort());
  });

  await t.test('every code, and none, arrives as the error that the SDK has for it', async () => {
    const { id } = await kombo.integration();
    const sdk = kombo.sdk(id);
    const about = { integration_id: id };
    const result = { assessment_order_id: 'o', body: { status: 'OPEN', result_url: 'https://desk.example/r/1' } };
    for (const code of [...Object.values(KomboAtsErrorCode), null]) {
      for (const [call, make] of [
        ['packages', () => sdk.assessment.getPackages()],
        ['put_packages', () => sdk.assessment.setPackages({ packages: offer })],
        ['orders', () => sdk.assessment.getAssessmentOrders()],
        ['result', () => sdk.assessment.updateOrderResult(result)],
      ]) {
        await kombo.refuse(call, code);
        await ats(make(), code);
      }
    }
    for (const code of [...Object.values(KomboGeneralErrorCode), null]) {
      for (const [call, make] of [
        ['check_api_key', () => anybody.general.checkApiKey()],
        ['create_link', () => anybody.connect.createConnectionLink(customer)],
        ['integration', () => anybody.connect.getIntegrationByToken({ token: 't' })],
        ['integration', () => anybody.general.getIntegrationDetails(about)],
        ['manage_integration', () => anybody.general.setIntegrationEnabled({ ...about, body: { value: true } })],
        ['manage_integration', () => anybody.general.createReconnectionLink({ ...about, body: {} })],
        ['manage_integration', () => anybody.general.createSetupLink({ ...about, body: { link_type: 'EMBEDDED' } })],
        ['manage_integration', () => anybody.general.deleteIntegration({ ...about, body: {} })],
        ['tools', () => anybody.general.getTools({ category: 'assessment' })],
      ]) {
        await kombo.refuse(call, code);
        await general(make(), code);
      }
    }
  });

  await t.test('a code that the SDK does not know keeps its words, though the SDK has no class for it', async () => {
    const { id } = await kombo.integration();
    await kombo.refuse('orders', 'ATS.BRAND_NEW', 418);
    const error = await kombo.sdk(id).assessment.getAssessmentOrders().catch((thrown) => thrown);
    assert.ok(error instanceof errors.ResponseValidationError, error.name);
    assert.equal(error.statusCode, 418);
    const { code, title, message, log_url } = JSON.parse(error.body).error;
    assert.equal(code, 'ATS.BRAND_NEW');
    assert.ok([title, message, log_url].every((text) => text.length > 0));
  });

  await t.test('limits, breakdowns and broken lines are what the SDK expects of them', async () => {
    const { id } = await kombo.integration();
    const sdk = kombo.sdk(id);
    const next = (rule) => control('PUT', 'mischief', { calls: [{ left: 1, ...rule }] });
    await next({ kind: 'too_many_calls', retry_after: 7 });
    const limited = await ats(sdk.assessment.getPackages(), 'PLATFORM.RATE_LIMIT_EXCEEDED');
    assert.deepEqual([limited.statusCode, limited.headers.get('retry-after')], [429, '7']);
    await next({ kind: 'server_error', status: 502 });
    const proxy = await sdk.assessment.getPackages().catch((thrown) => thrown);
    assert.ok(proxy instanceof errors.KomboDefaultError, proxy.name);
    await next({ kind: 'applied_then_broken' });
    const broken = await sdk.assessment.setPackages({ packages: offer }).catch((thrown) => thrown);
    assert.ok(broken instanceof errors.ConnectionError || broken instanceof errors.UnexpectedClientError, broken.name);
    assert.equal((await sdk.assessment.getPackages()).data.packages.length, offer.length, 'it was applied all the same');

    await control('PUT', 'mischief', { calls: [{ kind: 'time_out', call: 'orders', left: 30 }] });
    const hanging = Array.from({ length: 30 }, () => sdk.assessment.getAssessmentOrders({}, { timeout_ms: 3_000 }).catch((thrown) => thrown));
    await until(async () => (await control('GET', 'counters')).most_in_flight[id] === 30, '30 calls are in flight');
    const crowded = await ats(sdk.assessment.getPackages(), 'PLATFORM.CONCURRENCY_LIMIT_EXCEEDED');
    assert.equal(crowded.statusCode, 429);
    for (const error of await Promise.all(hanging)) assert.ok(error instanceof errors.RequestTimeoutError, error.name);
  });
});
