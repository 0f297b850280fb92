// What the browser tests stand on: the real program with folders and ports of its own, a real Chromium, and the rule that
// a page which complains on the console fails its test.
//
//   import { desk } from './support.mjs';
//   test('…', async (t) => {
//     const app = await desk(t, 'demo');            // or 'empty'
//     const page = await app.page();                // signed out; app.signedIn() is signed in
//     await page.goto(app.url + '/orders');
//     await app.shot(page, 'orders');               // test-results/shots/orders-{desktop,laptop,phone}-{light,dark}.png
//     await app.accessible(page);
//   });

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

export const root = fileURLToPath(new URL('../../', import.meta.url));
const binary = process.env.ASSESSDESK_BIN ?? join(root, 'target/debug/assessdesk');
const results = join(root, 'test-results');

/** The sizes at which pages are looked at. */
export const sizes = { desktop: { width: 1440, height: 900 }, laptop: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };

/** A port that is free right now. */
export const freePort = () =>
  new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

/** Starts the program with `args`; keeps all that it says. */
export function run(args, env, cwd) {
  const child = spawn(binary, args, { env: { PATH: process.env.PATH, HOME: cwd, ...env }, cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = [];
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => said.push(text));
  const ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal)));
  child.once('error', (error) => said.push(String(error)));
  process.once('exit', () => child.kill('SIGKILL')); // a test file that breaks off leaves nothing running
  return {
    child,
    ended,
    log: () => said.join(''),
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      const end = await Promise.race([ended, wait(12_000, 'still running after 12 s', { ref: false })]);
      if (typeof end === 'string' && end.startsWith('still')) child.kill('SIGKILL');
      child.stdout.destroy(); // whatever it may have started itself must not keep the tests waiting
      child.stderr.destroy();
      return end;
    },
  };
}

/** Asks `address` until it answers 200. */
export async function ready(address, program, seconds = 30) {
  for (const until = Date.now() + seconds * 1000; Date.now() < until; await wait(50)) {
    if (program.child.exitCode !== null) break;
    const answer = await fetch(address).catch(() => null);
    if (answer?.status === 200) return;
  }
  throw new Error(`${address} is not ready. The program said:\n${program.log()}`);
}

/** Runs one command of the program to its end and gives what it printed. */
export async function command(args, env, cwd) {
  const ended = run(args, env, cwd);
  const code = await ended.ended;
  assert.equal(code, 0, `assessdesk ${args.join(' ')} ended with ${code}:\n${ended.log()}`);
  return ended.log();
}

/**
 * The program for one test. `demo` has the sample data and the sandbox in
 * one process; `empty` starts `sandbox` and `serve` on empty databases, with one admin.
 */
