// The settings in a real browser that takes itself for the window: node --test e2e/settings.test.mjs, as
// build/e2e/settings_test.go runs it. TICKERTAPE_DOOR and TICKERTAPE_KEY name the private door, TICKERTAPE_PAGE the port
// of the built front end, TICKERTAPE_FEEDS a simulator.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { chromium } from 'playwright-core';

const {
  TICKERTAPE_DOOR: door,
  TICKERTAPE_KEY: key,
  TICKERTAPE_PAGE: port,
  TICKERTAPE_FEEDS: feeds,
} = process.env;
assert.ok(door && key && port && feeds, 'see the top of this file');

const SOON = Number(process.env.SOON ?? 20_000);
/** Where the simulator wants this token, and answers 401 without. */
const TOKEN = 'simulated-token';

let profile;
let browser;
let page;
const faults = [];

before(async () => {
  profile = await mkdtemp(join(tmpdir(), 'tickertape-settings-'));
  browser = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    viewport: { width: 1280, height: 820 },
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      // The origin that the private door allows on Windows, from a port of ours.
      `--host-resolver-rules=MAP wails.localhost 127.0.0.1:${port}`,
      '--disable-features=LocalNetworkAccessChecks',
    ],
  });
  browser.setDefaultTimeout(SOON);
  page = await browser.newPage();
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text());
  });
  await page.addInitScript(
    (told) => {
      window.go = {
        main: {
          App: {
            Door: async () => told,
            OpenLink: async () => undefined,
            Ready: async () => undefined,
            OpenText: async () => window.chosenFile,
            SaveText: async (name, text) => {
              window.savedFile = { name, text };
              return true;
            },
          },
        },
      };
      window.runtime = {};
    },
    { url: door, key, version: 'e2e' },
  );
  await page.goto('http://wails.localhost/');
  await hook('tab-settings').click();
});

after(async () => {
  await browser?.close();
  if (profile !== undefined) await rm(profile, { recursive: true, force: true });
});

// One test that fails leaves no dialogue to the next.
afterEach(async () => {
  for (let n = 0; n < 3 && (await page.locator('dialog[open]').count()) > 0; n++)
    await page.keyboard.press('Escape');
});

const hook = (name, more = '') => page.locator(`[data-testid="${name}"]${more}`);
const row = (name) => hook('feed-row').filter({ hasText: name });

async function api(method, path, body) {
  const answer = await fetch(door + path, { method, body, headers: { 'X-Tickertape-Key': key } });
  return answer.status === 204 ? undefined : answer.json();
}

async function look(input) {
  await hook('add-feed-url').fill(input);
  await page.keyboard.press('Enter');
}

async function save(name) {
  await hook('add-feed-name').fill(name);
  await hook('add-feed-submit').click();
  await hook('add-feed').waitFor({ state: 'detached' });
}

async function received(name) {
  const { feeds: all } = await api('GET', '/feeds');
  return all.find((feed) => feed.name === name)?.counts.received ?? 0;
}

