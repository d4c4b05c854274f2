import { describe, expect, it } from 'vitest';
import type { Gap, Left, TapeEvent } from '../wire/event';
import { PLAIN } from './tapeRows';
import { BOUNDS, TapeWindow, type Bounds } from './tapeWindow';

const event = (seq: number, feed = 'a', more: Partial<TapeEvent> = {}): TapeEvent => ({
  id: `e-${String(seq)}`,
  seq,
  feed,
  type: 'message',
  receivedAt: new Date(1_000 * seq).toISOString(),
  cut: false,
  ...more,
});
const events = (from: number, to: number, feed = 'a') =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => event(from + i, feed));
const numbers = (from: number, to: number) => events(from, to).map((known) => known.seq);
const gap: Gap = { from: 'e-1', to: 'e-9', reason: 'Too old.' };
const left = (feeds: Record<string, number>): Left => {
  const map = new Map(Object.entries(feeds));
  return { feeds: map, count: [...map.values()].reduce((sum, count) => sum + count, 0) };
};
const small = (bounds: Partial<Bounds>) => new TapeWindow({ ...BOUNDS, ...bounds });

/** Every place of the window: its number, 'gap' or '?' for what isn't in memory. */
const seen = ({ places }: TapeWindow) =>
  places
    .slice(places.base, places.base + places.count)
    .map((row) => (row.kind === 'event' ? row.event.seq : row.kind === 'pending' ? '?' : row.kind));

/** Answers what the window wants from events 1 to newest, until it wants nothing more. */
function serve(window: TapeWindow, from: number, to: number, newest: number, page = 500, eye = from) {
  let asked = 0;
  for (;;) {
    const wanted = window.places.wanted(from, to);
    if (wanted === undefined) return asked;
    if (++asked > 100) throw new Error('it never ends');
    const at = (id: string) => Number(id.slice(2));
    const limit = Math.min(page, wanted.limit);
    const { after, before } = wanted;
    const all =
      before === undefined ? events(at(after ?? '') + 1, newest) : events(1, at(before) - 1).reverse();
    window.places.fill(wanted, all.slice(0, limit), all.length > limit, eye);
  }
}

