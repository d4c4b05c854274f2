import { describe, expect, it } from 'vitest';
import { bottom, moveOf, offsetOf, placeAt, rangeAt, reveal, type Shape } from './virtual';

const shape: Shape = { base: 0, count: 1_000, rowHeight: 44, viewport: 500, lead: 40 };

describe('the virtual list', () => {
  it('draws only what is in view, and a little more', () => {
    expect(rangeAt(0, shape, 0)).toEqual({ start: 0, end: 11 });
    expect(rangeAt(40 + 44 * 100, shape, 5)).toEqual({ start: 95, end: 117 });
    expect(rangeAt(bottom(shape), shape, 5).end).toBe(1_000);
    expect(rangeAt(0, { ...shape, count: 0 }, 5)).toEqual({ start: 0, end: 0 });
  });

  it('follows the newest end when there is no place to hold', () => {
    expect(offsetOf(undefined, shape)).toBe(40 + 44_000 - 500);
    expect(offsetOf(undefined, { ...shape, count: 2 })).toBe(0);
  });

  it('keeps the row under the eye where it is when rows come or go above it', () => {
    const place = placeAt(1_234, shape);
    expect(offsetOf(place, { ...shape, base: -300, count: 1_300 })).toBeCloseTo(1_234 + 300 * 44, 6);
    expect(offsetOf(place, { ...shape, base: 10, count: 990 })).toBeCloseTo(1_234 - 10 * 44, 6);
    expect(offsetOf(place, { ...shape, count: 5_000 })).toBeCloseTo(1_234, 6);
  });

  it('keeps the first row when the rows change their height', () => {
    const place = placeAt(40 + 44 * 20, shape);
    expect(offsetOf(place, { ...shape, rowHeight: 32 })).toBe(40 + 32 * 20);
  });

  it('stays inside the content', () => {
    expect(offsetOf(-50, shape)).toBe(0);
    expect(offsetOf(5_000, shape)).toBe(bottom(shape));
  });

  it('brings a row into view with the least movement', () => {
    expect(reveal(0, 300, shape)).toBe(40);
    expect(reveal(8, 300, shape)).toBe(300);
    expect(reveal(100, 300, shape)).toBe(40 + 101 * 44 - 500);
  });
});

describe('a scroll', () => {
  const end = bottom(shape);
  it('by the list itself means nothing', () => {
    expect(moveOf(end, end, true, shape)).toBe('none');
    expect(moveOf(700.5, 700, false, shape)).toBe('none');
  });
  it('away from the newest end holds', () => {
    expect(moveOf(end - 60, end, true, shape)).toBe('hold');
  });
  it('elsewhere while held moves the place', () => {
    expect(moveOf(900, 700, false, shape)).toBe('hold');
    expect(moveOf(500, 700, false, shape)).toBe('hold');
  });
  it('back to the newest end follows again', () => {
    expect(moveOf(end - 3, end - 200, false, shape)).toBe('follow');
  });
  it('upwards by less than a row stays held', () => {
    expect(moveOf(end - 10, end - 5, false, shape)).toBe('hold');
  });
});
