// The tape in a real browser: node --test e2e/tape.test.mjs. TICKERTAPE_URL names a front door whose feed "wire" reads
// the events of http://127.0.0.1:WIRE_PORT/, which this test serves.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openBrowser, openWire } from './browser.mjs';

const address = process.env.TICKERTAPE_URL?.replace(/\/?$/, '/');
assert.ok(address, 'TICKERTAPE_URL must name a running front door, such as http://127.0.0.1:5000/');

const faults = [];
let page;
let close;
let wire;

const rows = () => page.getByTestId('tape-row');
const paper = () => page.getByTestId('paper');
const list = () => page.getByRole('listbox');
const pill = () => page.getByTestId('new-pill');
const end = async () => Number(await paper().getAttribute('data-end'));
const following = async () => (await page.getByTestId('follow').getAttribute('aria-pressed')) === 'true';

async function until(what, fact) {
  for (let tries = 0; tries < 400; tries++) {
    if (await fact()) return;
    await page.waitForTimeout(50);
  }
  assert.fail(`waited in vain for ${what}`);
}
const settled = async (n) => until(`row ${n}`, async () => (await end()) === n);

/** The row in the middle of the view, and where it stands to a fraction of a pixel. */
const underTheEye = () =>
  page.evaluate(() => {
    const box = document.querySelector('[role="listbox"]')?.getBoundingClientRect();
    if (box === undefined) return null; // while the page loads
    const row = document
      .elementFromPoint(box.x + 300, box.y + box.height / 2)
      ?.closest('[data-testid="tape-row"]');
    return row === null || row === undefined
      ? null
      : { seq: row.dataset.seq, top: row.getBoundingClientRect().top };
  });

async function wheel(by) {
  const box = await list().boundingBox();
  await page.mouse.move(box.x + 300, box.y + box.height / 2);
  await page.mouse.wheel(0, by);
}

async function follow() {
  if (!(await following())) await page.getByTestId('follow').click();
  await until('following', following);
}

/** In the page: an EventSource whose next frame with events can't be read, once window.spoil is set. */
function spoilable() {
  window.EventSource = class extends EventSource {
    set onmessage(listener) {
      super.onmessage = (event) => {
        const spoiled = window.spoil === true && /"seq":/.test(event.data);
        if (spoiled) window.spoil = false;
        const { lastEventId } = event;
        listener(spoiled ? new MessageEvent('message', { data: '{"events":[{', lastEventId }) : event);
      };
    }
  };
}

/** In the page: hide() makes it as a hidden one, which says so and gets no animation frames. Without a screen Chromium hides none. */
function hideable() {
  let hidden = false;
  let waiting = new Map();
  let asked = 0;
  const frame = window.requestAnimationFrame.bind(window);
  const cancel = window.cancelAnimationFrame.bind(window);
  window.requestAnimationFrame = (draw) => {
    if (!hidden) return frame(draw);
    waiting.set(--asked, draw);
    return asked;
  };
  window.cancelAnimationFrame = (id) => {
    if (!waiting.delete(id)) cancel(id);
  };
  Object.defineProperty(document, 'hidden', { get: () => hidden });
  Object.defineProperty(document, 'visibilityState', { get: () => (hidden ? 'hidden' : 'visible') });
  window.hide = (now) => {
    hidden = now;
    document.dispatchEvent(new Event('visibilitychange'));
    if (!hidden) for (const draw of waiting.values()) frame(draw);
    if (!hidden) waiting = new Map();
    return waiting.size;
  };
}

before(async () => {
  wire = await openWire(Number(process.env.WIRE_PORT));
  ({ page, close } = await openBrowser(faults));
  await page.addInitScript(spoilable);
  await page.addInitScript(hideable);
  await page.goto(address);
  await page.locator('[data-testid="stream-state"][data-state="open"]').waitFor();
  await until('the feed to connect', () => wire.connected);
});

after(async () => {
  await close?.();
  wire?.close();
});

test('an empty tape says what comes next', async () => {
  await page.getByTestId('empty').waitFor();
  assert.match(
    await page.getByTestId('empty').innerText(),
    /No event has come yet\.\s+New events appear here/,
  );
});

test('each kind of event has its own row', async () => {
  wire.say(
    { title: 'A headline', text: 'And what it says at length. '.repeat(20), url: 'https://example.com/' },
    { symbol: 'MOSS', price: 9.3 },
    { symbol: 'MOSS', price: 9.27 },
    { reading: 12.5, unit: 'mm', station: 'north', nested: { a: 1 } },
    'plain \u001b[31mred\u001b[0m text',
  );
  await until('five rows', async () => (await rows().count()) === 5);
  const [news, , tick, fields, text] = await rows().all();
  assert.match(await news.innerText(), /A headline[\s\S]*And what it says/);
  assert.match(await tick.innerText(), /MOSS/);
  assert.match(await tick.innerText(), /9\.27[\s\S]*0\.03/);
  assert.match(await fields.innerText(), /reading\s+12\.5[\s\S]*unit\s+mm/);
  assert.match(await text.innerText(), /plain red text/);
  const colors = await text
    .locator('span[style]')
    .evaluateAll((spans) => spans.map((span) => span.style.color));
  assert.deepEqual(colors, ['var(--ansi-1)']);
  // News has more lines than the others, and rows don't overlap.
  const boxes = await Promise.all((await rows().all()).map((row) => row.boundingBox()));
  assert.ok(boxes[0].height > boxes[4].height, `${boxes[0].height} and ${boxes[4].height}`);
  for (let i = 1; i < boxes.length; i++)
    assert.ok(Math.abs(boxes[i].y - boxes[i - 1].y - boxes[i - 1].height) < 1);
});

