// Nothing serious for people who can't see, on any screen, in both themes: axe-core over the window's page in a real
// browser. build/e2e/keep_test.go runs it, with PAGE_AT, DOOR_URL and DOOR_KEY, on a data folder whose only feed, "a",
// takes what is published here. Screens that other tests come by are looked at there.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessible, openWindowPage } from './browser.mjs';

const { PAGE_AT, DOOR_URL, DOOR_KEY } = process.env;
assert.ok(PAGE_AT && DOOR_URL && DOOR_KEY, 'see the top of this file');

let browser;
let page;

const hook = (name, more = '') => page.locator(`[data-testid="${name}"]${more}`);

async function publish(body, type = 'application/json') {
  const answer = await fetch(`${DOOR_URL}/feeds/a/events`, {
    method: 'POST',
    headers: { 'X-Tickertape-Key': DOOR_KEY, 'Content-Type': type },
    body,
  });
  assert.equal(answer.status, 202, await answer.text());
}

before(async () => {
  ({ browser, page } = await openWindowPage({ at: PAGE_AT, door: DOOR_URL, key: DOOR_KEY }));
  await page.goto('http://wails.localhost/');
});

after(async () => browser?.close());

test('an empty tape', async () => {
  await hook('empty').waitFor();
  await accessible(page, 'an empty tape');
});

test('the settings, each page', async () => {
  await hook('tab-settings').click();
  const sections = page.locator('[data-testid^="section-"]');
  await sections.first().waitFor();
  for (let n = 0; n < (await sections.count()); n++) {
    await sections.nth(n).click();
    await accessible(page, `settings: ${await sections.nth(n).innerText()}`);
  }
});

test('adding a feed', async () => {
  await page.locator('[data-testid="section-feeds"]').click();
  await hook('add-feed-url').fill('https://127.0.0.1:9/feed');
  await page.keyboard.press('Enter');
  await page.locator('dialog[open]').waitFor();
  await hook('feed-probe-error').waitFor();
  await accessible(page, 'adding a feed');
  await page.keyboard.press('Escape');
  await page.locator('dialog[open]').waitFor({ state: 'detached' });
});

test('the transports', async () => {
  await hook('tab-transports').click();
  await hook('trial-start').waitFor();
  await accessible(page, 'transports');
});

test('the tape with each kind of row, followed and held, and the inspector’s parts', async () => {
  await hook('tab-tape').click();
  await publish('{"title":"A headline","text":"<p>What it <b>says</b>.</p>","url":"https://example.com/"}');
  await publish('{"symbol":"MOSS","price":9.3}');
  await publish('{"symbol":"MOSS","price":9.27}');
  await publish('plain \u001b[31mred\u001b[0m text', 'text/plain');
  await hook('tape-row').nth(3).waitFor();
  await accessible(page, 'a tape with rows');
  await hook('follow').click();
  await publish('one more', 'text/plain');
  await hook('new-pill').waitFor();
  await accessible(page, 'a held tape');
  await hook('tape-row').first().click();
  await page.locator('[data-testid="inspector"]').waitFor();
  const tabs = page.locator('[data-testid^="inspect-"][role="tab"]');
  await tabs.nth(3).waitFor();
  for (let n = 0; n < (await tabs.count()); n++) {
    await tabs.nth(n).click();
    await accessible(page, `the inspector: ${await tabs.nth(n).innerText()}`);
  }
  await page.keyboard.press('Escape');
  await hook('tape-options').click();
  await accessible(page, 'the tape’s options');
});
