import { describe, expect, it } from 'vitest';
import { strings } from '../strings/en';
import type { Feed } from '../wire/feed';
import { feedLine } from './feedLine';
import { clockTime, moment, otherDay, secondsUntil } from './time';

const feed: Feed = {
  id: 'b',
  name: 'Build',
  kind: 'sse',
  color: 1,
  state: 'retrying',
  cause: 'Connection refused.',
  nextAttempt: '2026-11-22T08:00:12Z',
  rate: 0.5,
  counts: { received: 0, duplicates: 0, bad: 0, revised: 0, bytes: 0 },
};
const now = Date.parse('2026-11-22T08:00:00Z');

describe('a line about a feed', () => {
  it('counts down to the next attempt and says why', () => {
    expect(feedLine(feed, now)).toEqual({
      state: 'Retrying in 12 s',
      rate: '',
      cause: 'Connection refused.',
    });
    expect(feedLine(feed, now + 13_000).state).toBe('Retrying now');
  });
  it('says the rate of a live feed', () => {
    expect(feedLine({ ...feed, state: 'live' }, now)).toEqual({ state: 'Live', rate: '30/min', cause: '' });
  });
});

describe('a rate', () => {
  it('is said per second or per minute, as it fits', () => {
    const said = [0, 0.001, 0.05, 0.66, 1, 3.27, 31.4, 12_345].map(strings.feeds.rate);
    expect(said).toEqual(['', '< 1/min', '3/min', '40/min', '1/s', '3.3/s', '31/s', '12,345/s']);
  });
});

describe('times', () => {
  it('are read with any number of digits after the second', () => {
    expect(moment('2026-11-22T08:21:23.123456789Z')).toBe(Date.parse('2026-11-22T08:21:23.123Z'));
    expect(moment(undefined)).toBeNaN();
  });
  it('are shown as HH:MM:SS', () => {
    expect(clockTime(new Date(2026, 10, 2, 3, 4, 5).getTime())).toBe('03:04:05');
    expect(clockTime(NaN)).toBe('--:--:--');
  });
  it('name the day only when it is another one', () => {
    const noon = new Date(2026, 10, 22, 12).getTime();
    expect(otherDay(noon - 3_600_000, noon)).toBeUndefined();
    expect(otherDay(noon - 86_400_000, noon)).toBe('Saturday 21 November');
  });
  it('count down to zero and no further', () => {
    expect(secondsUntil(5_100, 4_000)).toBe(2);
    expect(secondsUntil(3_000, 4_000)).toBe(0);
  });
});
