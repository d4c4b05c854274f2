import { describe, expect, it } from 'vitest';
import { offsetUnder, thumbOf } from './scrollbar';

describe('a scrollbar', () => {
  it('shows how much of how much is in view, and where', () => {
    expect(thumbOf({ offset: 0, viewport: 500, total: 1_000 }, 400)).toEqual({ top: 0, length: 200 });
    expect(thumbOf({ offset: 500, viewport: 500, total: 1_000 }, 400)).toEqual({ top: 200, length: 200 });
  });

  it('keeps a thumb that can be hit, and has none where all is in view', () => {
    expect(thumbOf({ offset: 9_999_500, viewport: 500, total: 10_000_000 }, 400)).toEqual({
      top: 376,
      length: 24,
    });
    expect(thumbOf({ offset: 0, viewport: 500, total: 500 }, 400).length).toBe(0);
  });

  it('finds the offset to a thumb, and no other than there is', () => {
    for (const offset of [0, 1, 777, 9_500]) {
      const extent = { offset, viewport: 500, total: 10_000 };
      expect(offsetUnder(thumbOf(extent, 400).top, extent, 400)).toBeCloseTo(offset);
    }
    expect(offsetUnder(-5, { offset: 0, viewport: 500, total: 1_000 }, 400)).toBe(0);
    expect(offsetUnder(999, { offset: 0, viewport: 500, total: 1_000 }, 400)).toBe(500);
  });
});
