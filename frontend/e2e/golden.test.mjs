// Screens with fixed content look as in the pictures in e2e/golden, in both themes. build/e2e/golden_test.go runs it, with
// PAGE_AT, DOOR_URL and DOOR_KEY, and DIFFERENCES, a folder for what looks otherwise.
// After a change that is wanted, in build's parent: ./build/test build && GOLDEN=renew CHROMIUM=$(command -v chromium) \
//   go test -tags e2e -count=1 -run TestScreensLook ./build/e2e
// and look at them.
import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import pixelmatch from 'pixelmatch';
import { PNG } from 'pngjs';
import { openWindowPage } from './browser.mjs';

const { PAGE_AT, DOOR_URL, DOOR_KEY, DIFFERENCES, GOLDEN } = process.env;
assert.ok(PAGE_AT && DOOR_URL && DOOR_KEY && DIFFERENCES, 'see the top of this file');

const KEPT = new URL('golden/', import.meta.url).pathname;
/** Pictures are compared by squares of so many pixels, as another release of the browser smooths letters otherwise. */
const SQUARE = 4;
/** So many squares may look otherwise; a word that moved has more. */
const MOST = 12;

let browser;
let page;

const hook = (name, more = '') => page.locator(`[data-testid="${name}"]${more}`);

const gone = (what) => what.waitFor({ state: 'hidden' });

before(async () => {
  ({ browser, page } = await openWindowPage({ at: PAGE_AT, door: DOOR_URL, key: DOOR_KEY }, undefined, {
    look: { viewport: { width: 1000, height: 640 }, timezoneId: 'UTC', locale: 'en-GB' },
    flags: ['--disable-lcd-text', '--force-color-profile=srgb'],
  }));
  await page.clock.setFixedTime('2026-11-19T09:30:00Z');
  await page.goto('http://wails.localhost/');
  await hook('tape-row').nth(10).waitFor();
  await gone(page.locator('.unread').first()); // all was seen
  // One that Debian's fontconfig always brings along, whatever the system's own font is.
  await page.evaluate(() => {
    const { style } = document.documentElement;
    style.setProperty('--font', "'DejaVu Sans'");
    style.setProperty('--font-raw', "'DejaVu Sans Mono'");
  });
});

after(async () => browser?.close());

/** The picture with one pixel a square, its mean. */
function shrink(png) {
  const small = new PNG({ width: Math.floor(png.width / SQUARE), height: Math.floor(png.height / SQUARE) });
  for (let i = 0; i < small.data.length; i++) {
    const channel = i % 4;
    const x = ((i >> 2) % small.width) * SQUARE;
    const y = Math.floor((i >> 2) / small.width) * SQUARE;
    let sum = 0;
    for (let dy = 0; dy < SQUARE; dy++)
      for (let dx = 0; dx < SQUARE; dx++) sum += png.data[((y + dy) * png.width + x + dx) * 4 + channel];
    small.data[i] = Math.round(sum / SQUARE ** 2);
  }
  return small;
}

const SETTLES = 10_000;

/** How many squares of what is on screen are others than in the picture, once it has settled. */
async function unlike(file) {
  const kept = shrink(PNG.sync.read(await readFile(join(KEPT, file))));
  const { width, height } = kept;
  const difference = new PNG({ width, height });
  const until = Date.now() + SETTLES;
  for (;;) {
    const shot = await take();
    const now = shrink(PNG.sync.read(shot));
    const squares = pixelmatch(kept.data, now.data, difference.data, width, height, {
      threshold: 0.1,
      includeAA: true,
    });
    if (squares <= MOST) return 0;
    if (Date.now() < until) continue;
    await writeFile(join(DIFFERENCES, file), shot);
    await writeFile(join(DIFFERENCES, `difference-${file}`), PNG.sync.write(difference));
    return squares;
  }
}

const take = () => page.screenshot({ animations: 'disabled', caret: 'hide' });

/** Compares what is on screen in both themes. */
async function looks(name) {
  const others = {};
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    const file = `${name}-${colorScheme}.png`;
    if (GOLDEN === 'renew') {
      await mkdir(KEPT, { recursive: true });
      await page.waitForTimeout(1000);
      await writeFile(join(KEPT, file), await take());
      continue;
    }
    const squares = await unlike(file);
    if (squares > 0) others[file] = `${squares} squares are others`;
  }
  assert.deepEqual(others, {});
}

test('the tape', async () => {
  await looks('tape');
});

test('selected events, and the export of them', async () => {
  await hook('tape-row')
    .last()
    .click({ modifiers: ['Control'] });
  await page.keyboard.press('Shift+ArrowUp');
  await page.keyboard.press('Shift+ArrowUp');
  await looks('selection');
  await hook('picked-export').click();
  await hook('export-start').waitFor();
  await looks('export');
  await page.keyboard.press('Escape');
  await gone(hook('export-start'));
  await page.keyboard.press('Escape');
  await gone(hook('picked-export'));
});

test('an event’s data', async () => {
  await hook('tape-row').nth(12).click();
  await hook('inspect-data').click();
  await page.locator('[role="tree"]').waitFor();
  await looks('inspector');
  await page.keyboard.press('Escape');
  await gone(hook('inspector'));
});

test('the shortcuts', async () => {
  await page.keyboard.press('?');
  await hook('shortcuts').waitFor();
  await looks('shortcuts');
  await page.keyboard.press('Escape');
  await gone(hook('shortcuts'));
});

test('the transports', async () => {
  await hook('tab-transports').click();
  await hook('trial-start').waitFor();
  await looks('transports');
});

test('settings that have nothing of this computer in them', async () => {
  await hook('tab-settings').click();
  for (const section of ['feeds', 'network', 'appearance', 'backup']) {
    await hook(`section-${section}`).click();
    await looks(`settings-${section}`);
  }
});
