import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ApiError } from '../api/client';
import { Seen } from './seen';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function saved(may = true) {
  const told: Record<string, string>[] = [];
  const answer = { status: 200 };
  const seen = new Seen((feeds) => {
    told.push(feeds);
    return answer.status === 200 ? Promise.resolve() : Promise.reject(new ApiError(answer.status, ''));
  }, may);
  return { seen, told, answer };
}

test('what was looked at is told once in a while, each feed with the newest', async () => {
  const { seen, told } = saved();
  seen.looked(['a', 'b'], 'e-1');
  seen.looked(['a'], 'e-2');
  expect(told).toEqual([]);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(told).toEqual([{ a: 'e-2', b: 'e-1' }]);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(told).toHaveLength(1);
});

test('who looks away is told of at once', async () => {
  const { seen, told } = saved();
  seen.looked(['a'], 'e-1');
  await seen.flush();
  expect(told).toEqual([{ a: 'e-1' }]);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(told).toHaveLength(1);
});

test('a server that keeps no such thing is not asked again, one that fails is', async () => {
  const { seen, told, answer } = saved();
  answer.status = 503;
  seen.looked(['a'], 'e-1');
  await seen.flush();
  answer.status = 404;
  seen.looked(['a'], 'e-2');
  await seen.flush();
  seen.looked(['a'], 'e-3');
  await vi.advanceTimersByTimeAsync(2_000);
  expect(told).toEqual([{ a: 'e-1' }, { a: 'e-2' }]);
});
