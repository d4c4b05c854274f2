import { describe, expect, it } from 'vitest';
import { Client } from '../api/client';
import type { TapeEvent } from '../wire/event';
import { Feeds } from './feeds.svelte';
import { Tape } from './tape.svelte';

const event = (seq: number, feed = 'a'): TapeEvent => ({
  id: `e-${String(seq)}`,
  seq,
  feed,
  type: 'message',
  receivedAt: '',
  cut: false,
});
const events = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => event(from + i));

/** A server with the events 1 to newest, which answers as /events does, or not at all. */
function server(newest: number) {
  const asked: string[] = [];
  const state = { down: false };
  const client = new Client({ base: 'http://x', key: '' }, (input) => {
    const url = new URL(input instanceof Request ? input.url : input.toString());
    asked.push(url.search);
    if (state.down) return Promise.reject(new TypeError('refused'));
    const place = (name: string) => Number(url.searchParams.get(name)?.slice(2) ?? NaN);
    const limit = Number(url.searchParams.get('limit'));
    // The query is the number of which events are multiples.
    const every = Number(url.searchParams.get('q') ?? 1);
    const all = events(1, newest).filter((known) => known.seq % every === 0);
    const found = Number.isNaN(place('after'))
      ? all.filter((known) => known.seq < place('before')).reverse()
      : all.filter((known) => known.seq > place('after'));
    const page = found.slice(0, limit);
    // Only a page without events is the end.
    const next = page.length > 0 && page.at(-1)?.seq !== 1 ? { next: page.at(-1)?.id } : {};
    return Promise.resolve(new Response(JSON.stringify({ events: page, ...next })));
  });
  return { client, asked, state };
}

const seqs = (tape: Tape) =>
  tape.rows
    .slice(tape.rows.base, tape.rows.base + tape.rows.count)
    .map((row) => (row.kind === 'event' ? row.event.seq : row.kind));
const at = (place: number) => ({ place, px: 0 });

