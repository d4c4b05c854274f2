import { expect, test } from 'vitest';
import { addGaps } from './tapeGaps';

const gap = (from: number, to: number, reason = 'old') => ({
  from: `e-${String(from)}`,
  to: `e-${String(to)}`,
  reason,
});
const lost = (from: number, to: number, reason = 'old') => ({ from, to, reason });

test('pages that follow on each other tell of one gap', () => {
  let known = addGaps([], [gap(500, 800)]);
  known = addGaps(known, [gap(100, 500)]);
  expect(known).toEqual([lost(100, 800)]);
  expect(addGaps(known, [gap(0, 100)])).toEqual([lost(0, 800)]);
});

test('what is known already changes nothing', () => {
  const known = addGaps([], [gap(500, 800)]);
  expect(addGaps(known, [gap(600, 700, 'other')])).toBe(known);
  expect(addGaps(known, [gap(7, 7)])).toBe(known);
});

test('gaps with other reasons, or apart, stay apart', () => {
  const known = addGaps([], [gap(500, 800), gap(400, 500, 'other'), gap(10, 20)]);
  expect(known).toEqual([lost(500, 800), lost(400, 500, 'other'), lost(10, 20)]);
});
