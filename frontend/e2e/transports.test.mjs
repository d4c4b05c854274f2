// The Transports screen, load and a bad network included, in a browser that takes itself for the window: node --test
// e2e/transports.test.mjs, as build/e2e/settings_test.go runs it; see settings.test.mjs. TICKERTAPE_PICTURES may name a
// folder for pictures.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openBrowser } from './browser.mjs';

const { TICKERTAPE_DOOR: door, TICKERTAPE_KEY: key, TICKERTAPE_PAGE: port } = process.env;
assert.ok(door && key && port, 'see the top of this file');

const VIAS = ['sse', 'websocket', 'longpoll', 'poll'];
const faults = [];
let page;
let close;

before(async () => {
  ({ page, close } = await openBrowser(faults, [
    `--host-resolver-rules=MAP wails.localhost 127.0.0.1:${port}`,
    '--disable-features=LocalNetworkAccessChecks',
  ]));
  await page.addInitScript(
    (told) => {
      window.go = {
        main: {
          App: { Door: async () => told, OpenLink: async () => undefined, Ready: async () => undefined },
        },
      };
      window.runtime = {};
    },
    { url: door, key, version: 'e2e' },
  );
  await page.goto('http://wails.localhost/');
  await page.getByTestId('tab-transports').click();
});

after(() => close?.());

// Columns: p50, p95, events, requests, bytes, bytes an event, broken, missed, doubled.
const cells = (via) => page.getByTestId(`lane-${via}`).locator('td').allInnerTexts();
const numberIn = (text) => Number(text.replace(/[^\d.]/g, ''));
const milliseconds = (text) => numberIn(text) * (/\ds$|\d s$/.test(text.trim()) ? 1_000 : 1);

async function until(what, fact) {
  const end = Date.now() + 20_000;
  while (!(await fact())) {
    assert.ok(Date.now() < end, `${what}: ${JSON.stringify(await Promise.all(VIAS.map(cells)))}`);
    await page.waitForTimeout(200);
  }
}

const eachHas = (column, atLeast) => async () =>
  (await Promise.all(VIAS.map(cells))).every((row) => numberIn(row[column]) >= atLeast);

/** Moves a slider to one of its steps by the keyboard. */
async function slide(label, step) {
  await page.getByRole('slider', { name: label }).focus();
  await page.keyboard.press('Home');
  for (let n = 0; n < step; n++) await page.keyboard.press('ArrowRight');
}

const verdict = () => page.locator('main section').innerText();

async function picture(name) {
  if (process.env.TICKERTAPE_PICTURES === undefined) return;
  for (const scheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme: scheme });
    for (const [width, height] of [
      [1280, 820],
      [900, 600],
    ]) {
      await page.setViewportSize({ width, height });
      const path = `${process.env.TICKERTAPE_PICTURES}/${name}-${scheme}-${String(width)}.png`;
      await page.screenshot({ path });
    }
  }
}

test('load makes events, by every transport the same', async () => {
  await slide(/load/i, 3);
  await page.getByTestId('trial-start').click();
  await until('events come', eachHas(2, 40));
  await until('there is a verdict', async () => !/few more seconds/.test(await verdict()));
  for (const via of VIAS) assert.deepEqual((await cells(via)).slice(-3), ['0', '0', '0'], via);
  const [sse, , , poll] = await Promise.all(VIAS.map(async (via) => milliseconds((await cells(via))[0])));
  assert.ok(sse < poll, `SSE ${String(sse)} ms, polling ${String(poll)} ms`);
  await picture('load');
});

test('a delay is measured, and named at the end', async () => {
  await slide(/delay|latency/i, 5);
  await until('the delay shows', async () => milliseconds((await cells('sse'))[0]) >= 200);
  // The measurement began anew, so the sentences take a while; and figures move between two looks.
  await until('the figure in the sentence', async () => {
    const [figure] = await cells('sse');
    return (await verdict()).includes(figure.trim());
  });
  await slide(/delay|latency/i, 0);
});

test('cuts break connections, and nothing is missed', async () => {
  await page.getByLabel(/cut/i).selectOption('5');
  await until('a cut', async () => {
    const rows = await Promise.all(['sse', 'websocket'].map(cells));
    return rows.every((row) => numberIn(row[6]) >= 1 && numberIn(row[2]) >= 40);
  });
  for (const via of VIAS) assert.deepEqual((await cells(via)).slice(-2), ['0', '0'], via);
  await picture('cuts');
  await page.getByTestId('trial-stop').click();
  assert.deepEqual(
    faults.filter((text) => !/ERR_|WebSocket|Failed to load/.test(text)),
    [],
  ); // the cuts
});
