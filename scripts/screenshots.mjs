// Draws the README's pictures anew: `make screenshots`. The demo's data is the same in each run, so a picture changes only
// with what it shows. Each page comes in light and dark: NAME-light.png and NAME-dark.png in docs/screenshots.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { desk, root, sizes } from '../tests/browser/support.mjs';

const folder = join(root, 'docs/screenshots');

test('screenshots', async (t) => {
  mkdirSync(folder, { recursive: true });
  const app = await desk(t, 'demo');
  const page = await app.signedIn({ size: 'laptop' });
  const draw = async (name, size = 'laptop', schemes = ['light', 'dark']) => {
    await page.setViewportSize(sizes[size]);
    await page.waitForLoadState('load');
    await page.evaluate(() => document.activeElement?.blur());
    for (const colorScheme of schemes) {
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: join(folder, `${name}-${colorScheme}.png`) });
    }
    await page.emulateMedia({ colorScheme: 'light' });
    await page.setViewportSize(sizes.laptop);
  };
  const openFirst = async (stage) => {
    await page.goto(`${app.url}/orders?stage=${stage}`);
    await page.locator('[data-open]').first().click();
    await page.waitForURL(/\/orders\/[0-9a-f-]{36}$/);
  };

  await page.goto(`${app.url}/`);
  await draw('today');
  await page.goto(`${app.url}/orders`);
  await draw('orders');
  await draw('orders-phone', 'phone');

  await openFirst('started');
  await page.getByRole('link', { name: /result/i }).first().click();
  await page.waitForURL(/\/result$/);
  await enterResult(page);
  await draw('result');

  await openFirst('in_review');
  await page.goto(`${page.url()}/result`);
  await page.locator('aside').getByRole('button', { name: 'Release' }).click();
  await page.getByRole('button', { name: /Undo/ }).waitFor();
  await page.waitForTimeout(1_000); // the countdown begins
  await draw('order');

  await page.goto(`${app.url}/customers`);
  await draw('customers');
  await page.locator('main a[href^="/customers/"]:not([href$="/new"])').first().click();
  await page.locator('a[href^="/integrations/"]').first().click();
  await page.waitForURL(/\/integrations\//);
  await draw('integration');
  await page.goto(`${app.url}/outbox`);
  await draw('outbox');

  await page.goto(`${app.sandboxUrl}/ats`);
  await page.locator('.card h3 a').first().click();
  await page.locator('tr', { hasText: /English|reasoning|Excel|SQL/, has: page.locator('.status', { hasText: 'Completed' }) }).first().locator('a').first().click();
  await page.locator('[data-result]').waitFor();
  await draw('ats', 'laptop', ['light']); // the practice ATS knows no dark
});

/** Fills in a result as somebody would who is half-way through it, and waits until it is kept. */
async function enterResult(page) {
  const most = Number(await page.getByLabel('of at most').inputValue()) || 100;
  if (most === 100) await page.getByLabel('of at most').fill('100');
  await page.getByLabel('Score', { exact: true }).first().fill(String(most * 0.8));
  await page.getByLabel('Summary for the recruiter').fill(
    'Well above the group of comparison. Quick and exact with routine work; asks before guessing where the question is open.',
  );
  const rows = page.locator('form#result .attribute');
  const add = async (button, fields) => {
    await page.getByRole('button', { name: button, exact: true }).click();
    for (const [name, value] of Object.entries(fields)) await rows.last().locator(`[name=${name}]`).fill(value);
  };
  const half = String(most / 2);
  await add('Part with a score', { row_label: 'First part', row_score: String(most * 0.45), row_max: half });
  await add('Part with a score', { row_label: 'Second part', row_score: String(most * 0.35), row_max: half });
  await add('Text', { row_label: 'Level', row_value: 'As asked for' });
  await page.getByText(/Draft saved/).waitFor();
  await page.evaluate(() => window.scrollTo(0, 0));
}

after(() => console.log(`Drawn into ${folder}`));
