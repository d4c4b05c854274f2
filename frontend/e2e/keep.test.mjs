// What the tape keeps and gives back, in the window's page in a real browser. build/e2e/keep_test.go runs it, with
// PAGE_AT, DOOR_URL and DOOR_KEY, FRONT_URL of the front door and SAVE_TO, a folder. Feed "old" has 12 events of the two
// days before today; "a" and "b" have what is published here.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { accessible, openWindowPage } from './browser.mjs';

const { PAGE_AT, DOOR_URL, DOOR_KEY, FRONT_URL, SAVE_TO } = process.env;
assert.ok(PAGE_AT && DOOR_URL && DOOR_KEY && FRONT_URL && SAVE_TO, 'see the top of this file');

const faults = [];
let browser;
let page;

before(async () => {
  const choose = async (name) => {
    const answer = await fetch(`http://${PAGE_AT}/choose`, { method: 'POST', body: join(SAVE_TO, name) });
    return answer.json();
  };
  ({ browser, page } = await openWindowPage({ at: PAGE_AT, door: DOOR_URL, key: DOOR_KEY }, choose));
  page.on('pageerror', (error) => faults.push(error.message));
});

after(async () => browser?.close());

const row = (selector = '', having = {}) => page.locator(`[data-testid="tape-row"]${selector}`, having);
const hook = (name, more = '') => page.locator(`[data-testid="${name}"]${more}`);

/** Waits until the events are stored, and shown where the page follows. */
async function publish(feed, ...lines) {
  for (const line of lines) {
    const answer = await fetch(`${DOOR_URL}/feeds/${feed}/events`, {
      method: 'POST',
      headers: { 'X-Tickertape-Key': DOOR_KEY, 'Content-Type': 'text/plain' },
      body: line,
    });
    assert.equal(answer.status, 202, await answer.text());
  }
}

async function open() {
  await page.goto('http://wails.localhost/');
  await row().first().waitFor();
}

/** Waits until the server knows that everything was seen. */
async function seen() {
  for (let tries = 0; tries < 200; tries++) {
    const answer = await fetch(`${DOOR_URL}/feeds`, { headers: { 'X-Tickertape-Key': DOOR_KEY } });
    const { feeds } = await answer.json();
    if (feeds.every((feed) => feed.unread === 0)) return;
    await page.waitForTimeout(50);
  }
  assert.fail('the server never heard that everything was seen');
}

async function ask(query) {
  await hook('query').fill(query);
  await page.keyboard.press('Enter');
}

test('days are parted by a line with their name', async () => {
  await open();
  await publish('a', 'today');
  await row('[data-feed="a"]').waitFor();
  await hook('day-divider').first().waitFor();
  const yesterday = String(new Date(Date.now() - 86_400_000).getDate());
  await page.keyboard.press('Home');
  await hook('day-divider')
    .filter({ hasText: new RegExp(`\\b${yesterday}\\b`) })
    .waitFor();
});

test('what came while the page was away is counted, and begins at a line', async () => {
  await page.keyboard.press('End');
  await page.waitForFunction(() => document.querySelector('[data-testid="feed-item"] .unread') === null);
  await hook('tab-settings').click();
  await publish('a', 'one', 'two', 'three');
  await hook('tab-tape').click();
  await row('[data-feed="a"]').last().waitFor();
  await hook('unread-divider').waitFor();

  // The same over a restart: the server knows what was seen.
  await seen();
  await page.goto('about:blank');
  await publish('b', 'while nobody was here');
  await publish('b', 'and another');
  await open();
  const line = hook('unread-divider');
  await line.waitFor();
  const at = async (locator) => (await locator.boundingBox()).y;
  assert.ok((await at(line)) < (await at(row('[data-feed="b"]').first())));
  assert.ok((await at(line)) > (await at(row('[data-feed="a"]').last())));
});

test('a feed that nobody looks at counts exactly, and still does after a reload', async () => {
  await page.keyboard.press('Space');
  await publish('a', 'four', 'five');
  await page.waitForFunction(
    () => document.querySelector('[data-feed="a"] .unread [aria-hidden]')?.textContent === '2',
  );
  await hook('tab-settings').click();
  await page.reload();
  await hook('tab-settings').waitFor();
  await hook('tab-tape').click();
  await page.keyboard.press('End');
  await page.waitForFunction(() => document.querySelector('[data-feed="a"] .unread') === null);
});

