import { expect, test } from 'vitest';
import type { EventRow, GapRow } from '../../state/tapeRows';
import { lostBefore } from './rows';

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
