// A malicious web page in a real browser on the same computer: node --test e2e/malice.test.mjs, with TICKERTAPE_URL naming
// a running front door that has a feed of kind push, "hooks". CHROMIUM may name the browser.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';

const door = process.env.TICKERTAPE_URL?.replace(/\/?$/, '/');
assert.ok(door, 'TICKERTAPE_URL must name a running front door, such as http://127.0.0.1:5000/');

let evil;
let profile;
let browser;
let page;

before(async () => {
  evil = createServer((_request, response) => {
    response.setHeader('Content-Type', 'text/html');
    response.end('<!doctype html><title>You have won</title>');
  });
  await new Promise((listening) => evil.listen(0, '127.0.0.1', listening));
  profile = await mkdtemp(join(tmpdir(), 'tickertape-malice-'));
  browser = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      // The door itself is what keeps pages out, not only the newest browsers.
      '--disable-features=LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests',
      // The attacker's name servers say so, after the page was loaded from elsewhere.
      '--host-resolver-rules=MAP *.example 127.0.0.1',
    ],
  });
  browser.setDefaultTimeout(20_000);
  page = await browser.newPage();
  await page.goto(`http://evil.example:${evil.address().port}/`);
});

after(async () => {
  await browser?.close();
  evil?.close();
  if (profile !== undefined) await rm(profile, { recursive: true, force: true });
});

/** What the page learns by asking in every way that a page can ask. */
const attempts = {
  'a fetch': async (url) => (await fetch(url)).text(),
  'a fetch that may not look': async (url) => (await fetch(url, { mode: 'no-cors' })).text(),
  'a fetch with credentials': async (url) => (await fetch(url, { credentials: 'include' })).text(),
  'a simple POST': async (url) =>
    (await fetch(url, { method: 'POST', mode: 'no-cors', body: 'hello' })).text(),
  'a POST with a token': async (url) =>
    (await fetch(url, { method: 'POST', body: '{}', headers: { Authorization: 'Bearer x' } })).text(),
  'a PUT': async (url) => (await fetch(url, { method: 'PUT', body: '{}' })).text(),
  'an image': (url) =>
    new Promise((done) => {
      const image = new Image();
      image.onload = () => done('loaded');
      image.onerror = () => done('');
      image.src = url;
    }),
  'a script': (url) =>
    new Promise((done) => {
      const script = document.createElement('script');
      script.onload = () => done('loaded');
      script.onerror = () => done('');
      script.src = url;
      document.head.append(script);
    }),
  'a style sheet': (url) =>
    new Promise((done) => {
      const link = document.createElement('link');
      link.rel = 'stylesheet';
      link.onload = () => done('loaded');
      link.onerror = () => done('');
      link.href = url;
      document.head.append(link);
    }),
};

for (const [name, attempt] of Object.entries(attempts)) {
  test(`${name} gets nothing`, async () => {
    for (const path of [
      '',
      'feeds',
      'events',
      'poll?last=9',
      'openapi.json',
      'feeds/hooks/events',
      'api/settings',
    ]) {
      const got = await page.evaluate(
        async ([source, url]) => {
          try {
            return await eval(`(${source})`)(url);
          } catch {
            return '';
          }
        },
        [attempt.toString(), door + path],
      );
      assert.equal(got, '', path);
    }
  });
}

test('an EventSource and a WebSocket get nothing', async () => {
  const got = await page.evaluate(async (url) => {
    const stream = (source) =>
      new Promise((done) => {
        source.onmessage = (message) => done(message.data);
        source.onopen = () => done('opened');
        source.onerror = () => done('');
      });
    return [
      await stream(new EventSource(`${url}event_stream?last=9`)),
      await stream(new WebSocket(`${url.replace('http', 'ws')}ws?last=9`)),
    ];
  }, door);
  assert.deepEqual(got, ['', '']);
});

test('a frame stays empty and closed', async () => {
  await page.evaluate(
    (url) =>
      new Promise((done) => {
        const frame = document.createElement('iframe');
        frame.onload = done;
        frame.src = url;
        document.body.append(frame);
      }),
    door,
  );
  for (const frame of page.frames().slice(1)) {
    const text = await frame.evaluate(() => document.body?.innerText ?? '').catch(() => '');
    assert.doesNotMatch(text, /Server time|Tickertape/);
    assert.equal(
      await frame
        .locator('[data-testid="tape-row"]')
        .count()
        .catch(() => 0),
      0,
    );
  }
});

test('a form publishes nothing', async () => {
  const sender = await browser.newPage();
  await sender.goto(`http://evil.example:${evil.address().port}/`);
  const [answer] = await Promise.all([
    sender.waitForResponse((response) => response.url().includes('/feeds/hooks/events')),
    sender.evaluate((url) => {
      const form = document.createElement('form');
      form.method = 'post';
      form.enctype = 'text/plain';
      form.action = url;
      document.body.append(form);
      form.submit();
    }, `${door}feeds/hooks/events`),
  ]);
  assert.equal(answer.status(), 403);
  await sender.close();
});

test('a name that is bent to this computer opens nothing', async () => {
  const rebound = await browser.newPage();
  const bent = door.replace('127.0.0.1', 'rebind.example');
  for (const path of ['', 'basic', 'events', 'feeds', 'metrics']) {
    const answer = await rebound.goto(bent + path);
    assert.equal(answer.status(), 403, path);
  }
  // The page that the name showed before is of the same origin as what it shows now.
  await rebound.route(`${bent}trap`, (route) =>
    route.fulfill({ contentType: 'text/html', body: '<!doctype html>' }),
  );
  await rebound.goto(`${bent}trap`);
  const got = await rebound.evaluate(async () => {
    const answers = await Promise.all(
      ['/feeds', '/events', '/poll?last=9', '/healthz'].map((path) => fetch(path)),
    );
    return answers.map((answer) => answer.status);
  });
  assert.deepEqual(got, [403, 403, 403, 403]);
  await rebound.close();
});

test('a link that is followed opens the viewer, which nobody else can reach', async () => {
  const [opened] = await Promise.all([
    browser.waitForEvent('page'),
    page.evaluate((url) => {
      globalThis.opened = window.open(url);
    }, door),
  ]);
  await opened.waitForLoadState();
  assert.equal(await page.evaluate(() => globalThis.opened.frames.length), 0);
  const read = await page.evaluate(() => {
    try {
      return globalThis.opened.document.body.innerText;
    } catch {
      return '';
    }
  });
  assert.equal(read, '');
});
