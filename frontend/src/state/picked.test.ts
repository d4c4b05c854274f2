import { describe, expect, it } from 'vitest';
import { Client } from '../api/client';
import type { TapeEvent } from '../wire/event';
import { Picked } from './picked.svelte';
import { Stars } from './stars.svelte';
import { Tape } from './tape.svelte';
import type { Row } from './tapeRows';

const event = (seq: number, feed = 'a', sourceTime?: string): TapeEvent => ({
  id: `e-${String(seq)}`,
  seq,
  feed,
  type: 'message',
  receivedAt: '2026-11-22T08:00:00Z',
  cut: false,
  ...(sourceTime === undefined ? {} : { sourceTime }),
});

function made() {
  const client = new Client({ base: 'http://x', key: '' }, () => Promise.reject(new TypeError('refused')));
  const tape = new Tape(client);
  const picked = new Picked(tape, client, new Stars(client, true), () => ({ query: '', feeds: [] }));
  const row = (id: string): Row => {
    const place = tape.rows.placeOf(id);
    const [found] = place === undefined ? [] : tape.rows.slice(place, place + 1);
    if (found === undefined) throw new Error(`no row ${id}`);
    return found;
  };
  return { tape, picked, row };
}

describe('selected events', () => {
  it('are a range from the row that the keyboard is at, and stay while others come', () => {
    const { tape, picked, row } = made();
    tape.arrive([1, 2, 3, 4, 5].map((seq) => event(seq)));
    tape.moveTo(row('e-2'));
    picked.extend(row('e-4'));
    tape.moveTo(row('e-4'));
    picked.extend(row('e-5'));
    tape.arrive([event(6)]);
    expect([picked.count, picked.ids, picked.has(row('e-6'))]).toEqual([4, 'e-2..e-5', false]);
    picked.extend(row('e-1')); // from where it began
    expect([picked.count, picked.ids]).toEqual([2, 'e-1..e-2']);
    picked.clear();
    expect(picked.some).toBe(false);
  });

  it('count those of the feeds that are shown, though a range has the numbers of others', () => {
    const { tape, picked, row } = made();
    tape.choose(['a']);
    tape.arrive([event(1), event(2, 'b'), event(3), event(4, 'b'), event(5)]);
    tape.moveTo(row('e-1'));
    picked.extend(row('e-5'));
    expect([picked.count, picked.ids]).toEqual([3, 'e-1..e-5']);
  });

  it('have the row that was at the cursor among them when another one is added', () => {
    const { tape, picked, row } = made();
    tape.arrive([1, 2, 3].map((seq) => event(seq)));
    tape.moveTo(row('e-1'));
    picked.toggle(row('e-3'));
    expect(picked.ids).toBe('e-1,e-3');
  });

  it('are single ones where rows have another order than their numbers', () => {
    const { tape, picked, row } = made();
    tape.lay({ order: 'source' });
    tape.arrive([
      event(1, 'a', '2026-11-22T08:00:02Z'),
      event(2, 'a', '2026-11-22T08:00:01Z'),
      event(3, 'a', '2026-11-22T08:00:03Z'),
    ]);
    tape.moveTo(row('e-2'));
    picked.extend(row('e-1'));
    expect([picked.count, picked.ids]).toEqual([2, 'e-1,e-2']);
  });

  it('are all there was, of which only the server knows the number', () => {
    const { tape, picked, row } = made();
    tape.arrive([7, 8, 9].map((seq) => event(seq)));
    picked.all();
    tape.arrive([event(10)]);
    expect([picked.count, picked.ids, picked.has(row('e-9')), picked.has(row('e-10'))]).toEqual([
      undefined,
      'e-1..e-9',
      true,
      false,
    ]);
    expect([picked.some, picked.few]).toEqual([true, false]);
  });
});