describe('the window on the tape', () => {
  it('takes what arrives, once', () => {
    const window = new TapeWindow();
    expect(window.arrive(events(1, 3), true)).toHaveLength(3);
    expect(window.arrive(events(2, 4), true)).toHaveLength(1);
    expect(seen(window)).toEqual([1, 2, 3, 4]);
  });

  it('shows gaps as rows, after which numbers may start anew', () => {
    const window = new TapeWindow();
    window.arrive([event(50), gap, event(1)], true);
    expect(seen(window)).toEqual([50, 'gap', 1]);
    window.arrive([gap, event(1), event(2)], true); // and what is known comes once all the same
    expect(seen(window)).toEqual([50, 'gap', 1, 'gap', 2]);
  });

  it('only counts what comes while its reader looks elsewhere', () => {
    const window = new TapeWindow();
    window.arrive(events(1, 4), true);
    const before = window.places.slice(0, 4);
    window.arrive([...events(5, 9), gap], false);
    expect([window.places.base, window.places.count, window.beyond]).toEqual([0, 4, 6]);
    expect(window.places.slice(0, 4)).toEqual(before);
    expect(window.catchUp()).toBe(true);
    expect(seen(window)).toEqual([...numbers(1, 9), 'gap']);
    expect(window.beyond).toBe(0);
  });

  it('keeps a place for each event that came by meanwhile, however many', () => {
    const window = small({ ring: 10 });
    window.arrive(events(1, 4), true);
    for (let seq = 5; seq <= 2_000; seq += 5) window.arrive(events(seq, seq + 4), false);
    expect(window.beyond).toBe(2_000);
    window.catchUp();
    expect(window.places.count).toBe(2_004);
    expect(window.places.loaded()).toHaveLength(14);
    expect(serve(window, 0, 30, 2_004)).toBe(1);
    serve(window, 1_000, 1_040, 2_004);
    serve(window, 0, 2_004, 2_004);
    expect(seen(window)).toEqual(numbers(1, 2_004));
  });

  it('keeps a place for what the stream left out, of the feeds that are shown', () => {
    const window = new TapeWindow();
    window.arrive([...events(1, 2), left({ a: 600, b: 40 }), ...events(643, 645)], true);
    expect(window.places.count).toBe(645);
    expect(seen(window).slice(0, 4)).toEqual([1, 2, '?', '?']);
    serve(window, 0, 20, 645);
    serve(window, 0, 645, 645);
    expect(seen(window)).toEqual(numbers(1, 645));
    window.choose(new Set(['b']));
    expect(window.places.count).toBe(40);
  });

  it('begins with what was left out when nothing came before it', () => {
    const window = new TapeWindow();
    window.arrive([left({ a: 30 }), ...events(31, 33)], true);
    serve(window, 0, 33, 33);
    expect(seen(window)).toEqual(numbers(1, 33));
  });

  it('counts what came after the rows once, when they are there before the stream', () => {
    const window = new TapeWindow();
    const more = { older: true, newer: true };
    window.goTo(events(101, 600), more, { seq: 650, beyond: 0 });
    window.arrive(events(701, 1_000), false);
    expect([window.places.count, window.beyond, window.exact]).toEqual([550, 350, true]);
    window.arrive(events(1_001, 1_002), false);
    expect(window.beyond).toBe(352);
    window.catchUp();
    serve(window, window.places.base, 902, 1_002);
    expect(seen(window)).toEqual(numbers(101, 1_002));

    window.clear(true);
    window.goTo(events(801, 900), more, { seq: 900, beyond: 0 });
    window.arrive(events(701, 1_000), false);
    expect([window.places.count, window.beyond]).toEqual([100, 100]);
    window.catchUp();
    expect(seen(window)).toEqual(numbers(801, 1_000));
  });

  it('asks for nothing older than events that were only counted', () => {
    const window = new TapeWindow();
    window.arrive([left({ a: 350 }), ...events(351, 400)], true);
    expect(window.hasOlder).toBe(false);
    serve(window, 0, 400, 400);
    expect(window.olderCursor).toBe('e-1');
  });

  it('lets the oldest go while its reader follows, and keeps their places', () => {
    const window = small({ rows: 600 });
    for (let seq = 1; seq <= 1_000; seq += 100) window.arrive(events(seq, seq + 99), true);
    expect(window.places.count).toBeGreaterThanOrEqual(600);
    expect(window.places.base + window.places.count).toBe(1_000);
    expect(seen(window)).toEqual(numbers(window.places.base + 1, 1_000));
    expect(window.olderCursor).toBe(`e-${String(window.places.base + 1)}`);
    expect(window.hasOlder).toBe(true);
  });

  it('shows the chosen feeds, and counts only those', () => {
    const window = new TapeWindow();
    window.arrive([event(10), event(11, 'b'), event(12)], true);
    window.choose(new Set(['b']));
    expect(seen(window)).toEqual([11]);
    window.arrive([event(13), event(14, 'b'), gap], false);
    expect(window.beyond).toBe(2);
    window.catchUp();
    expect(seen(window)).toEqual([11, 14, 'gap']);
    window.choose(new Set(['c']));
    expect(seen(window)).toEqual(['gap']);
    expect(window.olderCursor).toBe('e-10');
    window.choose(undefined);
    expect(seen(window)).toEqual([10, 11, 12, 13, 14, 'gap']);
  });

  it('asks for nothing older before something came', () => {
    const window = new TapeWindow();
    expect(window.hasOlder).toBe(false);
    window.arrive([event(5)], true);
    expect([window.hasOlder, window.olderCursor]).toEqual([true, 'e-5']);
  });
});

describe('what is far away', () => {
  it('is let go, and read again when somebody comes by', () => {
    const window = small({ events: 600 });
    for (let seq = 1; seq <= 3_000; seq += 100) {
      window.arrive(events(seq, seq + 99), true);
      window.places.release(
        window.places.base + window.places.count - 20,
        window.places.base + window.places.count,
      );
      expect(window.places.loaded().length).toBeLessThanOrEqual(600 + 250);
    }
    expect(window.places.count).toBe(3_000);
    expect(seen(window).slice(0, 3)).toEqual(['?', '?', '?']);
    serve(window, 1_200, 1_230, 3_000);
    expect(window.places.slice(1_200, 1_203).map((row) => row.key)).toEqual(['e-1201', 'e-1202', 'e-1203']);
    window.places.release(1_200, 1_230);
    expect(window.places.slice(1_200, 1_201)[0]?.kind).toBe('event');
    serve(window, 0, 3_000, 3_000);
    expect(seen(window)).toEqual(numbers(1, 3_000));
  });

  it.each([100, 600])('is let go in a flood, too, and found between %d that were only counted', (counted) => {
    const window = small({ events: 600 });
    const each = counted + 50;
    const all = 50 + 40 * each;
    window.arrive(events(1, 50), true);
    for (let seq = 51; seq <= all; seq += each) {
      window.arrive([left({ a: counted }), ...events(seq + counted, seq + each - 1)], true);
      window.places.release(
        window.places.base + window.places.count - 20,
        window.places.base + window.places.count,
      );
      expect(window.places.loaded().length).toBeLessThanOrEqual(600 + 250);
    }
    expect(window.places.count).toBe(all);
    const middle = all / 2 - 25;
    expect(serve(window, middle, middle + 30, all)).toBeLessThanOrEqual(3);
    expect(window.places.slice(middle, middle + 2).map((row) => row.key)).toEqual([
      `e-${String(middle + 1)}`,
      `e-${String(middle + 2)}`,
    ]);
    serve(window, 0, all, all);
    expect(seen(window)).toEqual(numbers(1, all));
  });

  it('is let go sooner while the end is followed', () => {
    const window = small({ events: 2_000, passing: 300 });
    window.arrive(events(1, 750), true);
    window.arrive(events(751, 1_500), true);
    window.places.release(1_480, 1_500);
    expect(window.places.loaded()).toHaveLength(1_500);
    window.places.release(1_480, 1_500, true);
    expect(window.places.loaded()).toHaveLength(250);
  });

  it('has fewer rows when history has lost some, and the eye stays on its row', () => {
    const window = small({ events: 300 });
    window.arrive(events(1, 250), true);
    window.arrive(events(251, 500), true);
    window.arrive(events(501, 750), true);
    window.places.release(700, 750);
    const wanted = window.places.wanted(260, 270);
    expect(wanted?.chunk.size).toBe(250);
    if (wanted === undefined) return;
    const found = wanted.before === undefined ? events(400, 500) : events(400, 500).reverse();
    const { moved } = window.places;
    window.places.fill(wanted, found, false, 700);
    expect(window.places.moved).toBeGreaterThan(moved);
    expect(window.places.slice(700, 701)[0]?.key).toBe('e-701');
    expect(window.places.base).toBe(149);
    expect(window.places.base + window.places.count).toBe(750);
  });
});

