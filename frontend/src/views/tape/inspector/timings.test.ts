import { expect, it } from 'vitest';
import { timings } from './timings';

it('each step is told with what it took', () => {
  const event = { sourceTime: '2026-11-22T08:00:00Z', receivedAt: '2026-11-22T08:00:01.000500Z' };
  const stored = '2026-11-22T08:00:01.002Z';
  const arrived = Date.parse('2026-11-22T08:00:01.010Z');
  const steps = timings(event, stored, { arrived, shown: arrived + 6 });
  expect(steps.map(({ step }) => step)).toEqual(['source', 'received', 'stored', 'arrived', 'shown']);
  const later = steps.map((step) => (step.later === undefined ? '' : step.later.toFixed(1)));
  expect(later).toEqual(['', '1000.5', '1.5', '8.0', '6.0']);
});

it('steps that are not known are left out', () => {
  const steps = timings({ receivedAt: '2026-11-22T08:00:01Z' }, undefined, {
    arrived: Date.parse('2026-11-22T08:00:02Z'),
  });
  expect(steps.map(({ step, later }) => [step, later])).toEqual([
    ['received', undefined],
    ['arrived', 1_000],
  ]);
});
