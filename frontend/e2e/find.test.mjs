// The window's page in a real browser, with the window's door: finding things. build/e2e/find_test.go runs it, with
// PAGE_AT, DOOR_URL and DOOR_KEY. CHROMIUM may name the browser (default /usr/bin/chromium).
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessible as accessiblePage, openWindowPage } from './browser.mjs';

const { PAGE_AT, DOOR_URL, DOOR_KEY } = process.env;
assert.ok(
  PAGE_AT && DOOR_URL && DOOR_KEY,
  'PAGE_AT, DOOR_URL and DOOR_KEY must name a running page and its door',
);

const faults = [];
let browser;
let page;

before(async () => {
  ({ browser, page } = await openWindowPage({ at: PAGE_AT, door: DOOR_URL, key: DOOR_KEY }));
  page.on('pageerror', (error) => faults.push(error.message));
  await page.goto('http://wails.localhost/');
  await row('[data-feed="log"]').first().waitFor();
});

after(async () => browser?.close());

const row = (selector = '') => page.locator(`[data-testid="tape-row"]${selector}`);
const query = () => page.getByTestId('query');
const feed = (id) => page.locator(`[data-testid="feed-item"][data-feed="${id}"]`);
const only = (id) =>
  page.waitForFunction((wanted) => {
    const rows = [...document.querySelectorAll('[data-testid="tape-row"]')];
    return rows.length > 0 && rows.every((element) => element.dataset.feed === wanted);
  }, id);
const inTape = () => page.locator('[data-testid="tape-row"]').first().click();

const accessible = (what) => accessiblePage(page, what);

test('/ leads to the query field, which shows only what the query selects', async () => {
  await inTape();
  await page.keyboard.press('/');
  assert.equal(await query().evaluate((input) => input === document.activeElement), true);
  await page.keyboard.type('feed:log');
  await page.keyboard.press('Enter');
  await only('log');
});

test('a query that fails names the place, and the last good result stays', async () => {
  await query().fill('feed:log value>x');
  await page.keyboard.press('Enter');
  const fault = page.getByTestId('query-fault');
  await fault.waitFor();
  assert.match(await fault.innerText(), /number.*last good search/is);
  assert.equal(await query().getAttribute('aria-invalid'), 'true');
  assert.equal(await page.locator('.mirror .wrong').innerText(), 'x');
  await only('log');
  await accessible('a fault');
});

test('suggestions come from fields and values seen, and are taken by the keyboard', async () => {
  await query().fill('ty');
  await page.getByRole('option', { name: /^type:/ }).waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  assert.equal(await query().inputValue(), 'type:');
  await page.getByRole('option', { name: /^trade/ }).waitFor();
  await accessible('suggestions');
  await page.getByRole('option', { name: /^trade/ }).click();
  await page.keyboard.press('Enter');
  await only('ticker');
  await page.keyboard.press('Escape');
  assert.equal(await query().inputValue(), '');
  await row('[data-feed="clock"]').first().waitFor();
});

test('earlier queries are offered again', async () => {
  await query().click();
  await page.getByRole('option', { name: /^feed:log/ }).click();
  await only('log');
});

test('a found event is shown in context', async () => {
  await row().nth(3).click();
  const seq = await row('[aria-selected="true"]').getAttribute('data-seq');
  await page.setViewportSize({ width: 900, height: 600 });
  await page.getByRole('button', { name: 'Show in context' }).waitFor();
  assert.ok((await query().boundingBox()).width > 120); // it has room for a few words all the same
  await page.setViewportSize({ width: 1280, height: 820 });
  await page.getByTestId('in-context').click();
  await row(`[data-seq="${seq}"]`).waitFor();
  assert.equal(await query().inputValue(), '');
  await page.waitForFunction(() => {
    const feeds = new Set(
      [...document.querySelectorAll('[data-testid="tape-row"]')].map((element) => element.dataset.feed),
    );
    return feeds.size > 1;
  });
  await page.keyboard.press('Escape');
});