describe('pages of history', () => {
  it('come before the oldest row and keep the places of the others', () => {
    const window = new TapeWindow();
    window.arrive(events(10, 12), true);
    window.addOlder({ events: events(7, 9).reverse(), next: 'e-7' });
    expect(seen(window)).toEqual(numbers(7, 12));
    expect([window.places.base, window.olderCursor]).toEqual([-3, 'e-7']);
    window.addOlder({ events: events(5, 6).reverse() });
    expect([window.places.base, window.hasOlder]).toEqual([-5, false]);
  });

  it('push the newest rows out when there are too many, which then are only counted', () => {
    const window = small({ rows: 1_000, ring: 50 });
    for (let seq = 2_001; seq <= 2_500; seq += 100) window.arrive(events(seq, seq + 99), true);
    for (let to = 2_000; to > 1_000; to -= 250)
      window.addOlder({ events: events(to - 249, to).reverse(), next: `e-${String(to - 249)}` });
    expect(window.places.count).toBeLessThanOrEqual(1_250);
    expect(window.places.count + window.beyond).toBe(1_500);
    window.arrive(events(2_501, 2_503), false);
    expect(window.places.count + window.beyond).toBe(1_503);
    while (!window.catchUp());
    serve(window, window.places.base, window.places.base + window.places.count, 2_503);
    expect(seen(window)).toEqual(numbers(2_503 - window.places.count + 1, 2_503));
  });

  it('can be gone to, with what came since counted by its numbers', () => {
    const window = small({ ring: 10 });
    window.arrive(events(990, 1_000), true);
    window.goTo(events(401, 500), { older: true, newer: true });
    expect([window.beyond, window.exact]).toEqual([500, true]);
    expect(window.olderCursor).toBe('e-401');
    while (!window.catchUp());
    serve(window, 0, 600, 1_000);
    expect(seen(window)).toEqual(numbers(401, 1_000));
    window.goTo(events(980, 995), { older: true, newer: true }); // near the newest end it is what was heard
    expect([window.beyond, window.exact]).toEqual([5, true]);
    window.catchUp();
    expect(seen(window)).toEqual(numbers(980, 1_000));
  });

  it('are about right in number when some feeds are shown, and right when read', () => {
    const window = small({ ring: 5 });
    window.choose(new Set(['a']));
    window.arrive([...events(80, 89, 'b'), ...events(90, 100)], true);
    window.goTo(events(1, 20), { older: false, newer: true });
    expect([window.beyond, window.exact]).toEqual([80, false]);
    window.catchUp();
    const wanted = window.places.wanted(20, 40);
    if (wanted === undefined) throw new Error('nothing is missing');
    const between = [...events(21, 30), ...events(90, 100)];
    window.places.fill(
      wanted,
      wanted.before === undefined ? between : between.slice(0, -5).reverse(),
      false,
      0,
    );
    expect(seen(window)).toEqual([...numbers(1, 30), ...numbers(90, 100)]);
  });
});

