import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Client } from '../api/client';
import { Query } from './query.svelte';

/** A server that understands everything but `bad`; answers wait until they are let go. */
function setUp() {
  const asked: string[] = [];
  const fetcher: typeof fetch = (input) => {
    const url = new URL(input instanceof Request ? input.url : String(input), 'http://t');
    const q = url.searchParams.get('q') ?? '';
    asked.push(url.pathname === '/query' ? q : url.pathname + url.search);
    if (url.pathname === '/fields')
      return Promise.resolve(new Response('{"fields":[{"name":"type","count":1,"values":[]}]}'));
    const body = q.includes('bad')
      ? '{"status":400,"detail":"Expected a word.","position":[2,5]}'
      : '{"query":""}';
    return Promise.resolve(new Response(body, { status: q.includes('bad') ? 400 : 200 }));
  };
  const applied: string[] = [];
  const query = new Query(new Client({ base: 'http://t', key: '' }, fetcher), () =>
    applied.push(query.applied),
  );
  return { query, asked, applied };
}

describe('the query field', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('asks once typing rests', async () => {
    const { query, asked, applied } = setUp();
    for (const text of ['b', 'bt', 'btc']) {
      query.type(text);
      await vi.advanceTimersByTimeAsync(100);
    }
    expect(asked).toEqual([]);
    await vi.advanceTimersByTimeAsync(200);
    expect(asked).toEqual(['btc']);
    expect(applied).toEqual(['btc']);
  });

  it('keeps the last good query in force, and says where the new one fails', async () => {
    const { query, applied } = setUp();
    await query.ask('good');
    await query.ask('😀 bad');
    expect(query.applied).toBe('good');
    expect(query.fault).toEqual({ sentence: 'Expected a word.', range: [3, 6] });
    await query.ask('good again');
    expect(query.fault).toBeUndefined();
    expect(applied).toEqual(['good', 'good again']);
  });

  it('forgets an answer to what is no longer typed', async () => {
    const { query, applied } = setUp();
    const first = query.ask('one');
    const second = query.ask('two');
    await Promise.all([first, second]);
    expect(applied).toEqual(['two']);
    const third = query.ask('three');
    query.clear();
    await third;
    expect(query.applied).toBe('');
  });

  it('remembers what was asked, each once, the newest first', async () => {
    const { query } = setUp();
    for (const text of ['a', 'b', 'bad', 'a ', '']) await query.ask(text);
    expect(query.history).toEqual(['a', 'b']);
  });

  it('samples fields again only after a while, or for other feeds', async () => {
    const { query, asked } = setUp();
    await query.sample([]);
    await query.sample([]);
    await query.sample(['a']);
    await vi.advanceTimersByTimeAsync(11_000);
    await query.sample(['a']);
    expect(asked).toEqual(['/fields', '/fields?feed=a', '/fields?feed=a']);
    expect(query.fields).toHaveLength(1);
  });
});
