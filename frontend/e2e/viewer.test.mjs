// The viewer in a real browser: node --test e2e/viewer.test.mjs, with TICKERTAPE_URL naming a running front door.
// CHROMIUM may name the browser (default /usr/bin/chromium).
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';

const address = process.env.TICKERTAPE_URL?.replace(/\/?$/, '/');
assert.ok(address, 'TICKERTAPE_URL must name a running front door, such as http://127.0.0.1:5000/');

/** Enough for a clock that ticks each 2 s and says a custom event after each third message, on a busy machine. */
const SOON = 20_000;

let profile;
let browser;
let page;
const faults = [];

before(async () => {
  profile = await mkdtemp(join(tmpdir(), 'tickertape-viewer-'));
  browser = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    viewport: { width: 1280, height: 800 },
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  browser.setDefaultTimeout(SOON);
  page = await browser.newPage();
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    // A refusal by the content security policy comes as a console error.
    if (message.type() === 'error') faults.push(message.text());
  });
  await page.goto(address);
});

after(async () => {
  await browser?.close();
  if (profile !== undefined) await rm(profile, { recursive: true, force: true });
});

const row = (selector = '') => page.locator(`[data-testid="tape-row"]${selector}`);

async function newestSeq() {
  return Number(await row().last().getAttribute('data-seq'));
}

test('the stream is established, and the page says so', async () => {
  await page.locator('[data-testid="stream-state"][data-state="open"]').waitFor();
  assert.match(await page.getByTestId('stream-state').innerText(), /Connection established\./);
});

test('the clock ticks', async () => {
  await row('[data-feed="clock"]').first().waitFor();
  const first = await newestSeq();
  await page.waitForFunction((seq) => {
    const rows = [...document.querySelectorAll('[data-testid="tape-row"][data-feed="clock"]')];
    return rows.some((element) => Number(element.getAttribute('data-seq')) > seq);
  }, first);
  const message = row('[data-feed="clock"][data-type="message"]').last();
  assert.match(
    await message.innerText(),
    /Server time: \w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4} \(message \d+\)/,
  );
});

test('custom events are told apart', async () => {
  const custom = row('[data-feed="clock"][data-type="custom_event"]').last();
  await custom.waitFor();
  const words = await custom.innerText();
  assert.match(words, /custom_event/);
  assert.match(words, /This is a custom event \d+\.0/);
  assert.doesNotMatch(await row('[data-type="message"]').last().innerText(), /\bmessage\b(?! \d)/);
});

test('an event that is chosen shows its detail', async () => {
  const custom = row('[data-feed="clock"][data-type="custom_event"]').last();
  const words = /This is a custom event \d+\.0/.exec(await custom.innerText())?.[0];
  await custom.click();
  const inspector = page.getByTestId('inspector');
  await inspector.waitFor();
  assert.ok((await inspector.innerText()).includes(words));
  await page.keyboard.press('Escape');
  await inspector.waitFor({ state: 'detached' });
});

test('the parts of an event’s detail are there, by keyboard as well', async () => {
  await row('[data-feed="clock"][data-type="custom_event"]').last().click();
  await page.getByTestId('inspect-event').focus();
  for (const part of ['data', 'changes', 'frame']) {
    await page.keyboard.press('ArrowRight');
    assert.equal(await page.getByTestId(`inspect-${part}`).getAttribute('aria-selected'), 'true');
  }
  const frame = page.getByTestId('raw-frame');
  await frame.waitFor();
  assert.match(await frame.innerText(), /event: custom_event[^]*data: This is a custom event \d+\.0/);
  await page.getByTestId('inspect-event').click();
  await page.keyboard.press('Escape');
  await page.getByTestId('inspector').waitFor({ state: 'detached' });
});

test('beside an event on a small window the tape can be held and let go', async () => {
  const usual = page.viewportSize();
  await page.setViewportSize({ width: 900, height: 600 });
  await row('[data-feed="clock"]').last().click();
  await page.getByTestId('inspector').waitFor();
  // A click on what something else lies over waits in vain.
  const follow = page.getByTestId('follow');
  if ((await follow.getAttribute('aria-pressed')) === 'true') await follow.click();
  assert.equal(await follow.getAttribute('aria-pressed'), 'false');
  await page.getByTestId('new-pill').click();
  assert.equal(await follow.getAttribute('aria-pressed'), 'true');
  await page.keyboard.press('Escape');
  await page.getByTestId('inspector').waitFor({ state: 'detached' });
  await page.setViewportSize(usual);
});

test('the four transports bring the same events', async () => {
  await page.getByTestId('tab-transports').click();
  await page.getByTestId('trial-start').click();
  for (const via of ['sse', 'websocket', 'longpoll', 'poll']) {
    const lane = page.getByTestId(`lane-${via}`).locator('td');
    // Columns: p50, p95, events, requests, bytes, bytes an event, broken, missed, doubled.
    await page.waitForFunction((cell) => Number(cell?.textContent) >= 2, await lane.nth(2).elementHandle());
    assert.deepEqual((await lane.allInnerTexts()).slice(-3), ['0', '0', '0'], via);
  }
  await page.getByTestId('trial-stop').click();
  await page.getByTestId('tab-tape').click();
  await row().first().waitFor();
  await page.evaluate(() => document.activeElement?.blur()); // or Space would press the tab
});

test('Space holds the view, and the pill leads back to the newest event', async () => {
  await page.keyboard.press('Space');
  const held = await newestSeq();
  await page.getByTestId('new-pill').click();
  await page.getByTestId('new-pill').waitFor({ state: 'detached' });
  assert.ok((await newestSeq()) > held);
});

test('nothing can be changed from here', async () => {
  assert.equal(await page.getByTestId('tab-settings').count(), 0);
  assert.match(await page.locator('nav').last().innerText(), /tickertape feed add URL/);
});

test('reloading keeps the history', async () => {
  const seq = await row().last().getAttribute('data-seq');
  await page.reload();
  await row(`[data-seq="${seq}"]`).waitFor();
});

test('no event comes twice', async () => {
  const seqs = await row().evaluateAll((rows) => rows.map((element) => Number(element.dataset.seq)));
  assert.deepEqual(
    seqs,
    [...new Set(seqs)].sort((a, b) => a - b),
  );
});

test('/basic is the page of the demonstration', async () => {
  const basic = await browser.newPage();
  await basic.goto(new URL('basic', address).href);
  const has = (pattern) =>
    basic.waitForFunction((source) => new RegExp(source).test(document.body.innerText), pattern);
  await has('Connection established\\.');
  await has('Message from server: Server time: .+ \\(message \\d+\\)');
  await has('Custom event from server: This is a custom event \\d+\\.0');
  await basic.close();
});

test('the page had no fault', () => {
  assert.deepEqual(faults, []);
});
