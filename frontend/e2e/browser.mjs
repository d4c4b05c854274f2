// What the tests in a browser share: the browser, and a feed that says what a test tells it to.
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
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
