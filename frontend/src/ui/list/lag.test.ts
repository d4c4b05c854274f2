import { describe, expect, it } from 'vitest';
import { Heights } from './heights';
import { Lag } from './lag';
import { contentHeight, type Shape } from './virtual';

const shape = (count = 1_000): Shape => ({
  base: 0,
  count,
  heights: new Heights(40),
  viewport: 500,
  lead: 40,
  tail: 0,
});

describe('the lag of the document', () => {
  it('keeps rows in view where they are when those above turn out higher, until the view rests', () => {
    const [lag, at] = [new Lag(), shape()];
    expect(lag.at(20_000, at, true)).toEqual({ px: 0, height: contentHeight(at) });
    at.heights.measured(3, 60);
    lag.moved(20);
    // The offset is 20 more; less the lag, the document is scrolled as far as before, and as high.
    expect(lag.at(20_020, at, false)).toEqual({ px: -20, height: contentHeight(at) - 20 });
    expect(lag.at(20_020, at, true)).toEqual({ px: 0, height: contentHeight(at) });
  });

  it('is gone near the beginning', () => {
    const [lag, at] = [new Lag(), shape()];
    lag.moved(300);
    expect(lag.at(20_000, at, false).px).toBe(-300);
    expect(lag.at(2_100, at, false).px).toBe(0);
  });

  it('leaves the end to the rows near it', () => {
    const [lag, at] = [new Lag(), shape()];
    const first = lag.at(20_000, at, true).height;
    at.count = 2_000;
    expect(lag.at(20_100, at, false).height).toBe(first);
    expect(lag.at(39_000, at, false).height).toBe(contentHeight(at));
  });
});
