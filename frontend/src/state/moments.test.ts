import { expect, it } from 'vitest';
import { Moments } from './moments';

it('the moments of the newest events are remembered', () => {
  let now = 100;
  const moments = new Moments(() => now);
  moments.arrived([{ seq: 1 }, { seq: 2 }]);
  expect(moments.of(1)).toEqual({ arrived: 100 });
  now = 116;
  moments.shown();
  moments.arrived([{ seq: 3 }]);
  expect(moments.of(2)).toEqual({ arrived: 100, shown: 116 });
  expect(moments.of(3)).toEqual({ arrived: 116 });
  expect(moments.of(4)).toBeUndefined();
  expect(moments.of(0)).toBeUndefined();
  moments.arrived(Array.from({ length: 5_000 }, (_, i) => ({ seq: 10 + i })));
  moments.shown();
  expect(moments.of(2)).toBeUndefined();
  expect(moments.of(5_009)).toEqual({ arrived: 116, shown: 116 });
});
