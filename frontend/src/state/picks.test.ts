import { expect, test } from 'vitest';
import { countOf, idList, isPicked, MOST_SINGLE, NONE, toggled, type Picks } from './picks';

const range = (from: number, to: number, count: number | undefined): Picks => ({
  range: { from, to, count },
  single: new Set(),
});

test('events are picked one by one, and left out again', () => {
  const two = toggled(toggled(NONE, [4]) ?? NONE, [9]) ?? NONE;
  expect([isPicked(two, 4), isPicked(two, 5), countOf(two)]).toEqual([true, false, 2]);
  expect(idList(two, 'k3-')).toBe('k3-4,k3-9');
  expect(countOf(toggled(two, [4]) ?? two)).toBe(1);
});

test('a range is two ends, with what is left out of it and what is picked beside it', () => {
  let picks = range(10, 20, 7); // other feeds have the rest
  for (const seq of [12, 10, 30, 20]) picks = toggled(picks, [seq]) ?? NONE;
  expect(idList(picks, 'k3-')).toBe('k3-11,k3-13..k3-19,k3-30');
  expect(countOf(picks)).toBe(5);
  expect(isPicked(picks, 12)).toBe(false);
  expect(isPicked(picks, 30)).toBe(true);
});

test('a burst is picked as a whole', () => {
  const some = toggled(NONE, [2]) ?? NONE;
  const all = toggled(some, [1, 2, 3]) ?? NONE;
  expect(idList(all, '')).toBe('1,2,3');
  expect(countOf(toggled(all, [1, 2, 3]) ?? all)).toBe(0);
});

test('what nobody has counted has no number', () => {
  expect(countOf(toggled(range(1, 1_000_000, undefined), [5]) ?? NONE)).toBeUndefined();
});

test('single picks are bounded, ranges are not', () => {
  const many = toggled(
    NONE,
    Array.from({ length: MOST_SINGLE }, (_, seq) => seq),
  );
  expect(many && countOf(many)).toBe(MOST_SINGLE);
  expect(many && toggled(many, [MOST_SINGLE])).toBeUndefined();
  expect(countOf(range(1, 1_000_000, 1_000_000))).toBe(1_000_000);
});
