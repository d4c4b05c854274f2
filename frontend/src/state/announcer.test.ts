import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Announcer } from './announcer.svelte';

describe('what is announced', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('is one sentence in 5 s at most, and of several the newest', () => {
    const announcer = new Announcer();
    announcer.say('one');
    expect(announcer.said).toBe('one');
    announcer.say('two');
    vi.advanceTimersByTime(2_000);
    announcer.say('three');
    expect(announcer.said).toBe('one');
    expect(announcer.idle).toBe(false);
    vi.advanceTimersByTime(3_000);
    expect(announcer.said).toBe('three');
    vi.advanceTimersByTime(5_000);
    expect(announcer.idle).toBe(true);
  });
  it('is heard again when it is the same', () => {
    const announcer = new Announcer(1);
    announcer.say('one');
    vi.advanceTimersByTime(10);
    announcer.say('one');
    expect(announcer.said).not.toBe('one');
    expect(announcer.said.trim()).toBe('one');
  });
});
