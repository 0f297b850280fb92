// What holds for every page, shown on those that need no data: nothing on the console under the strict policy, readable
// in every size and theme, usable without a script, and an error that says where to find it in the log.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { desk } from './support.mjs';

test('the frame holds on pages without an account', async (t) => {
  const app = await desk(t, 'empty');

  await t.test('the sign-in page is clean, accessible and fits a small window', async () => {
    const page = await app.page();
    const answer = await page.goto(`${app.url}/sign-in`);
    assert.equal(answer.status(), 200);
    assert.match(answer.headers()['content-security-policy'], /default-src 'none'.*require-trusted-types-for 'script'/);
    assert.equal(answer.headers()['cache-control'], 'no-store');
    assert.equal(await page.evaluate(() => typeof window.htmx), 'object');
    await app.accessible(page);
    await app.fits(page);
    await app.shot(page, 'sign-in');
  });

  await t.test('its style sheet, scripts and icons may be kept for good', async () => {
    const page = await app.page();
    const kept = new Map();
    page.on('response', (answer) => kept.set(new URL(answer.url()).pathname, answer.headers()['cache-control']));
    await page.goto(`${app.url}/sign-in`, { waitUntil: 'networkidle' });
    const assets = [...kept].filter(([path]) => path.startsWith('/static/'));
    assert.ok(assets.length >= 4, `only ${assets}`);
    for (const [path, how] of assets) assert.equal(how, 'public, max-age=31536000, immutable', path);
  });

  await t.test('it can be read without a script', async () => {
    const page = await app.page({ script: false, size: 'phone' });
    await page.goto(`${app.url}/sign-in`);
    assert.ok(await page.getByRole('button', { name: 'Sign in' }).isVisible());
  });

  await t.test('an unknown address gives a page with a reference', async () => {
    app.allow(/status of 404/);
    const page = await app.page();
    const answer = await page.goto(`${app.url}/sign-in/nothing-here?name=secret-word`);
    assert.equal(answer.status(), 404);
    const reference = (await page.locator('.mono').first().textContent()).trim();
    assert.equal(reference, answer.headers()['x-request-id']);
    await app.accessible(page);
    assert.doesNotMatch(app.log(), /secret-word|nothing-here/, 'the log holds an address');
  });
});
