// Every page in every state, looked at by axe-core in light and dark and at several widths. What was looked at, and the
// routes that have no page, are kept in docs/accessibility.md: ASSESSDESK_WRITE_ACCESS=1 writes that part anew.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { atsScenes, brokenScenes, heldScenes, linked } from './access_ats.mjs';
import { bareScenes, empty, withoutMeans } from './access_bare.mjs';
import { mailServer } from './access_hands.mjs';
import { everywhere, exceptions, liveRegions, names } from './access_measure.mjs';
import { id, noPages, pages, seed } from './access_pages.mjs';
import { scenes } from './access_scenes.mjs';
import { desk, root } from './support.mjs';

/** How many pages are looked at side by side: one for each core. */
const HANDS = 2;
const wanted = new RegExp(process.env.ONLY ?? '');

/** Everything that was looked at, with what was found: { route, state, found, title }. */
const looked = [];

/** Which addresses are this route's. The practice ATS has Kombo's ids, which have a form of their own. */
function patternOf(route) {
  const place = (_, name) => (name === 'token' || route.startsWith('/ats') ? '[^/]+' : name === 'number' ? '\\d+' : id);
  return new RegExp(`^${route.replace(/\/new$/, '(/new)?').replace(/\{(token|id|publication|package|link|rule|number)\}/g, place)}${route.startsWith('/ats') ? '' : '(/.*)?'}$`);
}

/** A pair of hands: a page of an admin, and what the states and scenes need. */
async function hands(app, known) {
  const page = await app.signedIn({ size: 'laptop' });
  const at = {
    page, app, seed: known,
    async go(path, status = 200) {
      const answer = await page.goto(app.url + path);
      assert.equal(answer.status(), status, path);
    },
    async as(role) {
      const other = await app.page({ size: 'laptop' });
      await app.signIn(other, app.account(role));
      return other;
    },
    async look(route, state, where = page, all = false) {
      assert.ok(await at.isAt(route, where), `${where.url()} is no ${route}`);
      const found = [...(await names(where)), ...(await everywhere(where, all))];
      if (process.env.LOUD) console.log(`${route}: ${state}`, found);
      looked.push({ route, state, found, title: await where.title() });
    },
    isAt: (route, where) => !route.startsWith('/') || patternOf(route).test(new URL(where.url()).pathname),
  };
  return at;
}

/** Works through `jobs` with several hands; a job that fails is told under its own name. */
async function work(t, jobs, all) {
  const failed = new Map();
  const queue = jobs.filter(({ name }) => wanted.test(name));
  const hand = async (at) => {
    for (let job = queue.shift(); job; job = queue.shift()) {
      await job.body(at).catch((error) => failed.set(job.name, error));
    }
  };
  await Promise.all(all.map(hand));
  for (const [name, error] of failed) await t.test(name, () => { throw error; });
}

/** Tells what was found since `from`, each state under its own name. */
async function tell(t, from) {
  for (const { route, state, found } of looked.slice(from)) await t.test(`${route}: ${state}`, () => assert.deepEqual(found, []));
}

test('every page in every state', { timeout: 840_000 }, async (t) => {
  const app = await desk(t, 'demo');
  app.allow(/status of (4\d\d|50\d)|Failed to load resource|ERR_INTERNET_DISCONNECTED/);
  const known = await seed(await app.signedIn(), app);
  const jobs = [
    ...pages.map(({ route, state, open }) => ({ name: `${route} ${state}`, body: async (at) => { await open(at); await at.look(route, state, at.page, true); } })),
    ...Object.entries(scenes).map(([name, body]) => ({ name, body })),
  ];
  await work(t, jobs, await Promise.all(Array.from({ length: HANDS }, () => hands(app, known))));
  await tell(t, 0);
  await t.test('the mail that a candidate gets: no script runs in its frame, so it is looked at by itself', async () => {
    const page = await app.signedIn({ size: 'phone' });
    await page.goto(app.url + known.mail);
    const letter = await page.locator('iframe.letter-frame').getAttribute('srcdoc');
    await page.goto('about:blank');
    // axe takes what has no ground of its own for white, also in the dark.
    const style = `${readFileSync(join(root, 'static/letter.css'), 'utf8')} body { background: Canvas; }`;
    await page.setContent(letter.replace(/<link[^>]*>/, `<style>${style}</style>`));
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme });
      await app.accessible(page);
    }
  });
});