test('bursts of a feed are one row, which another feed cuts', async () => {
  await publish('b', 'before');
  await publish('a', ...Array.from({ length: 5 }, (_, n) => `first ${String(n)}`));
  await publish('b', 'between');
  await publish('a', ...Array.from({ length: 4 }, (_, n) => `second ${String(n)}`));
  await hook('tape-options').click();
  await page.getByText('Put bursts together').click(); // the words of a switch are part of it
  await page.getByRole('dialog').click({ position: { x: 4, y: 4 } });
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  const groups = hook('tape-group');
  await groups.nth(1).waitFor();
  const all = await groups.allInnerTexts();
  assert.match(all.at(-2), /5/);
  assert.match(all.at(-1), /4/);
  const before = await row().count();
  await groups.last().click();
  await row('[data-feed="a"]', { hasText: 'second 3' }).last().waitFor();
  assert.equal(await row().count(), before + 4);
  await hook('tape-options').click();
  await page.getByRole('switch', { name: /Group|burst/i }).click();
  await page.keyboard.press('Escape');
  await groups.first().waitFor({ state: 'detached' });
});

test('a star has a note, stays, and is found by is:starred', async () => {
  const chosen = row('[data-feed="b"]', { hasText: 'between' }).last();
  await chosen.click();
  await page.keyboard.press('s');
  const note = hook('star-note');
  await note.fill('remember this');
  await page.keyboard.press('Enter');
  await accessible(page, 'a star with its note');
  await page.keyboard.press('Escape');
  await ask('remembered');
  await row('[data-feed="old"]').first().waitFor();
  await row('[data-feed="old"]').first().click();
  await page.keyboard.press('s');
  await hook('star-note').waitFor();
  await page.keyboard.press('Escape');
  await ask('is:starred');
  await page.waitForFunction(() => document.querySelectorAll('[data-testid="tape-row"]').length === 2);
  await open();
  await ask('is:starred');
  await page.waitForFunction(() => document.querySelectorAll('[data-testid="tape-row"]').length === 2);
  await row('[data-feed="b"]').click();
  assert.equal(await hook('star-note').inputValue(), 'remember this');
  await page.keyboard.press('Escape');
});

test('a range is exported to the file that was chosen', async () => {
  await page.keyboard.press('Control+k');
  await page.keyboard.type('export ev');
  await page.keyboard.press('Enter');
  await hook('export-dialog').waitFor();
  assert.equal(await hook('export-what').inputValue(), 'shown');
  await accessible(page, 'the export');
  await hook('export-start').click();
  await hook('export-state', '[data-state="done"]').waitFor();
  await hook('export-close').click();
  const [name, ...others] = await readdir(SAVE_TO);
  assert.deepEqual(others, []);
  const lines = (await readFile(join(SAVE_TO, name), 'utf8')).trim().split('\n');
  assert.deepEqual(
    lines.map((line) => JSON.parse(line).data),
    ['remembered 1', 'between'],
  );
});

test('one feed is exported as a table', async () => {
  await hook('query').fill('');
  await page.keyboard.press('Enter');
  await hook('tape-options').click();
  await hook('export').click();
  await hook('export-what').selectOption({ label: 'Old' });
  await page.getByRole('radio', { name: 'CSV' }).click();
  await hook('export-start').click();
  await hook('export-state', '[data-state="done"]').waitFor();
  assert.match(await hook('export-state').innerText(), /12 events/);
  await page.keyboard.press('Escape');
  const names = await readdir(SAVE_TO);
  const table = names.find((name) => name.endsWith('.csv'));
  assert.match(table, /^tickertape-old-/);
  assert.equal((await readFile(join(SAVE_TO, table), 'utf8')).trim().split('\r\n').length, 13);
});