async function until(what, condition) {
  const end = Date.now() + SOON;
  while (!(await condition())) {
    assert.ok(Date.now() < end, `waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const KINDS = [
  ['sse', '/sse/mastodon'],
  ['websocket', '/ws/jetstream'],
  ['ndjson', '/ndjson/lichess'],
  ['rss', '/rss'],
  ['poll', '/poll/usgs'],
  ['longpoll', '/longpoll'],
];

for (const [kind, path] of KINDS) {
  test(`a feed of the kind ${kind} is found, shown and added`, async () => {
    const url = kind === 'websocket' ? feeds.replace('http:', 'ws:') + path : feeds + path;
    await look(url);
    await hook('feed-probe-found').waitFor();
    if (kind === 'longpoll') {
      // No probe can tell one from an answer without news.
      await hook('feed-kind').selectOption({ label: 'Long polling' });
      await hook('feed-more').click();
      await hook('feed-items').fill('events');
      await hook('feed-cursor-path').fill('next');
      await hook('feed-cursor-param').fill('cursor');
    } else assert.equal(await hook('feed-probe-found').getAttribute('data-kind'), kind);
    await save(`A ${kind}`);
    await hook('feed-row', '[data-state="live"]')
      .filter({ hasText: `A ${kind}` })
      .waitFor();
    await until(`events of ${kind}`, async () => (await received(`A ${kind}`)) > 0);
  });
}

test('three actions lead from an address to its first event', async () => {
  await hook('add-feed-url').focus();
  // 1: paste; an address needs no Enter, which is 2 for those who press it.
  await page.evaluate((text) => {
    const data = new DataTransfer();
    data.setData('text/plain', text);
    document.activeElement.dispatchEvent(
      new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }),
    );
  }, `${feeds}/v2/stream/recentchange`);
  await hook('feed-preview').locator('li').first().waitFor();
  await page.waitForFunction(() => document.activeElement?.dataset.testid === 'add-feed-submit');
  await page.keyboard.press('Enter'); // 3: save
  await hook('add-feed').waitFor({ state: 'detached' });
  await hook('feed-show').click();
  await hook('tape-row').first().waitFor();
  await hook('tab-settings').click();
});

test('a value of the sample becomes the title by clicks', async () => {
  await look(`${feeds}/sse/wikimedia`);
  await hook('feed-preview').locator('li').first().waitFor();
  const value = page.locator('[data-path="meta.domain"]');
  const domain = JSON.parse(await value.innerText());
  await value.click();
  await page.getByRole('menuitem', { name: 'Title' }).click();
  await page.waitForFunction(
    (text) => document.querySelector('[data-testid="feed-preview"] li')?.textContent.includes(text),
    domain,
  );
  assert.equal(await hook('feed-path-title').inputValue(), 'meta.domain');
  await save('By domain');
  const { feeds: all } = await api('GET', '/api/settings');
  assert.equal(all.find((feed) => feed.name === 'By domain').mapping.title, 'meta.domain');
});

test('a server that asks who we are is answered in the dialogue', async () => {
  await look(`${feeds}/sse/ntfy?fault=401-bearer`);
  await hook('feed-probe-error', '[data-code="unauthorized"]').waitFor();
  await hook('feed-auth-secret').first().fill(TOKEN);
  await page.keyboard.press('Enter');
  await hook('feed-preview').locator('li').first().waitFor();
  await save('Guarded');
  await hook('feed-row', '[data-state="live"]').filter({ hasText: 'Guarded' }).waitFor();
});

test('an edit keeps the secret, and can be taken back', async () => {
  await row('Guarded').getByTestId('feed-edit').click();
  await hook('edit-feed-name').fill('Guarded well');
  await hook('edit-feed-save').click();
  await hook('feed-row', '[data-state="live"]').filter({ hasText: 'Guarded well' }).waitFor();
  await hook('settings-undo').getByRole('button', { name: 'Undo' }).click();
  await row('Guarded well').waitFor({ state: 'detached' });
  await hook('feed-row', '[data-state="live"]').filter({ hasText: 'Guarded' }).waitFor();
});

test('a feed is paused, removed, and put back at its place', async () => {
  const names = async () => (await api('GET', '/api/settings')).feeds.map((feed) => feed.name);
  const before = await names();
  await row('A ndjson').getByTestId('feed-pause').click();
  await hook('feed-row', '[data-state="paused"]').filter({ hasText: 'A ndjson' }).waitFor();
  await row('A ndjson').getByTestId('feed-remove').click();
  await hook('feed-removed').waitFor();
  assert.deepEqual(
    await names(),
    before.filter((name) => name !== 'A ndjson'),
  );
  await hook('feed-undo').click();
  await row('A ndjson').waitFor();
  assert.deepEqual(await names(), before);
});

test('a failure says why and what next, and can be saved all the same', async () => {
  await look('http://127.0.0.1:9/nothing');
  await hook('feed-probe-error', '[data-code="refused"]').waitFor();
  assert.match(await hook('feed-probe-error').innerText(), /Start the server, or correct the port/);
  assert.equal(await hook('add-feed-submit').innerText(), 'Save all the same');
  await save('Not there yet');
  await row('Not there yet').waitFor();
});

test('a curl command and a list of feeds are understood', async () => {
  await look(`curl -N '${feeds}/sse/ntfy?fault=401-basic' -u sim:wrong`);
  await hook('feed-probe-error', '[data-code="unauthorized"]').waitFor();
  await page.keyboard.press('Escape');
  await hook('add-feed').waitFor({ state: 'detached' });
  await look(
    `<opml version="2.0"><body><outline text="One" xmlUrl="${feeds}/rss"/><outline text="Two" xmlUrl="${feeds}/atom"/></body></opml>`,
  );
  await hook('feed-offers').waitFor();
  await hook('feed-offers').getByRole('checkbox').first().uncheck();
  await hook('feed-offers-add').click();
  await hook('add-feed').waitFor({ state: 'detached' });
  await row('Two').waitFor();
  assert.equal(await row('One').count(), 0);
});

test('the catalogue is searched, and a feed of it added by one click', async () => {
  await hook('section-catalogue').click();
  await hook('catalogue-search').fill('ticker demo');
  await hook('preset', '[data-preset="demo-ticker"]').getByTestId('preset-add').click();
  await hook('preset', '[data-preset="demo-ticker"]').getByText('Added').waitFor();
  await until('prices', async () => (await received('Ticker demo')) > 0);
  await hook('catalogue-search').fill('finnhub');
  await hook('preset-add').click();
  await hook('feed-key').waitFor();
  assert.match(await hook('feed-key').innerText(), /finnhub\.io/);
  await page.keyboard.press('Escape');
});

test('what the server says follows the language of the window', async () => {
  const speak = async (name) => {
    await hook('section-appearance').click();
    await page.locator('[data-setting="language"]').getByText(name, { exact: true }).click();
  };
  await speak('日本語');
  await hook('section-feeds').click();
  await row('Not there yet').getByText('接続が拒否されました').waitFor();
  await speak('Deutsch');
  await hook('section-feeds').click();
  await row('Not there yet').getByText('Verbindung abgelehnt').waitFor();
  await hook('section-catalogue').click();
  for (const words of ['wetter berlin', 'weather temperature']) {
    await hook('catalogue-search').fill(words);
    await hook('preset', '[data-preset="open-meteo-berlin"]').getByText('Temperatur und Wind').waitFor();
  }
  await speak('System');
  await page.waitForFunction(() => document.documentElement.lang === 'en');
});

test('a token is made, shown once, used and revoked', async () => {
  await hook('section-sharing').click();
  await hook('token-name').fill('Phone');
  await hook('token-create').click();
  const secret = await hook('token-secret').innerText();
  const { door: front } = await api('GET', '/api/settings');
  const ask = () => fetch(`${front.url}feeds`, { headers: { Authorization: `Bearer ${secret}` } });
  assert.equal((await ask()).status, 200);
  await hook('token', '[data-token="Phone"]').getByText(/^Used/).waitFor();
  await hook('token-revoke').click();
  await hook('token-revoke-yes').click();
  await hook('token').waitFor({ state: 'detached' });
  assert.equal((await ask()).status, 401);
});

test('each snippet works as it is pasted', async () => {
  const code = async (name) => {
    await page.getByRole('radio', { name, exact: true }).click();
    return hook('snippet').innerText();
  };
  const prints = (command, args, wanted) =>
    new Promise((resolve, reject) => {
      const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
      let out = '';
      const timer = setTimeout(() => child.kill(), SOON);
      const heard = (text) => {
        out += text;
        if (wanted.test(out)) child.kill();
      };
      child.stdout.on('data', heard);
      child.stderr.on('data', heard);
      child.on('error', reject);
      child.on('close', () => {
        clearTimeout(timer);
        if (wanted.test(out)) resolve();
        else reject(new Error(`${command} printed ${out}`));
      });
    });
  const dir = await mkdtemp(join(tmpdir(), 'tickertape-snippets-'));
  const run = async () => {
    await prints('sh', ['-c', `exec ${await code('curl')}`], /^data: /m);
    await hook('front-readers').waitFor();
    const python = join(dir, 'read.py');
    await writeFile(python, await code('Python'));
    await prints('/usr/bin/python3', [python], /^data: /m);
    const go = join(dir, 'main.go');
    await writeFile(go, await code('Go'));
    if (process.env.TICKERTAPE_GO !== undefined) {
      // Not `go run`: what that starts would outlive it.
      execFileSync(process.env.TICKERTAPE_GO, ['build', '-o', join(dir, 'read'), go]);
      await prints(join(dir, 'read'), [], /^data: /m);
    }
    const listen = await code('tickertape');
    assert.match(listen, /^tickertape listen (--ca \S+ )?https?:\S+\/event_stream$/);
    if (process.env.TICKERTAPE_CLI !== undefined) {
      await prints(
        'sh',
        ['-c', listen.replace(/^tickertape/, `exec ${process.env.TICKERTAPE_CLI}`)],
        /Connection established/,
      );
    }
  };
  await run();
  const { front: plain } = await api('GET', '/api/settings');
  await api('PUT', '/api/settings/front', JSON.stringify({ ...plain, tls: { mode: 'own' } }));
  await hook('snippet').filter({ hasText: 'https:' }).waitFor();
  await run();
  await api('PUT', '/api/settings/front', JSON.stringify({ ...plain, tls: { mode: 'off' } }));
  await hook('snippet').filter({ hasText: 'http:' }).waitFor();
  const javascript = await code('JavaScript');
  const { door: front } = await api('GET', '/api/settings');
  const reader = await browser.newPage();
  const said = new Promise((resolve) => {
    reader.on('console', (message) => {
      if (message.type() === 'log' && message.text() !== 'Connection established.') resolve(message.text());
    });
  });
  await reader.goto(front.url);
  await reader.evaluate(javascript);
  const late = new Promise((resolve) => setTimeout(() => resolve(''), SOON));
  assert.ok(await Promise.race([said, late]), 'the EventSource in a page says nothing');
  await reader.close();
  await rm(dir, { recursive: true, force: true });
});

test('a theme is picked, and the change taken back', async () => {
  await hook('section-appearance').click();
  await page.locator('[data-choice="dark"]').click();
  await page.waitForFunction(() => document.documentElement.dataset.theme === 'dark');
  await page.keyboard.press('Control+z');
  await page.waitForFunction(() => document.documentElement.dataset.theme === 'system');
});

test('settings go out as a file and come in again, and the import is taken back', async () => {
  await hook('section-backup').click();
  await hook('settings-export').click();
  const saved = await (await page.waitForFunction(() => window.savedFile)).jsonValue();
  const document = JSON.parse(saved.text);
  assert.equal(JSON.stringify(document).includes(TOKEN), false);
  document.feeds.push({ name: 'From a file', kind: 'push' });
  await page.evaluate((text) => (window.chosenFile = { name: 'mine.json', text }), JSON.stringify(document));
  await hook('settings-import').click();
  await hook('changes').getByText('From a file').waitFor();
  await hook('import-apply').click();
  await hook('settings-undo').getByRole('button', { name: 'Undo' }).click();
  await until('the feed to be gone', async () => {
    const { feeds: all } = await api('GET', '/api/settings');
    return !all.some((feed) => feed.name === 'From a file');
  });
});

test('300 feeds of a list come in one go, duplicates are named, and an earlier version takes them back', async () => {
  const outlines = Array.from({ length: 300 }, (_, i) => `<outline text="L${i}" xmlUrl="${feeds}/x${i}"/>`);
  const text = `<opml><body>${outlines.join('')}<outline text="Twice" xmlUrl="${feeds}/x7"/></body></opml>`;
  await page.evaluate((text) => (window.chosenFile = { name: 'list.opml', text }), text);
  await hook('opml-import').click();
  await hook('opml-panel').getByText('(is L7)').waitFor();
  const begun = Date.now();
  await hook('opml-apply').click();
  await hook('settings-undo').getByText('300 feeds').waitFor();
  assert.ok(Date.now() - begun < 2_000, `it took ${Date.now() - begun} ms`);
  await hook('version-look').first().click();
  await hook('changes').getByText('300').waitFor();
  await hook('version-restore').click();
  await until('the feeds to be gone', async () => {
    const { feeds: all } = await api('GET', '/api/settings');
    return all.length < 300;
  });
});

test('a proxy with a password is given to all feeds, shown without it, and taken back', async () => {
  await hook('section-network').click();
  await hook('proxy-mode').selectOption('url');
  await hook('proxy-address').fill('http://proxy.example:8080');
  await page.getByLabel('User', { exact: true }).fill('me');
  await hook('proxy-password').fill('proxy-password');
  await hook('network-apply').click();
  await hook('settings-undo').waitFor();
  const { network } = await api('GET', '/api/settings');
  assert.match(network.proxy, /^http:\/\/me:•+@proxy\.example:8080$/);
  await hook('settings-undo').getByRole('button', { name: 'Undo' }).click();
  await until(
    'the system’s proxy',
    async () => (await api('GET', '/api/settings')).network.proxy === 'system',
  );
});

test('a setting is found by its words', async () => {
  await page.keyboard.press('Control+f');
  await page.keyboard.type('phone');
  await hook('settings-found').first().waitFor();
  await page.keyboard.press('Enter');
  await page.locator('[data-setting="reach"]').waitFor();
});

test('the page had no fault', () => {
  assert.deepEqual(faults, []);
});
