// What the contract tests stand on: the practice Kombo as a process of its own, its control interface, Kombo's JavaScript
// SDK pointed at it, and a recorder that stands between two programs and keeps every word.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, request as send } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Kombo } from '@kombo-api/sdk';
import { freePort, ready, run } from '../browser/support.mjs';

export const apiKey = 'contract-tests';
export const webhookSecret = 'contract-tests-secret';

/** A folder that is gone when the tests are over. */
export function folder() {
  const dir = mkdtempSync(join(tmpdir(), 'assessdesk-contract-'));
  process.once('exit', () => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** Waits until `there` gives something. */
export async function until(there, what, seconds = 20) {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await wait(50)) {
    const found = await there();
    if (found) return found;
  }
  assert.fail(`it never happened: ${what}`);
}

/** Starts the program until the end of the test; it must then stop as it should. */
export function program(t, args, env, dir) {
  const running = run(args, env, dir);
  t.after(async () => assert.equal(await running.stop(), 0, `assessdesk ${args[0]} did not stop well:\n${running.log()}`));
  return running;
}

/** The practice Kombo. Its webhooks go to `target`. */
export async function sandbox(t, target = 'http://127.0.0.1:9/nobody') {
  const dir = folder();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const env = {
    ASSESSDESK_KOMBO_API_KEY: apiKey,
    ASSESSDESK_KOMBO_WEBHOOK_SECRET: webhookSecret,
    ASSESSDESK_SANDBOX_LISTEN: `127.0.0.1:${port}`,
    ASSESSDESK_SANDBOX_DATABASE_URL: `sqlite://${join(dir, 'sandbox.db')}`,
    ASSESSDESK_SANDBOX_TARGET_URL: target,
    ASSESSDESK_LOG: 'warn',
  };
  await ready(`${url}/ats`, program(t, ['sandbox'], env, dir));

  /** A call of the control interface. */
  const control = async (method, path, body) => {
    const answer = await fetch(`${url}/control/${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const said = await answer.json();
    assert.equal(answer.status, 200, `${method} /control/${path}: ${JSON.stringify(said)}`);
    return said;
  };
  return {
    url,
    control,
    /** The SDK, about one integration. */
    sdk: (integration_id, more = {}) => new Kombo({ server_url: `${url}/v1`, api_key: apiKey, integration_id, ...more }),
    /** An integration; nobody is told of it. */
    integration: (more = {}) => control('POST', 'integrations', { webhook: false, ...more }),
    /** An order; nobody is told of it. */
    order: async (integration, more = {}) =>
      (await control('POST', 'orders', { integration, package: 'p-1', webhook: false, ...more })).order,
    /** The next call is refused with this code. */
    refuse: (call, code, http_status) =>
      control('PUT', 'mischief', { calls: [{ kind: 'refused_with', call, code, http_status, left: 1 }] }),
  };
}

/**
 * Stands in front of `to` and keeps every call and its answer, as bytes and, where it is JSON, as what they say.
 * Without `to` it answers 200 itself.
 */
export async function recorder(t, to = () => null) {
  const kept = [];
  const server = createServer(async (asked, answer) => {
    const body = await bytes(asked);
    const { method, url, headers } = asked;
    const target = to();
    const got = target ? await forward(new URL(url, target), method, headers, body).catch(() => null) : { status: 200, headers: {}, body: Buffer.from('{}') };
    kept.push({ method, path: url, headers, body: body.toString(), json: json(body), status: got?.status ?? null, answer: json(got?.body) });
    if (got) answer.writeHead(got.status, got.headers).end(got.body);
    else asked.socket.destroy(); // the line broke behind us, so it breaks before us
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  }));
  return { url: `http://127.0.0.1:${server.address().port}`, kept };
}

async function bytes(stream) {
  const parts = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts);
}

function json(body) {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

async function forward(url, method, headers, body) {
  const { host, connection, 'transfer-encoding': chunked, ...rest } = headers;
  const on = send(url, { method, headers: { ...rest, 'content-length': body.length } });
  on.end(body);
  const [got] = await once(on, 'response');
  return { status: got.statusCode, headers: { 'content-type': got.headers['content-type'] ?? 'text/plain' }, body: await bytes(got) };
}