test('rows are selected with Shift and Ctrl, wherever the view goes, and are exported, copied and starred', async () => {
  await page.keyboard.press('End');
  await publish('a', ...Array.from({ length: 6 }, (_, n) => `pick ${String(n)}`));
  const pick = (n) => row('[data-feed="a"]', { hasText: `pick ${String(n)}` });
  const list = page.getByRole('listbox');
  const bar = hook('picked');
  const picked = async (count) => page.locator(`[data-testid="picked"][data-count="${count}"]`).waitFor();
  await pick(5).waitFor();

  // With the mouse: a range, without one of it, and another beside it.
  await pick(3).click({ modifiers: ['Control'] });
  await pick(5).click({ modifiers: ['Shift'] });
  await picked(3);
  await pick(4).click({ modifiers: ['Control'] });
  await pick(1).click({ modifiers: ['Control'] });
  await picked(3);
  assert.equal(await hook('inspector').count(), 0);
  const texts = await page.locator('[data-testid="tape-row"][aria-selected="true"]').allInnerTexts();
  assert.deepEqual(
    texts.map((text) => /pick \d/.exec(text)[0]),
    ['pick 1', 'pick 3', 'pick 5'],
  );
  await accessible(page, 'selected rows');
  await publish('b', 'while some are selected');
  await list.evaluate((element) => (element.scrollTop = 0));
  await row('[data-feed="old"]').first().waitFor();
  await picked(3);

  await hook('picked-export').click();
  assert.equal(await hook('export-what').inputValue(), 'picked');
  await hook('export-start').click();
  await hook('export-state', '[data-state="done"]').waitFor();
  const path = await hook('export-state').locator('.selectable').innerText();
  await page.keyboard.press('Escape');
  const wanted = ['pick 1', 'pick 3', 'pick 5'];
  const data = (lines) =>
    lines
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).data);
  assert.deepEqual(data(await readFile(path, 'utf8')), wanted);
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await bar.getByRole('button', { name: 'Copy' }).click();
  await bar.getByText('Copied').first().waitFor();
  assert.deepEqual(data(await page.evaluate(() => navigator.clipboard.readText())), wanted);

  await hook('picked-star').click();
  await page.keyboard.press('Escape');
  await bar.waitFor({ state: 'detached' });
  await page.keyboard.press('End');
  const starred = row('[data-feed="a"]', { hasText: /pick \d[^]*Starred/ });
  await starred.nth(2).waitFor(); // others are starred, too
  assert.equal(await starred.count(), 3);

  // With the keyboard: from the row it is at, and from there to everything.
  await pick(5).click();
  await list.focus();
  await page.keyboard.press('Shift+ArrowUp');
  await page.keyboard.press('Shift+PageUp');
  await page.keyboard.press('Shift+ArrowDown');
  const count = Number(await bar.getAttribute('data-count'));
  assert.ok(count > 5, `${count}`);
  assert.equal((await page.locator('[data-testid="tape-row"][aria-selected="true"]').count()) > 5, true);
  await page.keyboard.press('Control+Space');
  await picked(count - 1);
  await page.keyboard.press('Control+a');
  await page.waitForFunction(
    () => document.querySelectorAll('[data-testid="tape-row"][aria-selected="false"]').length === 0,
  );
  await page.keyboard.press('Escape');
  await bar.waitFor({ state: 'detached' });
  await hook('inspector').waitFor(); // Escape took one thing back
  await pick(1).click(); // a selection of one, to which the others come
  await pick(3).click({ modifiers: ['Control'] });
  await pick(5).click({ modifiers: ['Control'] });
  await page.keyboard.press('s');
  await starred.first().waitFor({ state: 'detached' });
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await page.keyboard.press('End');
});

test('a page of an event keeps its images back, and a link opens after its address was shown', async () => {
  await page.evaluate(() => {
    window.opened = [];
    window.go.main.App.OpenLink = (url) => Promise.resolve(window.opened.push(url));
  });
  const text =
    '<p>Read <a href="https://example.com/there?from=here">the rest</a><img src="https://example.com/dot.png"></p>';
  await publish('a', JSON.stringify({ title: 'With a page', text }));
  await row('[data-feed="a"]', { hasText: 'With a page' }).click();
  await hook('inspect-page').click();
  const source = () => hook('event-page').getAttribute('src');
  assert.doesNotMatch(await source(), /images=1/);
  await page.getByText('1 image is not loaded.').waitFor();
  await hook('show-images').click();
  await page.getByText('1 image is loaded.').waitFor();
  assert.match(await source(), /images=1/);
  await hook('page-link').click();
  await page.getByText('https://example.com/there?from=here', { exact: true }).waitFor();
  assert.deepEqual(await page.evaluate(() => window.opened), []);
  await hook('open-link').click();
  assert.deepEqual(await page.evaluate(() => window.opened), ['https://example.com/there?from=here']);

  // What is copied as curl gives the same event, in a shell.
  await hook('inspect-event').click();
  await page.getByRole('button', { name: 'Copy as curl' }).click();
  const line = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(line, /^curl /);
  const { stdout } = await promisify(execFile)('sh', ['-c', line.replace('curl', 'curl -sf')]);
  assert.equal(JSON.parse(stdout).title, 'With a page');
});

