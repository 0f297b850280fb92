// Every word that passed in the story (story.mjs), held against Kombo's JavaScript SDK: the SDK, asked for the same, must
// make the same call as this program did and understand the answer; and each webhook must be one that the SDK knows.
// What passed is left in test-results/contract/story.json, where the Python SDK reads it.

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { HTTPClient } from '@kombo-api/sdk/lib/http.js';
import { Kombo } from '@kombo-api/sdk';
import * as models from '@kombo-api/sdk/models';
import * as webhooks from '@kombo-api/sdk/models/webhooks';
import { root } from '../browser/support.mjs';
import { told } from './story.mjs';
import { apiKey, webhookSecret } from './support.mjs';

/** What the SDK puts in by itself where nothing is said: it must not make another call of ours than we meant. */
const defaults = {
  'POST /connect/create-link': { enable_filtering: false, enable_field_mapping: false },
  'GET /assessment/orders': { page_size: '100' },
};

/** The same call as `call`, made by the SDK. */
function asked(sdk, call) {
  const url = new URL(call.path, 'http://kombo');
  const path = url.pathname.replace(/^\/v1/, '').split('/').map(decodeURIComponent);
  const list = (name) => url.searchParams.get(name)?.split(',');
  switch (name(call)) {
    case 'GET /check-api-key': return sdk.general.checkApiKey();
    case 'POST /connect/create-link': return sdk.connect.createConnectionLink(call.json);
    case 'GET /tools/assessment': return sdk.general.getTools({ category: 'assessment' });
    case 'GET /connect/integration-by-token/{}': return sdk.connect.getIntegrationByToken({ token: path[3] });
    case 'PUT /integrations/{}/enabled': return sdk.general.setIntegrationEnabled({ integration_id: path[2], body: call.json });
    case 'POST /integrations/{}/relink': return sdk.general.createReconnectionLink({ integration_id: path[2], body: call.json });
    case 'POST /integrations/{}/setup-link': return sdk.general.createSetupLink({ integration_id: path[2], body: call.json });
    case 'DELETE /integrations/{}': return sdk.general.deleteIntegration({ integration_id: path[2], body: {} });
    case 'GET /integrations/{}': return sdk.general.getIntegrationDetails({ integration_id: path[2] });
    case 'PUT /assessment/packages': return sdk.assessment.setPackages(call.json);
    case 'GET /assessment/packages': return sdk.assessment.getPackages();
    case 'GET /assessment/orders': {
      const { page_size, created_after } = Object.fromEntries(url.searchParams);
      return sdk.assessment.getAssessmentOrders({
        cursor: url.searchParams.get('cursor') ?? undefined, ids: list('ids'), statuses: list('statuses'),
        page_size: page_size && Number(page_size), created_after: created_after && new Date(created_after),
      });
    }
    case 'PUT /assessment/orders/{}/result': {
      const { completed_at, ...rest } = call.json;
      return sdk.assessment.updateOrderResult({ assessment_order_id: path[3], body: { ...rest, completed_at: completed_at && new Date(completed_at) } });
    }
    default: assert.fail(`this program makes a call that the test does not know: ${name(call)}`);
  }
}

/** A call without its ids. */
const name = ({ method, path }) =>
  `${method} ${path.replace(/^\/v1|\?.*$/g, '').replace(/^(\/integrations|\/connect\/integration-by-token|\/assessment\/orders)\/[^/]+/, '$1/{}')}`;

/** What of a call counts, in one form. */
function said({ method, url, headers, body }, left = {}) {
  const { pathname, searchParams } = new URL(url, 'http://kombo');
  const more = method === 'GET' ? { query: { ...left, ...Object.fromEntries(searchParams) } } : { body: { ...left, ...body } };
  return {
    method, path: decodeURIComponent(pathname), key: headers.get('authorization'), integration: headers.get('x-integration-id'),
    accept: method === 'GET' || headers.get('content-type'), ...more,
  };
}

/** Lets the SDK make the call, gives it the answer that was heard, and gives what it asked and what it understood. */
async function replayed(call) {
  let request;
  const fetcher = async (made) => {
    request = { method: made.method, url: made.url, headers: made.headers, body: made.method === 'GET' ? {} : await made.json() };
    return new Response(JSON.stringify(call.answer), { status: call.status, headers: { 'content-type': 'application/json' } });
  };
  const sdk = new Kombo({ server_url: 'http://kombo/v1', api_key: apiKey, integration_id: call.headers['x-integration-id'], http_client: new HTTPClient({ fetcher }) });
  const understood = await asked(sdk, call).catch((error) => error);
  return { request, understood };
}

/** The SDK's model of each webhook. */
const kinds = {
  'assessment:order-received': 'AssessmentOrderReceived',
  'inline-assessment:order-received': 'InlineAssessmentOrderReceived',
  'integration-created': 'IntegrationCreated',
  'integration-deleted': 'IntegrationDeleted',
  'integration-state-changed': 'IntegrationStateChanged',
  'connection-flow-failed': 'ConnectionFlowFailed',
  'data-changed': 'DataChanged',
  'sync-finished': 'SyncFinished',
};

