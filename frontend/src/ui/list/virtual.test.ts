import { describe, expect, it } from 'vitest';
import { Heights } from './heights';
import { anchorAt, bottom, moveOf, offsetOf, rangeAt, reveal, topOf, type Shape } from './virtual';

const uniform = (change: Partial<Shape> = {}): Shape => ({
  base: 0,
  count: 1_000,
  heights: new Heights(44),
  viewport: 500,
  lead: 40,
  tail: 0,
  ...change,
});

const both = (rows: number) => ({ above: rows, below: rows });

describe('heights', () => {
  it('sum up what was measured, and take the rest for usual', () => {
    const heights = new Heights(40);
    expect(heights.measured(3, 100)).toBe(true);
    expect(heights.measured(3, 100)).toBe(false);
    heights.measured(300, 10);
    expect(heights.between(0, 3)).toBe(120);
    expect(heights.between(0, 4)).toBe(220);
    expect(heights.between(0, 1_000)).toBe(40_000 + 60 - 30);
    expect(heights.between(4, 300)).toBe(296 * 40);
    expect(heights.between(5, 5)).toBe(0);
  });

  it('agree with a plain sum, also before place 0', () => {
    const heights = new Heights(44);
    const plain = new Map<number, number>();
    const sum = (from: number, to: number) => {
      let total = 0;
      for (let place = from; place < to; place++) total += plain.get(place) ?? 44;
      return total;
    };
    let seed = 7;
    for (let i = 0; i < 2_000; i++) {
      seed = (seed * 16_807) % 2_147_483_647;
      const place = (seed % 1_500) - 700;
      const height = 20 + (seed % 90);
      heights.measured(place, height);
      plain.set(place, height);
      // Questions in between leave a mark, which must stay true.
      if (i % 9 === 0) expect(heights.between(-700, place)).toBeCloseTo(sum(-700, place), 6);
    }
    for (const [from, to] of [
      [-700, 800],
      [-300, -299],
      [-257, 513],
      [0, 256],
    ] as const) {
      expect(heights.between(from, to)).toBeCloseTo(sum(from, to), 6);
      const found = heights.placeAt(from, sum(from, to) + 5, 900);
      expect(found).toEqual({ place: to, px: 5 });
    }
    heights.trim(100);
    expect(heights.between(100, 700)).toBeCloseTo(sum(100, 700), 6);
    expect(heights.placeAt(100, sum(100, 650) + 5, 900)).toEqual({ place: 650, px: 5 });
  });

  it('let go of what lies before the first row', () => {
    const heights = new Heights(40);
    heights.measured(10, 90);
    heights.measured(600, 90);
    heights.trim(520);
    expect(heights.of(10)).toBe(40);
    expect(heights.between(520, 700)).toBe(180 * 40 + 50);
  });
});

describe('the virtual list', () => {
  it('draws only what is in view, and a little more', () => {
    expect(rangeAt(0, uniform(), both(0))).toEqual({ start: 0, end: 11 });
    expect(rangeAt(40 + 44 * 100, uniform(), both(5))).toEqual({ start: 95, end: 117 });
    expect(rangeAt(bottom(uniform()), uniform(), both(5)).end).toBe(1_000);
    expect(rangeAt(0, uniform({ count: 0 }), both(5))).toEqual({ start: 0, end: 0 });
  });

  it('draws the same number of rows wherever it stands, so that their elements are used again', () => {
    const shape = uniform();
    for (let place = 200; place < 400; place++) shape.heights.measured(place, 44 + (place % 3) * 20);
    for (let offset = 0; offset <= bottom(shape); offset += 333) {
      const { start, end } = rangeAt(offset, shape, both(4), 21);
      expect(end - start).toBe(21);
    }
    expect(rangeAt(0, uniform({ count: 5 }), both(4), 21)).toEqual({ start: 0, end: 5 });
  });

  it('finds the row at any distance', () => {
    const heights = new Heights(40);
    for (let place = -700; place < 900; place += 7) heights.measured(place, 40 + (place & 31));
    for (let place = -700; place < 900; place++) {
      expect(heights.placeAt(-700, heights.between(-700, place) + 3, 900)).toEqual({ place, px: 3 });
    }
    expect(heights.placeAt(-700, 1e6, 900).place).toBe(899);
  });

  it('follows the newest end when there is no place to hold', () => {
    expect(offsetOf(undefined, uniform())).toBe(40 + 44_000 - 500);
    expect(offsetOf(undefined, uniform({ count: 2 }))).toBe(0);
  });

  it('keeps the row under the eye where it is when rows come, go or grow above it', () => {
    const anchor = anchorAt(1_234, uniform());
    const onScreen = (shape: Shape) => shape.lead + topOf(anchor.place, shape) - offsetOf(anchor, shape);
    const before = onScreen(uniform());
    for (const change of [{ base: -300, count: 1_300 }, { base: 10, count: 990 }, { count: 5_000 }]) {
      expect(onScreen(uniform(change))).toBe(before);
    }
    const grown = uniform();
    grown.heights.measured(3, 90);
    grown.heights.measured(anchor.place, 200); // its own height doesn't matter either
    expect(onScreen(grown)).toBe(before);
    expect(offsetOf(anchor, grown)).toBe(1_234 + 46);
  });

  it('stays inside the content', () => {
    expect(offsetOf({ place: 0, px: -90 }, uniform())).toBe(0);
    expect(offsetOf({ place: 5_000, px: 0 }, uniform())).toBe(bottom(uniform()));
  });

  it('keeps a place in the space above the first row', () => {
    const anchor = anchorAt(10, uniform());
    expect(anchor).toEqual({ place: 0, px: -30 });
    expect(offsetOf(anchor, uniform())).toBe(10);
  });

  it('brings a row into view with the least movement', () => {
    expect(reveal(0, 300, uniform())).toBe(40);
    expect(reveal(8, 300, uniform())).toBe(300);
    expect(reveal(100, 300, uniform())).toBe(40 + 101 * 44 - 500);
    const high = uniform();
    high.heights.measured(100, 144);
    expect(reveal(100, 300, high)).toBe(40 + 101 * 44 - 500 + 100);
  });

  it('keeps its tail free of a row that is to be seen', () => {
    const tailed = uniform({ tail: 56 });
    expect(reveal(8, 0, tailed)).toBe(0);
    expect(reveal(10, 0, tailed)).toBe(40 + 11 * 44 + 56 - 500);
    expect(reveal(999, 0, tailed)).toBe(bottom(tailed));
  });
});

describe('a scroll', () => {
  const end = bottom(uniform());
  it('by the list itself means nothing', () => {
    expect(moveOf(end, end, true, end)).toBe('none');
    expect(moveOf(700.5, 700, false, end)).toBe('none');
  });
  it('away from the newest end holds', () => {
    expect(moveOf(end - 60, end, true, end)).toBe('hold');
  });
  it('elsewhere while held moves the place', () => {
    expect(moveOf(900, 700, false, end)).toBe('hold');
    expect(moveOf(500, 700, false, end)).toBe('hold');
  });
  it('to the very end asks for the newest', () => {
    expect(moveOf(end, end - 200, false, end)).toBe('end');
  });
  it('upwards by less than a row stays held', () => {
    expect(moveOf(end - 10, end - 5, false, end)).toBe('hold');
  });
});
