import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { FrameQueue, type Frames } from './frames';

class FakeFrames implements Frames {
  run: (() => void) | undefined;
  next(run: () => void) {
    this.run = run;
    return () => {
      this.run = undefined;
    };
  }
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function setUp(cap?: number) {
  const frames = new FakeFrames();
  const applied: number[][] = [];
  return { frames, applied, queue: new FrameQueue<number>((items) => applied.push(items), frames, cap) };
}

it('hands over once a frame', () => {
  const { frames, applied, queue } = setUp();
  queue.push([1, 2]);
  queue.push([3]);
  expect(applied).toEqual([]);
  frames.run?.();
  expect(applied).toEqual([[1, 2, 3]]);
  expect(vi.getTimerCount()).toBe(0);
});

it('hands over by a timer when no frame comes, as in a hidden window', () => {
  const { applied, queue } = setUp();
  queue.push([1]);
  vi.advanceTimersByTime(1_000);
  expect(applied).toEqual([[1]]);
});

it('hands over at once when it is full, and never holds more', () => {
  const { applied, queue } = setUp(3);
  queue.push([1, 2]);
  queue.push([3, 4]);
  expect(applied).toEqual([[1, 2, 3, 4]]);
});

it('asks for no frame when nothing came', () => {
  const { frames, queue } = setUp();
  queue.push([]);
  expect(frames.run).toBeUndefined();
});
