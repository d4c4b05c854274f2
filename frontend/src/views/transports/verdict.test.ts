import { expect, it } from 'vitest';
import type { Result, Via } from '../../state/trial.svelte';
import { heightOf, pathOf } from './chart';
import { verdict } from './verdict';

function made(
  p50: number,
  requests: number,
  bytes: number,
  more: { missed?: number; broken?: number } = {},
): Result {
  const score = { events: 100, p50, p95: p50 * 2, missed: 0, doubled: 0, broken: 0, chart: [], ...more };
  return { score, usage: { requests, cuts: 0, bytesIn: 0, bytesOut: bytes } };
}

function verdictOf(results: Record<Via, Result>, seconds = 60): string[] {
  return verdict((via) => results[via], seconds, { interval: 1_000 });
}

const usual = {
  sse: made(3, 1, 30_000),
  websocket: made(4, 1, 28_000),
  longpoll: made(6, 100, 60_000),
  poll: made(520, 60, 50_000),
};

it('the verdict comes from what was measured', () => {
  const [push, longpoll, poll, kept] = verdictOf(usual);
  expect(push).toContain('equally quick here: half of the events come within 3 ms and 4 ms');
  expect(longpoll).toContain('keeps up with 6 ms, for 2 times the bytes of SSE and 100 requests a minute');
  expect(poll).toContain('Polling each 1 s is 520 ms late in the middle and asks 60 times a minute');
  expect(kept).toBe('Nothing was missed or doubled by any of them.');
});

it('other measurements give another verdict', () => {
  expect(verdictOf({ ...usual, sse: made(100, 1, 1) })[0]).toContain('WebSocket is the quickest');
  expect(verdictOf({ ...usual, websocket: made(100, 1, 1) })[0]).toContain('SSE is the quickest');
  expect(verdictOf({ ...usual, longpoll: made(400, 1, 1) })[1]).toContain('is behind with 400 ms');
  expect(verdictOf({ ...usual, poll: made(500, 60, 10_000) })[2]).toContain('the fewest bytes');
  expect(verdictOf({ ...usual, poll: made(500, 60, 99_999, { missed: 2 }) })[3]).toBe(
    'By Polling, 2 events were missed and 0 came twice.',
  );
  expect(verdictOf({ ...usual, sse: made(3, 4, 30_000, { broken: 3 }) })[3]).toContain('broke 3 times');
});

it('too little to tell is said so', () => {
  expect(verdictOf(usual, 2)).toHaveLength(1);
  expect(verdict(() => undefined, 60, { interval: 1_000 })).toHaveLength(1);
});

it('the chart is logarithmic, with gaps bridged', () => {
  expect(heightOf(0.1, 100)).toBe(100);
  expect(heightOf(1e9, 100)).toBe(0);
  expect(heightOf(10, 100)).toBeGreaterThan(heightOf(100, 100));
  expect(pathOf([NaN, 20_000, NaN, 0.5], 30, 100)).toBe('M10.0 0.0L30.0 100.0');
});