describe('the tape', () => {
  it('counts what comes while it is held, and forgets the count when it follows again', () => {
    const tape = new Tape(server(0).client);
    tape.arrive(events(1, 3));
    tape.hold(at(1));
    tape.arrive(events(4, 8));
    expect(tape.unseen).toBe(5);
    expect(seqs(tape)).toEqual([1, 2, 3]);
    tape.follow();
    expect([tape.unseen, tape.following]).toEqual([0, true]);
    expect(seqs(tape)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('reads on from where it was held', () => {
    const tape = new Tape(server(0).client);
    tape.arrive(events(1, 3));
    tape.hold(at(1));
    tape.arrive(events(4, 8));
    tape.readOn();
    expect([tape.unseen, tape.following, tape.rows.count]).toEqual([0, false, 8]);
    tape.arrive([event(9)]);
    expect([tape.unseen, tape.rows.count]).toEqual([1, 8]);
  });

  it('has the cursor at the row it was moved to, when that comes from history', async () => {
    const tape = new Tape(server(350).client);
    tape.arrive([{ feeds: new Map([['a', 300]]), count: 300 }, ...events(301, 350)]);
    const [first] = tape.rows.slice(0, 1);
    expect(first?.kind).toBe('pending');
    if (first !== undefined) tape.moveTo(first);
    tape.look(0, 20);
    await expect.poll(() => tape.cursor).toBe('e-1');
    expect(tape.selected?.seq).toBe(1);
  });

  it('at the last row shows what is new while that is little, and follows when it is much or nothing', () => {
    const tape = new Tape(server(0).client);
    tape.arrive(events(1, 3));
    tape.hold(at(1));
    tape.arrive(events(4, 8));
    expect(tape.reachEnd()).toBe(false);
    expect(tape.rows.count).toBe(8);
    expect(tape.reachEnd()).toBe(true);
    tape.hold(at(1));
    tape.arrive(events(9, 1_009));
    expect(tape.reachEnd()).toBe(true);
    expect(tape.rows.count).toBe(1_009);
  });

  it('catches up by hand with any rate: each arrival at the end leads nearer or follows', () => {
    const tape = new Tape(server(0).client);
    tape.arrive(events(1, 100));
    tape.hold(at(1));
    let newest = 100;
    let tries = 0;
    do {
      tape.arrive(events(newest + 1, newest + 250)); // while the reader scrolls down
      newest += 250;
      tape.arrive(events(newest + 1, newest + 100));
      newest += 100;
    } while (!tape.reachEnd() && ++tries < 10);
    expect(tape.following).toBe(true);
  });

  it('asks for older events until there are none', async () => {
    const { client, asked } = server(1_200);
    const tape = new Tape(client);
    await tape.loadOlder();
    expect(asked).toEqual([]);
    tape.arrive(events(1_100, 1_200));
    tape.hold(at(1));
    await tape.loadOlder();
    await tape.loadOlder();
    await tape.loadOlder();
    expect(tape.hasOlder).toBe(false);
    await tape.loadOlder();
    expect(asked).toEqual(['e-1100', 'e-600', 'e-100'].map((id) => `?before=${id}&limit=500`));
    expect(seqs(tape)).toEqual(events(1, 1_200).map((known) => known.seq));
    expect(tape.rows.base).toBe(-1_099);
  });

  it('says why older events did not come, and asks again only when told to', async () => {
    const { client, asked, state } = server(50);
    const tape = new Tape(client);
    tape.arrive(events(40, 50));
    state.down = true;
    await tape.loadOlder();
    await tape.loadOlder();
    expect(asked).toHaveLength(1);
    expect(tape.older).toMatchObject({ kind: 'failed' });
    state.down = false;
    tape.retryOlder();
    await expect.poll(() => tape.older.kind).toBe('idle');
    expect(tape.hasOlder).toBe(false);
  });

  it('drops a page that was asked for under another choice of feeds', async () => {
    const { client } = server(50);
    const tape = new Tape(client);
    tape.arrive([...events(40, 50), event(51, 'b')]);
    const loading = tape.loadOlder();
    tape.choose(['b']);
    await loading;
    expect(seqs(tape)).toEqual([51]);
    expect(tape.older.kind).toBe('idle');
  });

  it('reads what came by too fast when it is looked at, and says when that fails', async () => {
    const { client, state } = server(2_000);
    const tape = new Tape(client);
    tape.arrive([
      ...events(1, 10),
      { count: 1_900, feeds: new Map([['a', 1_900]]) },
      ...events(1_911, 1_920),
    ]);
    expect(tape.rows.count).toBe(1_920);
    state.down = true;
    tape.look(900, 920);
    await expect.poll(() => tape.filling.kind).toBe('failed');
    state.down = false;
    tape.retryFilling();
    await expect.poll(() => tape.rows.slice(900, 901)[0]?.key).toBe('e-901');
    expect(tape.rows.slice(919, 920)[0]?.key).toBe('e-920');
  });

  it('goes to an event among its neighbours, and back', async () => {
    const { client } = server(2_000);
    const tape = new Tape(client);
    tape.arrive(events(1_990, 2_000));
    await tape.goTo('e-700', 12);
    const top = tape.anchor?.place ?? NaN;
    expect(tape.rows.slice(top, top + 1)[0]?.key).toBe('e-700');
    expect([tape.anchor?.px, tape.exact]).toEqual([12, true]);
    expect(tape.rows.count + tape.unseen).toBe(2_000 - 450);
    tape.follow();
    expect(tape.rows.count).toBe(2_000 - 450);
  });

  it('finds its place again after a reload, with what came meanwhile counted', async () => {
    const { client } = server(1_000);
    const before = new Tape(client);
    before.arrive(events(1, 500));
    before.hold({ place: 99, px: 7 });
    const place = before.place();
    expect(place).toEqual({
      id: 'e-100',
      px: 7,
      newest: 'e-500',
      newestSeq: 500,
      end: { seq: 500, beyond: 0 },
    });
    if (place === undefined) return;
    const after = new Tape(client);
    after.arrive(events(501, 505)); // the stream may be faster than the page
    await after.resume(place);
    after.arrive(events(506, 510));
    const top = after.anchor?.place ?? NaN;
    expect(after.rows.slice(top, top + 1)[0]?.key).toBe('e-100');
    expect([after.rows.count, after.unseen, after.exact]).toEqual([500, 10, true]);
  });

  it('stays where it is held when it is laid out anew', async () => {
    const { client } = server(1_000);
    const tape = new Tape(client);
    tape.arrive(events(1, 500));
    tape.hold({ place: 99, px: 7 });
    tape.arrive(events(501, 510));
    const top = () => tape.rows.slice(tape.anchor?.place ?? NaN, (tape.anchor?.place ?? NaN) + 1)[0];
    tape.lay({ order: 'source' });
    await expect.poll(() => tape.layout.order).toBe('source');
    expect([top()?.key, tape.anchor?.px, tape.unseen]).toEqual(['e-100', 7, 10]);
  });

  it('stays near where it is held when something is searched for, and says how many came after that', async () => {
    const { client } = server(4_000);
    const tape = new Tape(client);
    tape.arrive(events(1, 500));
    tape.look(96, 110);
    tape.hold({ place: 99, px: 7 });
    tape.arrive(events(501, 4_000));
    const top = () => tape.rows.slice(tape.anchor?.place ?? NaN, (tape.anchor?.place ?? NaN) + 1)[0];
    const before = tape.standing;
    tape.ask('3');
    tape.ask('7'); // while the other is on its way
    expect(tape.following).toBe(false);
    tape.arrive([3_990, 3_997].map((seq) => event(seq)));
    await expect.poll(() => top()?.key).toBe('e-98');
    await expect.poll(() => tape.exact).toBe(true);
    const rows = () => tape.rows.count + tape.unseen;
    expect(rows()).toBe(Math.floor(4_000 / 7));
    tape.arrive([event(4_004)]);
    expect(rows()).toBe(Math.floor(4_000 / 7) + 1);

    tape.ask('', before);
    await expect.poll(() => top()?.key).toBe('e-100');
    expect([tape.anchor?.px, tape.rows.base + tape.rows.count]).toEqual([7, 500]);
  });

  it('stays at the chosen event, and follows where nothing is found', async () => {
    const { client } = server(500);
    const tape = new Tape(client);
    tape.arrive(events(1, 500));
    tape.look(96, 110);
    tape.hold({ place: 99, px: 7 });
    tape.moveTo(tape.rows.slice(104, 105)[0] ?? expect.fail());
    tape.ask('5');
    await expect.poll(() => tape.rows.count).toBe(100);
    const place = tape.anchor?.place ?? NaN;
    expect(tape.rows.slice(place + 5, place + 6)[0]?.key).toBe('e-105');
    tape.ask('1000');
    await expect.poll(() => tape.following).toBe(true);
  });

  it('fills a gap that is in history, and says when it can not', async () => {
    const { client, state } = server(20);
    const tape = new Tape(client);
    tape.arrive([event(1), { from: 'e-1', to: 'e-5', reason: '' }, event(6)]);
    const row = tape.rows.slice(1, 2)[0];
    if (row?.kind !== 'gap') throw new Error('no gap');
    state.down = true;
    await tape.loadGap(row.key, row.gap);
    expect(tape.rows.slice(1, 2)[0]).toHaveProperty('fault');
    state.down = false;
    await tape.loadGap(row.key, row.gap);
    expect(seqs(tape)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('keeps the inspected event while rows come and go', () => {
    const tape = new Tape(server(0).client);
    tape.arrive(events(1, 3));
    tape.inspect(event(2));
    tape.choose(['b']);
    expect(tape.inspected?.seq).toBe(2);
    tape.closeInspector();
    expect(tape.inspected).toBeUndefined();
    expect(tape.selected?.seq).toBe(2);
  });
});

describe('unread counts', () => {
  const rows = (list: TapeEvent[]) => new Tape(server(0).client).arrive(list);

  it('grow for feeds that are not looked at', () => {
    const feeds = new Feeds(server(0).client, ['a']);
    feeds.count(rows([event(1, 'a'), event(2, 'b'), event(3, 'b')]), true);
    expect([feeds.unread('a'), feeds.unread('b')]).toEqual([0, 2]);
    feeds.count(rows([event(4, 'a')]), false);
    expect([feeds.unread('a'), feeds.unread('b')]).toEqual([1, 2]);
    const left = {
      count: 90,
      feeds: new Map([
        ['a', 40],
        ['b', 50],
      ]),
    };
    feeds.count(new Tape(server(0).client).arrive([left]), true);
    expect([feeds.unread('a'), feeds.unread('b')]).toEqual([1, 52]);
  });

  it('end for the feeds that are shown', () => {
    const feeds = new Feeds(server(0).client, []);
    feeds.count(rows([event(1, 'a'), event(2, 'b')]), false);
    feeds.choose(['b']);
    feeds.seen();
    expect([feeds.unread('a'), feeds.unread('b')]).toEqual([1, 0]);
  });
});

it('a choice is left without the feeds that are gone', () => {
  const feeds = new Feeds(server(0).client, ['a', 'b']);
  const counts = { received: 0, duplicates: 0, bad: 0, revised: 0, bytes: 0 };
  const a = { id: 'a', name: 'A', kind: 'sse', color: 1, state: 'live', rate: 0, counts } as const;
  feeds.apply([a, { ...a, id: 'b' }]);
  expect(feeds.remaining()).toBeUndefined();
  feeds.apply([a]);
  expect(feeds.remaining()).toEqual(['a']);
});
