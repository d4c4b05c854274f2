import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { afterPaint } from './paint';

let frames: (() => void)[] = [];

beforeEach(() => {
  vi.useFakeTimers();
  frames = [];
  vi.stubGlobal('requestAnimationFrame', (run: () => void) => frames.push(run));
  vi.stubGlobal('cancelAnimationFrame', (handle: number) => {
    frames[handle - 1] = () => undefined;
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('it calls back after the frame, not in it', () => {
  const run = vi.fn();
  afterPaint(run);
  frames[0]?.();
  expect(run).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(run).toHaveBeenCalledOnce();
  vi.advanceTimersByTime(1_000);
  expect(run).toHaveBeenCalledOnce();
});

test('a page that nobody sees draws no frame, and is not waited for', () => {
  const run = vi.fn();
  afterPaint(run);
  vi.advanceTimersByTime(300);
  expect(run).toHaveBeenCalledOnce();
});

test('what was cancelled is not called, before the frame or after it', () => {
  const run = vi.fn();
  afterPaint(run)();
  const cancel = afterPaint(run);
  frames.forEach((frame) => {
    frame();
  });
  cancel();
  vi.advanceTimersByTime(1_000);
  expect(run).not.toHaveBeenCalled();
});
