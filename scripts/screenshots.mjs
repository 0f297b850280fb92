// Draws the README's pictures anew: `make screenshots`. The demo's data is the same in each run, so a picture changes only
// with what it shows. Each page comes in light and dark, at laptop size; the list of orders also on a phone.

import { join } from 'node:path';
import { after, test } from 'node:test';
import { desk, root, shot, sizes } from '../tests/browser/support.mjs';

const folder = join(root, 'docs/screenshots');
const laptop = { laptop: sizes.laptop };

test('screenshots', async (t) => {
  const app = await desk(t, 'demo');
  const page = await app.signedIn({ size: 'laptop' });
  const draw = async (name, wanted = laptop) => {
    await page.waitForLoadState();
    await page.evaluate(() => document.activeElement?.blur());
    await shot(page, name, folder, wanted);
  };

  await page.goto(`${app.url}/`);
  await draw('today');
  await page.goto(`${app.url}/orders`);
  await draw('orders', { laptop: sizes.laptop, phone: sizes.phone });
  await page.locator('[data-row] a[href^="/orders/"]').first().click();
  await draw('order');
  await page.goto(`${app.url}/customers`);
  await draw('customers');
  await page.goto(`${app.url}/outbox`);
  await draw('outbox');
});

after(() => console.log(`Drawn into ${folder}`));
