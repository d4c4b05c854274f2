// What the tests in a browser share: the browser, and a feed that says what a test tells it to.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

/** A browser with one page, and more on its command line; faults collects what goes wrong in it. CHROMIUM may name another one. */
export async function openBrowser(faults, more = []) {
  const profile = await mkdtemp(join(tmpdir(), 'tickertape-e2e-'));
  const browser = await chromium.launchPersistentContext(profile, {
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
      ...more,
    ],
  });
  browser.setDefaultTimeout(20_000);
  const page = await browser.newPage();
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    // A refusal by the content security policy comes as a console error.
    if (message.type() === 'error') faults.push(message.text());
  });
  const close = async () => {
    await browser.close();
    await rm(profile, { recursive: true, force: true });
  };
  return { page, close };
}

/**
 * The window's page in a browser that takes itself for the window: at is where the page is served, door and key lead to
 * its server, choose answers where to save a file.
 */
export async function openWindowPage(
  { at, door, key },
  choose = () => undefined,
  { version = 'test', look = {}, flags = [] } = {},
) {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--font-render-hinting=none',
      `--host-resolver-rules=MAP wails.localhost:80 ${at}`,
      ...flags,
    ],
  });
  const context = await browser.newContext({
    viewport: { width: 1280, height: 820 },
    colorScheme: 'light',
    reducedMotion: 'reduce',
    ...look,
  });
  context.setDefaultTimeout(20_000);
  await context.exposeFunction('chooseInTheTest', choose);
  await context.addInitScript(
    (told) => {
      const done = () => Promise.resolve();
      window.runtime = {};
      window.go = {
        main: {
          App: {
            Door: () => Promise.resolve(told),
            OpenLink: done,
            Ready: done,
            ChooseFile: (name) => window.chooseInTheTest(name),
          },
        },
      };
    },
    { url: door, key, version },
  );
  const page = await context.newPage();
  return { browser, page };
}

let axe;

/** Nothing serious on what is on screen, in both themes. */
export async function accessible(page, what) {
  axe ??= await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  for (const colorScheme of ['dark', 'light']) {
    await page.emulateMedia({ colorScheme });
    // A script of ours may be evaluated where the page's own may not.
    if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe);
    const { violations } = await page.evaluate(() => window.axe.run({ resultTypes: ['violations'] }));
    const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
    assert.deepEqual(
      serious.map(({ id, nodes }) => `${what}, ${colorScheme}: ${id}: ${nodes[0]?.html}`),
      [],
    );
  }
}

/** An event stream on a port of this computer, to which tests add events. */
export async function openWire(port) {
  const readers = new Set();
  let sent = 0;
  const server = createServer((_, response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    response.flushHeaders();
    readers.add(response);
    response.on('close', () => readers.delete(response));
  });
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  const write = (payloads) => {
    const text = payloads
      .map((data) => `id: ${++sent}\ndata: ${data.replaceAll('\n', '\ndata: ')}\n\n`)
      .join('');
    for (const reader of readers) reader.write(text);
  };
  return {
    get connected() {
      return readers.size > 0;
    },
    /** Each is JSON, or text. */
    say: (...payloads) =>
      write(payloads.map((payload) => (typeof payload === 'string' ? payload : JSON.stringify(payload)))),
    /** Lines with numbers. */
    many: (from, count) => write(Array.from({ length: count }, (_, index) => `line ${from + index}`)),
    close: () => {
      for (const reader of readers) reader.destroy();
      server.close();
    },
  };
}