test('what passes between this program and Kombo', async (t) => {
  const story = await told(t);
  const calls = story.said.filter((call) => call.path.startsWith('/v1/'));
  mkdirSync(join(root, 'test-results/contract'), { recursive: true });
  writeFileSync(join(root, 'test-results/contract/story.json'), JSON.stringify(story, null, 1));

  await t.test('the story has every call that this program makes, and every webhook', () => {
    assert.deepEqual([...new Set(calls.map(name))].sort(), [
      'DELETE /integrations/{}', 'GET /assessment/orders', 'GET /assessment/packages', 'GET /check-api-key',
      'GET /connect/integration-by-token/{}', 'GET /integrations/{}', 'GET /tools/assessment', 'POST /connect/create-link',
      'POST /integrations/{}/relink', 'POST /integrations/{}/setup-link', 'PUT /assessment/orders/{}/result',
      'PUT /assessment/packages', 'PUT /integrations/{}/enabled',
    ]);
    assert.deepEqual([...new Set(story.heard.map((webhook) => webhook.json.type))].sort(), [...Object.keys(kinds), 'issue-status-changed'].sort());
    const results = calls.filter((call) => call.path.endsWith('/result')).map((call) => call.json);
    assert.deepEqual([...new Set(results.map((result) => result.status))].sort(), ['CANCELLED', 'COMPLETED']);
    const full = results.find((result) => result.attachments?.length === 2);
    assert.deepEqual(full.attributes.map((attribute) => attribute.type), ['TEXT', 'SUB_RESULT', 'TEXT', 'SUB_RESULT']);
    assert.ok(results.some((result) => result.score === 0 && !('max_score' in result)), 'a score of nothing is a score');
    for (const query of ['ids=', 'statuses=', 'page_size=']) {
      assert.ok(calls.some((call) => call.path.includes(query)), `the list of orders was asked with ${query}`);
    }
  });

  await t.test('the SDK, asked for the same, makes the same call and understands the answer', async () => {
    const broken = calls.filter((call) => call.answer === null);
    assert.ok(broken.length <= 1, 'only the line that was broken on purpose has no answer');
    for (const call of calls) {
      const { request, understood } = await replayed(call);
      assert.ok(request, `the SDK refuses to make ${name(call)} ${call.body}: ${understood.message}`);
      const ours = said({ method: call.method, url: call.path, headers: new Headers(call.headers), body: call.json }, defaults[name(call)]);
      assert.deepEqual(said(request), ours, name(call));
      if (call.answer === null) continue;
      assert.equal(call.status, 200, `${name(call)} was refused: ${JSON.stringify(call.answer)}`);
      const result = understood.result ?? understood;
      assert.equal(result.status, 'success', `${name(call)}: ${understood.message} ${JSON.stringify(understood.cause?.issues)}`);
    }
  });

  await t.test('moments are written as Kombo writes them', () => {
    for (const call of calls.filter((one) => one.json?.completed_at)) assert.match(call.json.completed_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    for (const call of calls) {
      const after = new URL(call.path, 'http://kombo').searchParams.get('created_after');
      if (after) assert.match(after, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    }
  });

  await t.test('every webhook is one that the SDK knows, to the last field', () => {
    for (const { headers, json } of story.heard.filter((webhook) => webhook.json.type in kinds)) {
      const kind = `${kinds[json.type]}WebhookPayload`;
      const read = models[`${kind}$inboundSchema`].safeParse(json);
      assert.ok(read.success, `${json.type}: ${JSON.stringify(read.error?.issues)}`);
      assert.deepEqual(models[`${kind}$outboundSchema`].parse(read.data), json, json.type);
      const whole = webhooks[`webhook${kind}RequestFromJSON`](JSON.stringify({ 'X-Kombo-Signature': headers['x-kombo-signature'], body: json }));
      assert.ok(whole.ok, json.type);
    }
  });

  await t.test('every webhook is signed as Kombo signs, and answered', () => {
    for (const { body, headers, json, status, answer } of story.heard) {
      const right = createHmac('sha256', webhookSecret).update(body).digest('base64url');
      assert.equal(headers['x-kombo-signature'], right);
      assert.match(headers['content-type'], /^application\/json/);
      const rejected = json.data.package_id === 'never-offered';
      assert.equal(status, rejected ? 422 : 200, `${json.type} was answered ${status} ${JSON.stringify(answer)}`);
    }
  });

  await t.test('a rejection says its words wherever Kombo may look for them', () => {
    const [rejection] = story.heard.filter((webhook) => webhook.status === 422).map((webhook) => webhook.answer);
    const message = 'We do not offer this one. Nous ne l’offrons pas.';
    assert.deepEqual(rejection, {
      status: 'error', message, error: { code: 'ORDER_REJECTED', title: 'The order was rejected', message },
    });
  });
});
