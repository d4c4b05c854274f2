import { describe, expect, it } from 'vitest';
import { VIAS } from './readers';
import { Scores, SECONDS } from './scores';

describe('the scores', () => {
  it('have the percentiles and the seconds of each transport', () => {
    const scores = new Scores();
    for (let i = 1; i <= 100; i++) scores.add('sse', i, i, 60_000 + i);
    scores.add('sse', 101, 500, 62_000);
    const score = scores.score('sse', 62_500);
    expect([score.events, score.p50, score.p95]).toEqual([101, 51, 96]);
    expect(score.chart).toHaveLength(SECONDS);
    expect(score.chart.slice(-3)).toEqual([51, NaN, 500]);
    expect(scores.score('poll', 0)).toMatchObject({ events: 0, p50: NaN, missed: 0 });
  });

  it('tell what was missed once everyone is beyond it, and what was doubled', () => {
    const scores = new Scores();
    for (const seq of [1, 3, 4]) scores.add('poll', seq, 1, 0);
    for (const via of VIAS.filter((via) => via !== 'poll')) {
      for (const seq of [1, 2, 3, 4]) scores.add(via, seq, 1, 0);
    }
    expect(scores.score('poll', 0)).toMatchObject({ missed: 1, events: 3 });
    expect(scores.score('sse', 0)).toMatchObject({ missed: 0, doubled: 0 });
    scores.add('sse', 4, 1, 0);
    expect(scores.score('sse', 0)).toMatchObject({ doubled: 1, events: 4 });
  });

  it('nobody has missed what is still on its way', () => {
    const scores = new Scores();
    scores.add('sse', 7, 1, 0);
    scores.add('sse', 9, 1, 0);
    scores.add('poll', 7, 1, 0);
    for (const via of VIAS) expect(scores.score(via, 0).missed).toBe(0);
  });
});
