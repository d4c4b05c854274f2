import { describe, expect, it } from 'vitest';
import { Slots } from './slots';

const items = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => ROWS[from + index] ?? { key: '' });
const ROWS = Array.from({ length: 100 }, (_, n) => ({ key: `row ${String(n)}` }));

describe('slots', () => {
  it('keep the element of a row that stays, and give those that left to those that come', () => {
    const slots = new Slots<{ key: string }>();
    const before = slots.show(0, items(0, 10), undefined);
    expect(before.map(({ slot }) => slot)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const after = slots.show(3, items(3, 13), ROWS[2]);
    expect(after.map(({ slot }) => slot)).toEqual([3, 4, 5, 6, 7, 8, 9, 0, 1, 2]);
    expect(after[0]).toBe(before[3]);
    expect(after[7]?.above).toBe(ROWS[9]);
  });

  it('begin anew where no row stays', () => {
    const slots = new Slots<{ key: string }>();
    slots.show(0, items(0, 10), undefined);
    expect(slots.show(13, items(13, 23), ROWS[12]).map(({ slot }) => slot)).toEqual([
      0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
    ]);
  });

  it('keep the elements of rows that stay when more are shown, or fewer', () => {
    const slots = new Slots<{ key: string }>();
    slots.show(10, items(10, 14), ROWS[9]);
    const more = slots.show(8, items(8, 16), ROWS[7]);
    expect(more.map(({ slot }) => slot)).toEqual([4, 5, 0, 1, 2, 3, 6, 7]);
    expect(slots.show(9, items(9, 12), ROWS[8])).toEqual(more.slice(1, 4));
  });

  it('tell a row that changed, and one that stands below another', () => {
    const slots = new Slots<{ key: string }>();
    const before = slots.show(0, items(0, 3), undefined);
    const changed = { key: 'row 1' };
    const after = slots.show(0, [...items(0, 1), changed, ...items(2, 3)], undefined);
    expect(after[0]).toBe(before[0]);
    expect(after[1]?.item).toBe(changed);
    expect(after[2]).not.toBe(before[2]);
    expect(after[2]?.above).toBe(changed);
  });
});