test('a value is copied with its path, becomes the key, tells what changed, and is what is searched for', async () => {
  const sensor = (celsius) => publish('b', JSON.stringify({ bench: { name: 'north' }, celsius }));
  const clip = () => page.evaluate(() => navigator.clipboard.readText());
  const value = () => page.getByRole('treeitem', { name: /north/ });
  await sensor(12.5);
  const readings = row('[data-feed="b"]', { hasText: 'north' });
  await readings.first().click();
  await hook('inspect-data').click();
  await value().click();
  await page.getByRole('button', { name: 'Copy value' }).click();
  assert.equal(await clip(), 'north');
  await page.getByRole('button', { name: 'Copy path' }).click();
  assert.equal(await clip(), 'bench.name');
  await hook('use-as-key').click();
  await page.getByText('From now on, events of Beta have this as their key.').waitFor();

  await sensor(12.75);
  await publish('b', 'something else');
  await sensor(13);
  await readings.nth(2).click();
  await hook('inspect-changes').click();
  await page.getByRole('tabpanel').getByText('12.75').first().waitFor();
  await hook('inspect-data').click();
  await value().click();
  await hook('filter-by-this').click();
  assert.match(await hook('query').inputValue(), /data\.bench\.name/);
  await page.waitForFunction(() => document.querySelectorAll('[data-testid="tape-row"]').length === 3);
  await hook('inspect-event').click();
  await page.keyboard.press('Escape');
  await ask('');
  await page.keyboard.press('End');
  await row('[data-feed="a"]').first().waitFor();
});

test('history that was cleared says so where it ends', async () => {
  const answer = await fetch(`${DOOR_URL}/api/feeds/old/events`, {
    method: 'DELETE',
    headers: { 'X-Tickertape-Key': DOOR_KEY },
  });
  assert.equal(answer.status, 200);
  await open();
  await page.keyboard.press('Home');
  // What the stream tells is a row, what history tells stands between rows.
  const told = /cleared: those of Old\.\s+They can’t be loaded/;
  await hook('tape-gap').waitFor();
  assert.match(await hook('tape-gap').innerText(), told);
  assert.equal(await row('[data-feed="old"]').count(), 1); // the starred one
  await ask('is:starred');
  await page.waitForFunction(() => document.querySelectorAll('[data-testid="tape-row"]').length === 2);
  await row('[data-feed="old"]').click();
  await hook('in-context').click();
  await hook('tape-lost').waitFor();
  assert.match(await hook('tape-lost').innerText(), told);
  assert.equal(await hook('tape-lost').count(), 1);
  await accessible(page, 'a gap');
});

test('a saved view is there for every reader, and only its owner can change it', async () => {
  await ask('is:starred');
  await page.waitForFunction(() => document.querySelectorAll('[data-testid="tape-row"]').length === 2);
  await hook('save-view').click();
  await page.keyboard.type('Kept');
  await page.keyboard.press('Enter');
  await hook('saved-view').waitFor();
  const viewer = await browser.newPage();
  await viewer.goto(FRONT_URL);
  const view = viewer.locator('[data-testid="saved-view"]');
  await view.click();
  await viewer.waitForFunction(() => document.querySelectorAll('[data-testid="tape-row"]').length === 2);
  assert.equal(await view.getAttribute('aria-pressed'), 'true');
  assert.equal(await viewer.locator('.more').count(), 0);
  await accessible(viewer, 'the viewer');

  // A browser downloads what the window saves.
  await viewer.locator('[data-testid="tape-options"]').click();
  await viewer.locator('[data-testid="export"]').click();
  const [download] = await Promise.all([
    viewer.waitForEvent('download'),
    viewer.locator('[data-testid="export-start"]').click(),
  ]);
  assert.match(download.suggestedFilename(), /^tickertape-.*\.ndjson$/);
  await viewer.close();
});

test('the page had no fault', () => {
  assert.deepEqual(faults, []);
});
