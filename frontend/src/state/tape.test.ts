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
    const all = events(1, newest);
    const found = Number.isNaN(place('after'))
      ? all.filter((known) => known.seq < place('before')).reverse()
      : all.filter((known) => known.seq > place('after'));
    const page = found.slice(0, limit);
    const next = found.length > limit ? { next: page.at(-1)?.id } : {};
    return Promise.resolve(new Response(JSON.stringify({ events: page, ...next })));
  });
  return { client, asked, state };
}

const seqs = (tape: Tape) => tape.rows.map((row) => (row.kind === 'event' ? row.event.seq : 'gap'));

describe('the tape', () => {
  it('counts what comes while it is held, and forgets the count when it follows again', () => {
    const tape = new Tape(server(0).client);
    tape.arrive(events(1, 3));
    tape.hold(1.5);
    tape.arrive(events(4, 8));
    expect(tape.unseen).toBe(5);
    expect(tape.anchor).toBe(1.5);
    tape.follow();
    expect(tape.unseen).toBe(0);
    expect(tape.following).toBe(true);
  });

  it('asks for older events until there are none', async () => {
    const { client, asked } = server(700);
    const tape = new Tape(client);
    await tape.loadOlder();
    expect(asked).toEqual([]);
    tape.arrive(events(600, 700));
    await tape.loadOlder();
    await tape.loadOlder();
    expect(tape.hasOlder).toBe(false);
    await tape.loadOlder();
    expect(asked).toEqual(['?before=e-600&limit=300', '?before=e-300&limit=300']);
    expect(seqs(tape)).toEqual(events(1, 700).map((known) => known.seq));
    expect(tape.base).toBe(-599);
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
    expect(feeds.totalUnread).toBe(3);
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