test('a search is saved as a view, which counts what comes while it is closed', async () => {
  await query().fill('severity>=info feed:log');
  await page.keyboard.press('Enter');
  await only('log');
  await page.getByTestId('save-view').click();
  await page.keyboard.type('Log');
  await accessible('saving a view');
  await page.keyboard.press('Enter');
  const view = page.getByTestId('saved-view');
  await view.waitFor();
  assert.equal(await view.getAttribute('aria-pressed'), 'true');
  await view.click();
  await page.getByText(/new since it was last open/).waitFor({ state: 'attached' });
  await view.click();
  await page.getByText(/new since it was last open/).waitFor({ state: 'detached' });
  await only('log');
  await view.click();
});

test('a muted feed is left out, and comes back', async () => {
  await feed('log').hover();
  await feed('log').getByRole('button', { name: /Mute/ }).click();
  await page.waitForFunction(
    () => document.querySelectorAll('[data-testid="tape-row"][data-feed="log"]').length === 0,
  );
  await feed('log')
    .getByRole('button', { name: /in the tape again/ })
    .click();
  await row('[data-feed="log"]').first().waitFor();
});

test('a feed alone is shown, and paused where it stands', async () => {
  const act = async (name) => {
    await feed('log')
      .getByRole('button', { name: /Actions/ })
      .click();
    await page.getByRole('menuitem', { name }).click();
  };
  const state = (name) =>
    page.waitForFunction(
      (wanted) =>
        document.querySelector('[data-testid="feed-item"][data-feed="log"]').innerText.includes(wanted),
      name,
    );
  await act('Show only this feed');
  await only('log');
  await act('Show all feeds again');
  await row('[data-feed="clock"]').first().waitFor();
  await act(/^Pause/);
  await state('Paused');
  await act(/^Resume|^Start/);
  await state('Live');
});

test('feeds move by the keyboard, into groups by their menu, and stay there', async () => {
  const order = () =>
    page.getByTestId('feed-item').evaluateAll((items) => items.map((item) => item.dataset.feed));
  assert.deepEqual(await order(), ['clock', 'log', 'dead', 'ticker']);
  await feed('clock').locator('.choose').focus();
  await page.keyboard.press('Alt+ArrowDown');
  await page.waitForFunction(
    () => document.querySelector('[data-testid="feed-item"]').dataset.feed === 'log',
  );
  await feed('clock')
    .getByRole('button', { name: /Actions/ })
    .focus();
  await page.keyboard.press('Enter');
  await page.getByRole('menuitem', { name: /group/ }).click();
  await page.keyboard.type('Markets');
  await page.keyboard.press('Enter');
  await page.waitForFunction(
    () => document.querySelectorAll('ul.inside [data-testid="feed-item"]').length === 2,
  );
  await page.reload();
  await page.waitForFunction(() => document.querySelectorAll('[data-testid="feed-item"]').length === 4);
  assert.deepEqual((await order()).slice(0, 2), ['log', 'dead']);
});

test('a feed in trouble says why, and tries again when asked', async () => {
  await feed('dead').locator('.choose').hover();
  const card = page.getByRole('tooltip');
  await card.waitFor();
  await card
    .getByText(/refused/i)
    .first()
    .waitFor(); // not while it tries again
  await feed('dead').getByRole('button', { name: 'Retry now' }).click();
  await page.mouse.move(700, 400);
  await accessible('the tape and its sidebar');
});

test('the palette finds commands by a few letters and does them, the recent ones first', async () => {
  await page.keyboard.press('Control+k');
  await page.getByTestId('palette').waitFor();
  await accessible('the palette');
  await page.keyboard.type('rows com');
  await page.keyboard.press('Enter');
  await page.locator('[data-density]').waitFor();
  await page.keyboard.press('Control+k');
  assert.match(await page.getByTestId('palette').getByRole('option').first().innerText(), /Rows/);
  await page.keyboard.press('Escape');
  await page.locator('[data-density="compact"]').waitFor();
  await page.getByTestId('tape-options').click();
  await page.getByRole('radio', { name: 'Comfortable' }).click();
  await page.locator('[data-density="comfortable"]').waitFor();
  await page.keyboard.press('Escape');
});