export async function desk(t, mode = 'demo', more = {}) {
  const dir = mkdtempSync(join(tmpdir(), 'assessdesk-browser-'));
  const [port, sandboxPort] = [await freePort(), await freePort()];
  const url = `http://127.0.0.1:${port}`;
  const sandboxUrl = `http://127.0.0.1:${sandboxPort}`;
  const env = {
    ASSESSDESK_LISTEN: `127.0.0.1:${port}`,
    ASSESSDESK_BASE_URL: url,
    ASSESSDESK_DATABASE_URL: `sqlite://${join(dir, 'desk.db')}`,
    ASSESSDESK_DATA_DIR: join(dir, 'data'),
    ASSESSDESK_SECRET_KEY: randomBytes(32).toString('base64'),
    ASSESSDESK_KOMBO_API_URL: `${sandboxUrl}/v1`,
    ASSESSDESK_KOMBO_API_KEY: 'browser-tests',
    ASSESSDESK_KOMBO_WEBHOOK_SECRET: 'browser-tests-secret',
    ASSESSDESK_SANDBOX_LISTEN: `127.0.0.1:${sandboxPort}`,
    ASSESSDESK_SANDBOX_DATABASE_URL: `sqlite://${join(dir, 'sandbox.db')}`,
    ASSESSDESK_SANDBOX_TARGET_URL: `${url}/webhooks/kombo`,
    RUST_BACKTRACE: '1',
    ...more,
  };

  const processes = [];
  let account = null;
  if (mode === 'demo') {
    processes.push(run(['demo'], env, dir));
  } else {
    processes.push(run(['sandbox'], env, dir));
    processes.push(run(['serve'], env, dir));
  }
  const main = processes.at(-1);
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
  const complaints = [];
  const allowed = [];
  const pages = [];

  const stop = async () => {
    await browser.close();
    const ends = await Promise.all(processes.map((one) => one.stop()));
    mkdirSync(join(results, 'program'), { recursive: true });
    writeFileSync(join(results, 'program', `${(t.name ?? 'file').replace(/[^a-z0-9]+/gi, '-').slice(0, 80)}.log`), log());
    rmSync(dir, { recursive: true, force: true });
    const bad = complaints.filter((text) => !allowed.some((pattern) => pattern.test(text)));
    assert.deepEqual(bad, [], 'a page complained on its console');
    for (const end of ends) assert.equal(end, 0, `the program did not stop well (${end}):\n${log()}`);
  };
  const log = () => processes.map((one) => one.log()).join('');
  t.after(stop);
  try {
    await ready(`${url}/readyz`, main);
  } catch (error) {
    await browser.close();
    throw error;
  }

  const app = {
    url,
    sandboxUrl,
    dir,
    env,
    /** Everything that the program said so far. */
    log,
    /** Ends the program and the browser; done by itself after the test. */
    stop,
    /** Runs another command against the same database (`staff add …`). */
    command: (...args) => command(args, env, dir),
    /** Lets a complaint on the console pass, e.g. the line that the browser writes for an expected 422. */
    allow: (pattern) => allowed.push(pattern),
    /** The texts of all complaints so far. */
    complaints,

    /** A page in a browser context of its own. `script: false` turns JavaScript off. */
    async page({ size = 'desktop', colour = 'light', script = true, storageState, locale = 'en-GB', motion = 'reduce' } = {}) {
      const context = await browser.newContext({
        viewport: sizes[size] ?? size, colorScheme: colour, javaScriptEnabled: script, acceptDownloads: true, storageState,
        hasTouch: size === 'phone', reducedMotion: motion, locale, timezoneId: 'Europe/Berlin',
      });
      context.setDefaultTimeout(15_000);
      const page = await context.newPage();
      page.on('console', (message) => {
        if (message.type() === 'error') complaints.push(`${new URL(page.url()).pathname}: ${message.text()}`);
      });
      page.on('pageerror', (error) => complaints.push(`${new URL(page.url()).pathname}: ${error.message}`));
      pages.push(page);
      return page;
    },

    /** A page of somebody who is signed in: the demo's account, or (empty) a new admin. */
    async signedIn(options = {}) {
      account ??= mode === 'demo' ? demoAccount(log()) : await newAdmin(app);
      const page = await app.page(options);
      await app.signIn(page, account);
      return page;
    },

    /** The demo's staff member of this role. */
    account: (role) => {
      const { email, password } = demoAccount(log());
      return { email: email.replace(/^[^@]+/, role), password };
    },

    /** Signs in on `page`. */
    async signIn(page, { email, password }) {
      await page.goto(`${url}/sign-in`);
      await page.getByLabel('E-mail').fill(email);
      await page.getByLabel('Password', { exact: true }).fill(password);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.waitForURL((at) => at.pathname !== '/sign-in');
    },

    /** Draws the page in three sizes, light and dark. */
    shot: (page, name) => shot(page, name),

    /** Fails if axe finds something that WCAG 2.2 AA forbids, on the page or in the part that `within` selects. */
    accessible: (page, within) => accessible(page, within),

    /** Fails if the page is wider than the window (320 px is WCAG's measure for reflow). */
    async fits(page, width = 320) {
      const before = page.viewportSize();
      await page.setViewportSize({ width, height: 800 });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      await page.setViewportSize(before);
      assert.ok(wide <= width, `${page.url()} is ${wide} px wide in a window of ${width} px`);
    },
  };
  return app;
}

/** The sign-in that `assessdesk demo` prints: an e-mail address, and the password behind the word. */
function demoAccount(log) {
  const found = /([\w.+-]+@[\w-]+\.[\w.-]+)[\s\S]{0,80}?password[^\S\n]*:?\s*(\S+)/i.exec(log);
  assert.ok(found, `the demo printed no sign-in:\n${log}`);
  return { email: found[1], password: found[2].replace(/[.,;]$/, '') };
}

/** Makes an admin with the command line and its one-time link. */
async function newAdmin(app) {
  const email = 'admin@example.com';
  const said = await app.command('staff', 'add', email, '--role', 'admin');
  const link = /\S+\/welcome\/\S+/.exec(said)?.[0];
  assert.ok(link, `no link in: ${said}`);
  const password = `${randomBytes(9).toString('base64url')} is long enough`;
  const page = await app.page();
  await page.goto(link);
  const name = page.getByLabel('Name');
  if (await name.count()) await name.fill('Ada Admin');
  for (const field of await page.locator('input[type=password]').all()) await field.fill(password);
  await page.getByRole('button').last().click();
  await page.waitForLoadState();
  await page.context().close();
  return { email, password };
}

/** Draws `page` into `folder`; one picture for each size and each of light and dark. */
export async function shot(page, name, folder = join(results, 'shots'), wanted = sizes) {
  mkdirSync(folder, { recursive: true });
  const before = page.viewportSize();
  for (const [size, box] of Object.entries(wanted)) {
    await page.setViewportSize(box);
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: join(folder, `${name}-${size}-${colorScheme}.png`), fullPage: size === 'phone' });
    }
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize(before);
}

let axe = null;
/** Lets axe look at the page, or at the part of it that `within` selects. */
async function accessible(page, within = null) {
  axe ??= readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');
  await page.evaluate(axe);
  const found = await page.evaluate(async (part) => {
    const { violations } = await window.axe.run(part ?? document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] });
    return violations.flatMap(({ id, help, nodes }) => nodes.map((node) => `${id}: ${help}: ${node.html.slice(0, 160)}`));
  }, within);
  assert.deepEqual(found, [], `${page.url()} is not accessible`);
}
