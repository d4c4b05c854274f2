import { describe, expect, it } from 'vitest';
import type { Gap, TapeEvent } from '../wire/event';
import { TapeWindow } from './tapeWindow';

const event = (seq: number, feed = 'a'): TapeEvent => ({
  id: `e-${String(seq)}`,
  seq,
  feed,
  type: 'message',
  receivedAt: '',
  cut: false,
});
const events = (from: number, to: number, feed = 'a') =>
  Array.from({ length: to - from + 1 }, (_, i) => event(from + i, feed));
const gap: Gap = { from: 'e-1', to: 'e-9', reason: 'Too old.' };
const seqs = (window: TapeWindow) => window.rows.map((row) => (row.kind === 'event' ? row.event.seq : 'gap'));

describe('the window on the tape', () => {
  it('takes what arrives, once', () => {
    const window = new TapeWindow();
    expect(window.arrive(events(1, 3), true)).toHaveLength(3);
    expect(window.arrive(events(2, 4), true)).toHaveLength(1);
    expect(seqs(window)).toEqual([1, 2, 3, 4]);
  });

  it('holds an event once when a page of history was faster than the stream', () => {
    const window = new TapeWindow();
    window.addOlder({ events: events(1, 3).reverse() });
    window.arrive(events(2, 4), true);
    expect(seqs(window)).toEqual([1, 2, 3, 4]);
  });

  it('shows gaps as rows, after which numbers may start anew', () => {
    const window = new TapeWindow();
    window.arrive([event(50), gap, event(1)], true);
    expect(seqs(window)).toEqual([50, 'gap', 1]);
  });

  it('lets the oldest go while its reader follows, and keeps their places', () => {
    const window = new TapeWindow({ rows: 5, ring: 3 });
    window.arrive(events(1, 4), true);
    window.arrive(events(5, 8), true);
    expect(seqs(window)).toEqual([4, 5, 6, 7, 8]);
    expect(window.base).toBe(3);
    expect(window.hasOlder).toBe(true);
    expect(window.olderCursor).toBe('e-4');
  });

  it('never moves its rows while its reader looks elsewhere', () => {
    const window = new TapeWindow({ rows: 5, ring: 3 });
    window.arrive(events(1, 4), true);
    window.arrive([event(5)], false);
    expect(window.atTail).toBe(true);
    window.arrive(events(6, 9), false);
    expect(seqs(window)).toEqual([1, 2, 3, 4, 5]);
    expect(window.base).toBe(0);
    expect(window.atTail).toBe(false);
  });

  it('goes back to the newest end from its ring', () => {
    const window = new TapeWindow({ rows: 5, ring: 3 });
    window.arrive(events(1, 4), true);
    window.arrive(events(5, 9), false);
    const { generation } = window;
    window.toTail();
    expect(seqs(window)).toEqual([7, 8, 9]);
    expect(window.atTail).toBe(true);
    expect(window.generation).toBeGreaterThan(generation);
  });

  it('does not show twice what comes again after a gap', () => {
    const window = new TapeWindow();
    window.arrive(events(1, 3), true);
    window.arrive([gap, event(2), event(3), event(4)], true);
    expect(seqs(window)).toEqual([1, 2, 3, 'gap', 4]);
  });

  it('asks for nothing older before something came', () => {
    const window = new TapeWindow();
    expect(window.hasOlder).toBe(false);
    window.arrive([event(5)], true);
    expect(window.hasOlder).toBe(true);
    expect(window.olderCursor).toBe('e-5');
  });

  it('shows the chosen feeds, and asks for older ones from before everything it has', () => {
    const window = new TapeWindow();
    window.arrive([event(10), event(11, 'b'), event(12)], true);
    window.choose(new Set(['b']));
    expect(seqs(window)).toEqual([11]);
    window.arrive([event(13), event(14, 'b'), gap], true);
    expect(seqs(window)).toEqual([11, 14, 'gap']);
    window.choose(new Set(['c']));
    expect(seqs(window)).toEqual(['gap']);
    expect(window.olderCursor).toBe('e-10');
    window.choose(undefined);
    expect(seqs(window)).toEqual([10, 11, 12, 13, 14, 'gap']);
  });
});

describe('pages of history', () => {
  it('come before the oldest row and keep the places of the others', () => {
    const window = new TapeWindow();
    window.arrive(events(10, 12), true);
    window.addOlder({ events: events(7, 10).reverse(), next: 'e-7' });
    expect(seqs(window)).toEqual([7, 8, 9, 10, 11, 12]);
    expect(window.base).toBe(-3);
    expect(window.olderCursor).toBe('e-7');
    window.addOlder({ events: events(5, 6).reverse() });
    expect(window.hasOlder).toBe(false);
    expect(window.base).toBe(-5);
  });

  it('push the newest rows out when there are too many', () => {
    const window = new TapeWindow({ rows: 4, ring: 2 });
    window.arrive(events(10, 12), true);
    window.addOlder({ events: events(7, 9).reverse(), next: 'e-7' });
    expect(seqs(window)).toEqual([7, 8, 9, 10]);
    expect(window.atTail).toBe(false);
    window.arrive([event(13)], false);
    expect(seqs(window)).toEqual([7, 8, 9, 10]);
  });

  it('lead back to the newest end, without a hole and without a double', () => {
    const window = new TapeWindow({ rows: 6, ring: 4 });
    window.arrive(events(10, 14), true);
    window.addOlder({ events: events(6, 9).reverse(), next: 'e-6' });
    expect(seqs(window)).toEqual([6, 7, 8, 9, 10, 11]);
    const asked = window.arrived;
    window.arrive([event(15), event(16)], false); // while the page is on its way, which has only the first of them
    window.addNewer({ events: events(12, 15) }, asked);
    expect(seqs(window)).toEqual([11, 12, 13, 14, 15, 16]);
    expect(window.base).toBe(1);
    expect(window.atTail).toBe(true);
  });

  it('do not join when more came meanwhile than the ring holds', () => {
    const window = new TapeWindow({ rows: 6, ring: 2 });
    window.arrive(events(10, 15), true);
    window.addOlder({ events: events(8, 9).reverse(), next: 'e-8' });
    const asked = window.arrived;
    window.arrive(events(16, 20), false);
    window.addNewer({ events: events(14, 15) }, asked);
    expect(window.atTail).toBe(false);
    expect(seqs(window).at(-1)).toBe(15);
    window.addNewer({ events: events(16, 20) }, window.arrived);
    expect(seqs(window)).toEqual([15, 16, 17, 18, 19, 20]);
    expect(window.atTail).toBe(true);
  });
});