test('chords and single keys work, and the sheet lists them', async () => {
  await inTape();
  await page.keyboard.press('g');
  await page.keyboard.press('s');
  await page.getByTestId('section-feeds').waitFor();
  await page.keyboard.press('g');
  await page.keyboard.press('t');
  await row().first().waitFor();
  await page.keyboard.press('?');
  await page.getByTestId('shortcuts').waitFor();
  await accessible('the sheet of shortcuts');
  await page.keyboard.press('Escape');
  await page.getByTestId('shortcuts').waitFor({ state: 'detached' });
  await inTape();
  const before = await row('[aria-selected="true"]').getAttribute('data-seq');
  await page.keyboard.press('k');
  assert.ok(Number(await row('[aria-selected="true"]').getAttribute('data-seq')) < Number(before));
});

test('what comes is said in a sentence, not in each event', async () => {
  const says = page.getByTestId('says');
  await page.waitForFunction(() =>
    /new event/.test(document.querySelector('[data-testid="says"]').textContent),
  );
  const first = await says.innerText();
  const told = await page.evaluate(
    () =>
      new Promise((resolve) => {
        let changes = 0;
        new MutationObserver(() => changes++).observe(document.querySelector('[data-testid="says"]'), {
          childList: true,
          characterData: true,
          subtree: true,
        });
        setTimeout(() => resolve(changes), 4_500);
      }),
  );
  assert.ok(told <= 1, `${String(told)} sentences in 4.5 s after ${first}`);
});

/** On a small window nothing stands out of it, is cut without a mark, or breaks the sidebar's first line. */
async function fits(language) {
  await page.setViewportSize({ width: 900, height: 600 });
  const wrong = await page.evaluate(() => {
    const said = (element) =>
      [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim() !== '');
    const cut = (element) =>
      getComputedStyle(element).overflowX === 'visible' && element.scrollWidth > element.clientWidth + 1;
    const bad = [...document.querySelectorAll('nav *, main *, header *')]
      .filter((element) => element.offsetParent !== null && element.clientWidth > 0 && said(element))
      .filter((element) => cut(element) || element.getBoundingClientRect().right > window.innerWidth + 1);
    const broken = [...document.querySelectorAll('.all > span')].filter((span) => span.clientHeight > 24);
    return [...bad, ...broken].map((element) => element.textContent);
  });
  assert.deepEqual(wrong, [], language);
  await page.setViewportSize({ width: 1280, height: 820 });
}

test('the window speaks German and Japanese, at once and after a reload', async () => {
  const say = async (typed) => {
    await page.keyboard.press('Control+k');
    await page.getByTestId('palette').waitFor();
    await page.keyboard.type(typed);
    await page.keyboard.press('Enter');
  };
  await say('deutsch');
  await page.waitForFunction(() => document.documentElement.lang === 'de');
  await page.getByText('Alle Feeds').first().waitFor();
  await page.reload();
  await page.getByText('Alle Feeds').first().waitFor();
  await fits('German');
  await say('日本語');
  await page.waitForFunction(() => document.documentElement.lang === 'ja');
  await page.getByText('全フィード').first().waitFor();
  await fits('Japanese');
  await say('english');
  await page.getByText('All feeds').first().waitFor();
});

test('high contrast is readable in both schemes', async () => {
  await page.keyboard.press('Control+k');
  await page.keyboard.type('high contrast');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.documentElement.dataset.contrast === 'more');
  await accessible('high contrast');
});

test('the page had no fault', () => {
  assert.deepEqual(faults, []);
});
