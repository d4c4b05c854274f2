import { describe, expect, it } from 'vitest';
import { Rates, SECONDS, sparkline } from './rates';

const feed = (id: string, received: number) => ({ id, counts: { received } });

describe('rates', () => {
  it('are the differences of what was received, by second', () => {
    const rates = new Rates();
    rates.take([feed('a', 100)], 1_000);
    expect(rates.of('a', 1_000)).toBeUndefined();
    rates.take([feed('a', 103)], 2_000);
    rates.take([feed('a', 104)], 2_900);
    rates.take([feed('a', 110)], 5_000);
    expect(rates.of('a', 5_000)).toEqual([4, 0, 0, 6]);
    expect(rates.of('a', 7_100)).toEqual([4, 0, 0, 6, 0, 0]);
  });
  it('survive a feed that counts anew, and forget one that is gone', () => {
    const rates = new Rates();
    rates.take([feed('a', 100)], 1_000);
    rates.take([feed('a', 3)], 2_000);
    rates.take([feed('a', 5)], 3_000);
    expect(rates.of('a', 3_000)).toEqual([0, 2]);
    rates.take([], 4_000);
    expect(rates.of('a', 4_000)).toBeUndefined();
  });
  it('keep a minute, however long the page slept', () => {
    const rates = new Rates();
    for (let second = 0; second < 200; second++) rates.take([feed('a', second)], second * 1_000);
    expect(rates.of('a', 199_000)).toEqual(new Array(SECONDS).fill(1));
    expect(rates.of('a', 9e9)).toEqual(new Array(SECONDS).fill(0));
    rates.take([feed('a', 999)], 9e9);
    expect(rates.of('a', 9e9)).toHaveLength(SECONDS);
  });
});

describe('a sparkline', () => {
  it('is flat at the bottom for silence, and reaches the top at its peak', () => {
    const silence = sparkline([0]);
    expect(silence).toMatch(/^M0\.947 1\.000L1\.000 1\.000$/);
    const burst = sparkline([0, 30, 0]);
    expect(burst).toContain(' 0.000');
    expect(burst).toMatch(/L1\.000 /);
  });
});