test('at the end it follows', async () => {
  wire.many(1, 400);
  await settled(405);
  await until('the newest row in view', async () => (await rows().last().innerText()).includes('line 400'));
  assert.equal(await following(), true);
});

test('scrolling up holds the view: nothing moves while thousands come, and the pill counts them', async () => {
  await wheel(-600);
  await until('paused', async () => !(await following()));
  await page.waitForTimeout(200);
  const before = await underTheEye();
  for (let i = 0; i < 40; i++) {
    wire.many(401 + 50 * i, 50);
    await page.waitForTimeout(10);
    assert.deepEqual(await underTheEye(), before);
  }
  await settled(2_405);
  assert.equal(await pill().getAttribute('data-count'), '2000');
  assert.match(await pill().innerText(), /2,000 new/);
  assert.deepEqual(await underTheEye(), before);
});

test('reading on from there shows what came, without a jump', async () => {
  const before = await underTheEye();
  await page.getByTestId('read-on').click();
  await pill().waitFor({ state: 'detached' });
  assert.deepEqual(await underTheEye(), before);
  assert.equal(await following(), false);
  assert.equal(await paper().getAttribute('data-count'), '2405');
  await wheel(40_000);
  await until('rows of the middle', async () => /line 1[0-9]{3}/.test(await rows().nth(8).innerText()));
});

test('a reload keeps the place, and counts what came meanwhile', async () => {
  await page.waitForTimeout(200);
  const before = await underTheEye();
  wire.many(2_401, 7);
  await settled(2_412);
  await page.reload();
  await until('the same place', async () => (await underTheEye())?.seq === before.seq);
  assert.ok(Math.abs((await underTheEye()).top - before.top) < 1);
  assert.equal(await following(), false);
  wire.many(2_408, 3);
  await until('as many new as there were, and three', async () => {
    return (await pill().count()) > 0 && (await pill().getAttribute('data-count')) === '10';
  });
  await page.keyboard.press('r'); // reads on, as the pill's other half does
  await pill().waitFor({ state: 'detached' });
  assert.equal(await following(), false);
  await follow();
  await until('the newest', async () => (await rows().last().innerText()).includes('line 2410'));
});

test('the newest end is reached by hand, also while 1,500 events a second come', async () => {
  await wheel(-3_000);
  await until('paused', async () => !(await following()));
  let n = 2_411;
  const flow = setInterval(() => {
    wire.many(n, 30);
    n += 30;
  }, 20);
  try {
    await page.waitForTimeout(1_000);
    await until('following', async () => {
      await wheel(900);
      return following();
    });
  } finally {
    clearInterval(flow);
  }
  await until('the newest', async () => (await rows().last().innerText()).includes(`line ${n - 1}`));
  await wheel(-3_000);
  await until('paused', async () => !(await following()));
  wire.many(n, 2_000);
  await until(
    '2,000 new',
    async () => (await pill().count()) > 0 && (await pill().innerText()).includes('2,000'),
  );
  await list().evaluate((element) => (element.scrollTop = element.scrollHeight));
  await until('following', following);
});

test('what is unread begins at a line', async () => {
  await page.keyboard.press('Space');
  await until('paused', async () => !(await following()));
  wire.say('after the line');
  await until(
    'one new',
    async () => (await pill().count()) > 0 && (await pill().innerText()).includes('1 new'),
  );
  await page.keyboard.press('Space');
  const line = page.getByTestId('unread-divider');
  await line.waitFor();
  // The elements are in the order of the rows once the view rests.
  await until('the newest', async () => /after the line/.test(await rows().last().innerText()));
  const below = await rows().last().boundingBox();
  assert.ok((await line.boundingBox()).y < below.y);
});

test('what the page could not read is a row, from which it loads', async () => {
  await follow();
  const before = await end();
  await page.evaluate(() => (window.spoil = true));
  wire.say('unreadable at first');
  const gap = page.getByTestId('tape-gap');
  await gap.waitFor();
  assert.match(await gap.innerText(), /could not be read/);
  wire.say('after the gap');
  await page.getByText('after the gap').waitFor();
  assert.equal(await page.getByText('unreadable at first').count(), 0);
  await page.getByTestId('gap-load').click();
  await gap.waitFor({ state: 'detached' });
  await until('both in their order, once the view rests', async () =>
    /unreadable at first[^]*after the gap\s*$/.test((await rows().allInnerTexts()).slice(-2).join('\n')),
  );
  assert.equal(await end(), before + 2);
  assert.match(faults.pop() ?? '', /a frame of the stream could not be read/);
});

