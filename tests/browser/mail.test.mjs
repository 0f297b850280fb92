// Invitations by mail: the words are edited and looked at, a test mail and a real one stand under 'Mail', and the link in
// the real one opens the candidate's page. The demo keeps its mails on the desk.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { desk } from './support.mjs';

/** Loads the page again until `there` is found on it. */
async function until(page, there, seconds = 30) {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await wait(200)) {
    if (await there().count()) return;
    await page.reload();
  }
  assert.fail(`${page.url()} never showed it:\n${await page.locator('main').innerText()}`);
}

test('words are edited, previewed and tried, and an accepted candidate gets a mail with a link that works', async (t) => {
  const app = await desk(t, 'demo');
  const page = await app.signedIn();
  await page.goto(`${app.url}/settings/invitations?language=en`);
  await app.accessible(page);
  await page.getByLabel('Subject').fill('Your test with {customer}: {package}');
  const letter = page.locator('#preview');
  await letter.getByText(/Your test with .+: .+/).waitFor();
  const framed = page.frameLocator('iframe.letter-frame');
  await framed.getByText('Opening the page commits you to nothing').waitFor();
  const button = framed.getByRole('link', { name: 'Open your assessment' });
  const colour = await button.evaluate((link) => getComputedStyle(link).backgroundColor);
  assert.equal(colour, 'rgb(31, 95, 191)', 'the mail is drawn with its own style');
  await page.getByRole('button', { name: 'Send me a test mail' }).click();
  await page.getByText('A test mail is on its way').waitFor();

  await page.goto(`${app.url}/mail?purpose=test`);
  await until(page, () => page.getByRole('row').filter({ hasText: 'Test mail' }).filter({ hasText: 'Sent' }));
  await page.getByRole('row').filter({ hasText: 'Test mail' }).getByRole('link').first().click();
  await page.getByText('Your test with Example Ltd: Numerical reasoning').waitFor();
  await app.accessible(page);

  await page.goto(`${app.url}/mail?purpose=invitation`);
  await app.shot(page, 'mail');
  await page.getByRole('row').filter({ hasText: 'Invitation' }).filter({ hasText: 'Sent' }).getByRole('link').first().click();
  await page.getByText('The same as plain text').click();
  const plain = await page.locator('.letter-plain').innerText();
  const link = plain.match(/http:\S+\/start\/[\w-]{43}/)?.[0];
  assert.ok(link, plain);
  const candidate = await app.page();
  const answer = await candidate.goto(link);
  assert.ok([200, 410].includes(answer.status()), 'the start page knows the link');
});