describe('a page after a reload', () => {
  it('goes on from what the one before had heard', () => {
    const window = new TapeWindow();
    window.heardUpTo('e-500', 500);
    window.arrive(events(499, 503), false);
    window.goTo(events(301, 400), { older: true, newer: true });
    expect([window.beyond, window.exact]).toEqual([103, true]);
    while (!window.catchUp());
    serve(window, 0, 203, 503);
    expect(seen(window)).toEqual(numbers(301, 503));
  });

  it('ends where that ended, near and far, so that as many are new as there were', () => {
    const end = { seq: 350, beyond: 150 };
    const window = new TapeWindow();
    window.heardUpTo('e-500', 500);
    window.arrive(events(501, 503), false);
    window.goTo(events(301, 400), { older: true, newer: true }, end);
    expect([window.places.count, window.beyond, window.exact]).toEqual([50, 153, true]);
    expect(window.end).toEqual({ seq: 350, beyond: 153 });
    window.goTo(events(101, 200), { older: true, newer: true }, end);
    expect([window.places.count, window.beyond, window.exact]).toEqual([250, 153, true]);
    expect(window.end).toEqual({ seq: 350, beyond: 153 });
    serve(window, 100, 250, 503);
    expect(seen(window)).toEqual(numbers(101, 350));
  });

  it('knows how many are new of some feeds where it reaches the end', () => {
    const end = { seq: 398, beyond: 7 };
    const window = new TapeWindow();
    window.heardUpTo('e-500', 500);
    window.choose(new Set(['a']));
    window.arrive([...events(501, 503), ...events(504, 520, 'b')], false);
    window.goTo(events(301, 400), { older: true, newer: true }, end);
    expect([window.places.count, window.beyond, window.exact]).toEqual([98, 10, true]);
    window.goTo(events(101, 200), { older: true, newer: true }, end);
    expect([window.exact, window.end]).toEqual([false, undefined]);
  });
});

describe('a gap', () => {
  it('is filled where the server has it after all', () => {
    const window = new TapeWindow();
    window.arrive([event(1), { from: 'e-1', to: 'e-3', reason: '' }, event(4)], true);
    const key = window.places.loaded()[1]?.key ?? '';
    window.places.markGap(key, { loading: true });
    expect(window.places.loaded()[1]).toMatchObject({ kind: 'gap', loading: true });
    window.places.markGap(key, { loading: false, fault: 'No.' });
    expect(window.places.loaded()[1]).toMatchObject({ fault: 'No.', loading: false });
    window.places.fillGap(key, events(2, 3), 2);
    expect(seen(window)).toEqual([1, 2, 3, 4]);
  });
});

describe('laid out otherwise', () => {
  const burst = [
    event(1, 'b'),
    ...[2, 3, 4, 5].map((seq) => event(seq, 'a', { receivedAt: '2026-01-01T00:00:01Z' })),
    event(6, 'b'),
  ];

  it('bursts of one feed are one row, until they are opened', () => {
    const window = new TapeWindow();
    window.arrive(burst.slice(0, 4), true);
    window.lay({ order: 'arrival', group: true, open: new Set() });
    expect(seen(window)).toEqual([1, 2, 3, 4]);
    window.arrive(burst.slice(4), true);
    expect(seen(window)).toEqual([1, 'group', 6]);
    expect(window.places.placeOf('e-4')).toBe(window.places.placeOf('group-e-2'));
    window.places.toggle('group-e-2');
    expect(seen(window)).toEqual([1, 'group', 2, 3, 4, 5, 6]);
    expect(window.places.placeOf('e-4')).toBe(4 + window.places.base);
    window.places.toggle('group-e-2');
    expect(seen(window)).toEqual([1, 'group', 6]);
  });

  it('late events stand where they belong, and are marked', () => {
    const at = (seconds: number) => new Date(1_000 * seconds).toISOString();
    const window = new TapeWindow();
    window.lay({ order: 'source', group: false, open: new Set() });
    window.arrive([event(100), event(101)], true);
    window.arrive(
      [event(102, 'a', { sourceTime: at(99.5) }), event(103, 'a', { sourceTime: at(103) })],
      true,
    );
    expect(seen(window)).toEqual([102, 100, 101, 103]);
    expect(window.places.loaded()[0]).toMatchObject({ late: 2_500 });
    expect(window.places.loaded()[3]).not.toHaveProperty('late');
  });
});

it('tells the value before, of the same feed and key', () => {
  const window = new TapeWindow();
  const tick = (seq: number, key: string, value: string) => event(seq, 'a', { key, value });
  window.arrive([tick(1, 'x', '1.0'), tick(2, 'y', '5'), tick(3, 'x', '1.5')], true);
  expect(window.places.loaded().map((row) => (row.kind === 'event' ? row.before : ''))).toEqual([
    undefined,
    undefined,
    '1.0',
  ]);
  window.lay({ ...PLAIN, order: 'source' }); // which changes no values
  window.arrive([tick(4, 'y', '6')], true);
  expect(window.places.loaded().at(-1)).toMatchObject({ before: '5' });
});
