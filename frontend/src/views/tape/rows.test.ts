import { expect, test } from 'vitest';
import type { EventRow, GapRow } from '../../state/tapeRows';
import { lostBefore, timeOf, timesOf } from './rows';

const row = (seq: number): EventRow => ({
  kind: 'event',
  key: `e-${String(seq)}`,
  event: { id: `e-${String(seq)}`, seq, feed: 'f', type: 'message', receivedAt: '', cut: false },
});
const lost = [{ from: 100, to: 500, reason: 'old' }];

test('what history lacks stands where it ends', () => {
  expect(lostBefore(row(501), row(500), lost)).toBe(lost[0]);
  expect(lostBefore(row(520), row(300), lost)).toBe(lost[0]);
  expect(lostBefore(row(500), row(499), lost)).toBeUndefined();
  expect(lostBefore(row(502), row(501), lost)).toBeUndefined();
});

test('before the first row only where history begins', () => {
  expect(lostBefore(row(501), undefined, lost, true)).toBe(lost[0]);
  expect(lostBefore(row(501), undefined, lost)).toBeUndefined();
});

test('a gap of the stream says it by itself', () => {
  const gap: GapRow = { kind: 'gap', key: 'gap-1', gap: { from: 'e-1', to: 'e-500', reason: 'old' } };
  expect(lostBefore(row(501), gap, lost)).toBeUndefined();
});

test('a time is told by the order of the rows, and the other one where it differs', () => {
  const [sourceTime, receivedAt] = ['2026-11-19T08:00:00Z', '2026-11-19T08:01:30Z'];
  const { event } = row(1);
  const now = Date.parse('2026-11-19T08:01:40Z');
  const late = { ...event, sourceTime, receivedAt };
  expect(timeOf(late, 'arrival')).toBe(receivedAt);
  expect(timeOf(late, 'source')).toBe(sourceTime);
  expect(timeOf({ ...event, receivedAt }, 'source')).toBe(receivedAt);
  expect(timesOf(late, 'arrival', now)).toMatch(/:01:30\.000 · 10 s ago\nTime at the source: .*:00:00\.000$/);
  expect(timesOf(late, 'source', now)).toMatch(/:00:00\.000 · 1 min ago\nReceived: .*:01:30\.000$/);
  expect(timesOf({ ...late, sourceTime: '2026-11-19T08:01:29.5Z' }, 'arrival', now)).not.toContain('\n');
});