test('a desk on which nothing happened yet, and candidates who cannot be invited', { timeout: 600_000 }, async (t) => {
  const from = looked.length;
  const smtp = await mailServer(t, (address) => (address.startsWith('refused') ? 550 : address.startsWith('failing') ? 451 : 250));
  const app = await desk(t, 'empty', { ASSESSDESK_SMTP_URL: smtp, ASSESSDESK_MAIL_FROM: 'Assessments <assess@assessdesk.example>', ASSESSDESK_RETRY_WAITS: '1s' });
  app.allow(/status of (4\d\d|50\d)/);
  const bare = await desk(t, 'empty', withoutMeans);
  const [at, poor] = [await hands(app), await hands(bare)];
  const jobs = [{ name: 'first steps', body: async () => { for (const scene of Object.values(bareScenes)) await scene(at); } }];
  const lists = empty.map((path) => ({ name: `${path} empty`, body: async () => { await poor.go(path); await poor.look(path, 'on a desk without data, key and mail server'); } }));
  await Promise.all([work(t, jobs, [at]), work(t, lists, [poor])]);
  await tell(t, from);
});

test('the practice ATS, orders whose answer is held, and the page of our mistakes', { timeout: 600_000 }, async (t) => {
  const from = looked.length;
  const app = await desk(t, 'demo', { ASSESSDESK_RELEASE_DELAY: '0s' });
  app.allow(/status of (4\d\d|50\d)|Failed to load resource/);
  app.allow(/Blocked script execution in 'about:srcdoc'/); // the clock that stands still is put into every frame
  const jobs = (all) => Object.entries(all).map(([name, body]) => ({ name, body }));
  const [one, other] = [await hands(app), await hands(app)];
  await work(t, jobs(brokenScenes), [one]);
  await work(t, jobs(atsScenes), [one, other]);
  // The bar of held orders stands on every page of the desk, so nothing else is looked at meanwhile.
  await work(t, jobs(heldScenes), [one]);
  await tell(t, from);
});

test('every route that has a page was visited, and no two pages are called the same', { skip: Boolean(process.env.ONLY) }, async () => {
  const routes = readFileSync(join(root, 'tests/browser/routes.txt'), 'utf8').split('\n').filter((line) => line.startsWith('GET ')).map((line) => line.slice(4));
  const visited = new Set(looked.map(({ route }) => route));
  const missing = routes.filter((route) => !visited.has(route) && !noPages.has(route));
  assert.deepEqual(missing, [], 'no state of these pages is looked at');
  const ats = [...visited].filter((route) => route.startsWith('/ats'));
  assert.deepEqual([...linked].filter((path) => !ats.some((route) => patternOf(route).test(path))), [], 'pages of the practice ATS that are not looked at');
  const gone = [...visited, ...noPages.keys()].filter((route) => route.startsWith('/') && !ats.includes(route) && !routes.includes(route));
  assert.deepEqual(gone, [], 'there is no such route');
  const called = new Map();
  for (const { route, title } of looked) if (route.startsWith('/')) called.set(title, (called.get(title) ?? new Set()).add(route));
  assert.deepEqual([...called].filter(([, of]) => of.size > 1).map(([title, of]) => `${title}: ${[...of]}`), [], 'pages of the same title');
});

test('docs/accessibility.md tells what was looked at', { skip: Boolean(process.env.ONLY) }, async () => {
  const path = join(root, 'docs/accessibility.md');
  const before = readFileSync(path, 'utf8');
  const states = new Map();
  for (const { route, state } of looked) states.set(route, [...(states.get(route) ?? []), state]);
  const told = written(before, {
    exceptions: exceptions.map(({ rule, why }) => `- \`${rule}\`: ${why}`),
    regions: table(['region', 'says'], liveRegions.map(([where, says]) => [`\`${where}\``, says])),
    states: table(['page', 'states'], [...states].sort(([a], [b]) => (a < b ? -1 : 1)).map(([route, all]) => [`\`${route}\``, [...new Set(all)].sort().join('; ')])),
    nopages: table(['route', 'is'], [...noPages].map(([route, what]) => [`\`${route}\``, what])),
  });
  if (process.env.ASSESSDESK_WRITE_ACCESS) writeFileSync(path, told);
  else assert.equal(told, before, 'run this with ASSESSDESK_WRITE_ACCESS=1');
});

const table = (head, rows) => [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);

/** The text with these lines between their markers. */
function written(text, parts) {
  return Object.entries(parts).reduce((done, [name, lines]) => done.replace(new RegExp(`(<!-- ${name} -->\\n)[\\s\\S]*?(<!-- /${name} -->)`), (_, from, to) => `${from}\n${lines.join('\n')}\n\n${to}`), text);
}