// HIDDEN_SECONDS: how long; 3,600 is an hour.
test('hidden while 1,000 events a second come, the page holds no more, and shows all when it is back', async () => {
  await follow();
  const seconds = Number(process.env.HIDDEN_SECONDS ?? 5);
  const [before, heldBefore] = [await end(), await held()];
  await page.evaluate(() => window.hide(true));
  for (let sent = 0; sent < 20 * seconds; sent++) {
    wire.many(200_000 + 50 * sent, 50);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await settled(before + 1_000 * seconds); // counted while nobody looks
  const heldAfter = await held();
  assert.ok(heldAfter.elements < heldBefore.elements + 500, JSON.stringify([heldBefore, heldAfter]));
  assert.ok(heldAfter.bytes < heldBefore.bytes + 20e6, JSON.stringify([heldBefore, heldAfter]));
  const back = performance.now();
  await page.evaluate(() => window.hide(false));
  const newest = `line ${String(200_000 + 1_000 * seconds - 1)}`;
  await until('the newest', async () => (await rows().last().innerText()).includes(newest));
  assert.ok(
    performance.now() - back < 1_000,
    `${String(performance.now() - back)} ms until the newest was there`,
  );
  assert.equal(await following(), true);
  assert.equal(await end(), before + 1_000 * seconds);
});

/** What the page holds after a collection of garbage. */
async function held() {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  await session.detach();
  return { bytes: usedSize, elements: await page.evaluate(() => document.querySelectorAll('*').length) };
}

test('a burst is accounted for, and read when it is scrolled to', async () => {
  const before = await end();
  wire.many(100_000, 20_000);
  await settled(before + 20_000);
  await follow();
  for (const part of [0.5, 0.9, 0.97]) {
    await list().evaluate((element, at) => (element.scrollTop = at * element.scrollHeight), part);
    await page.waitForTimeout(100);
    await until('no row on its way', async () => {
      return (await page.locator('.pending').count()) === 0 && (await rows().count()) > 10;
    });
    const seqs = await rows().evaluateAll((all) => all.map((row) => Number(row.dataset.seq)));
    for (let i = 1; i < seqs.length; i++) assert.equal(seqs[i], seqs[i - 1] + 1);
  }
  await follow();
});

test('by the time at the source, late events are put where they belong, and marked', async () => {
  await page.getByTestId('tape-options').click();
  await page.getByRole('radio', { name: 'By time at the source' }).click();
  await page.keyboard.press('Escape');
  const at = (seconds) => new Date(Date.now() + 1_000 * seconds).toISOString();
  wire.say({ title: 'on time', time: at(0) });
  wire.say({ title: 'late one', time: at(-90) });
  await until('the late one', async () => (await page.getByText('late one').count()) > 0 || wheel(-200));
  await until(
    'its mark',
    async () => /1 min late/.test(await paper().innerText()) || (await wheel(-400)) === 0,
  );
  // It says the time that its place goes by, and the other one when it is asked.
  const late = rows().filter({ hasText: 'late one' }).locator('time');
  assert.ok(Date.now() - Date.parse(await late.getAttribute('datetime')) > 80_000);
  await late.hover();
  assert.match(await late.getAttribute('title'), /1 min ago\nReceived: /);
  await page.getByTestId('tape-options').click();
  await page.getByRole('radio', { name: 'As it came' }).click();
  await page.getByRole('radio', { name: 'Ago' }).click();
  await page.keyboard.press('Escape');
  await until('times as ago', async () => /(now|s ago)/.test(await rows().last().innerText()));
});

test('the keyboard moves through the rows and opens one', async () => {
  await follow();
  await list().focus();
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowUp');
  const chosen = page.locator('[data-testid="tape-row"][aria-selected="true"]');
  await chosen.waitFor();
  assert.equal(await list().getAttribute('aria-activedescendant'), await chosen.getAttribute('id'));
  await page.keyboard.press('Enter');
  await page.getByTestId('inspector').waitFor();

  // Nothing in it moves for who wants less motion.
  const moving = () =>
    page.evaluate(() => {
      const moves = ({ animationName, transitionDuration }) =>
        animationName !== 'none' || transitionDuration.split(',').some((time) => parseFloat(time) > 0);
      return [...document.querySelectorAll('*')]
        .flatMap((element) =>
          [undefined, '::before', '::after'].map((part) => getComputedStyle(element, part)),
        )
        .filter(moves).length;
    });
  assert.ok((await moving()) > 0);
  await page.emulateMedia({ reducedMotion: 'reduce' });
  assert.equal(await moving(), 0);
  await page.emulateMedia({ reducedMotion: 'no-preference' });
  await page.keyboard.press('Escape');
});

test('compact rows are 32 pixels high', async () => {
  await page.evaluate(() =>
    localStorage.setItem('tickertape.appearance', JSON.stringify({ theme: 'dark', density: 'compact' })),
  );
  await page.reload();
  await rows().first().waitFor();
  const heights = await rows().evaluateAll((all) => all.map((row) => row.offsetHeight));
  assert.deepEqual([...new Set(heights)], [32]);
});

test('the page had no fault', () => {
  assert.deepEqual(faults, []);
});
