import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Gap, TapeEvent } from '../wire/event';
import { LiveStream, SILENCE_MS, type LinkState, type Source } from './live';

class FakeSource implements Source {
  static all: FakeSource[] = [];
  static get last(): FakeSource {
    const last = FakeSource.all.at(-1);
    if (last === undefined) throw new Error('nothing was opened');
    return last;
  }

  readyState = 0;
  closed = false;
  onopen: Source['onopen'] = null;
  onerror: Source['onerror'] = null;
  onmessage: Source['onmessage'] = null;
  #listeners = new Map<string, (event: MessageEvent) => void>();

  constructor(readonly url: string) {
    FakeSource.all.push(this);
  }
  addEventListener(type: string, listener: (event: MessageEvent) => void) {
    this.#listeners.set(type, listener);
  }
  close() {
    this.closed = true;
    this.readyState = 2;
  }

  open() {
    this.readyState = 1;
    this.onopen?.(new Event('open'));
  }
  fail(readyState: number) {
    this.readyState = readyState;
    this.onerror?.(new Event('error'));
  }
  send(data: string, lastEventId = '') {
    this.onmessage?.(new MessageEvent('message', { data, lastEventId }));
  }
  sendNamed(type: string, data: string, lastEventId = '') {
    this.#listeners.get(type)?.(new MessageEvent(type, { data, lastEventId }));
  }
}

const page = (seq: number) =>
  `{"events":[{"id":"e-${String(seq)}","seq":${String(seq)},"feed":"f"}],"next":"e-${String(seq)}"}`;

function start() {
  const states: LinkState[] = [];
  const events: TapeEvent[] = [];
  const gaps: Gap[] = [];
  const stream = new LiveStream(
    {
      url: (after) => `after=${after ?? 'none'}`,
      page: (page) => events.push(...page.events),
      gap: (gap) => gaps.push(gap),
      status: () => undefined,
      state: (state) => states.push(state),
    },
    (url) => new FakeSource(url),
  );
  stream.start();
  return { stream, states, events, gaps };
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, 'random').mockReturnValue(1);
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  FakeSource.all = [];
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('the live stream', () => {
  it('connects, and says that it is open only when it is', () => {
    const { states, events } = start();
    expect(states).toEqual([{ kind: 'connecting' }]);
    FakeSource.last.open();
    FakeSource.last.send(page(1), 'e-1');
    expect(states.at(-1)).toEqual({ kind: 'open' });
    expect(events.map((event) => event.seq)).toEqual([1]);
  });

  it('leaves a cut to the browser, which reconnects with Last-Event-ID', () => {
    const { states } = start();
    FakeSource.last.open();
    FakeSource.last.fail(0);
    expect(states.at(-1)).toEqual({ kind: 'reconnecting', trouble: 'cut', attempt: 1 });
    vi.advanceTimersByTime(10_000);
    expect(FakeSource.all).toHaveLength(1);
    FakeSource.last.open();
    expect(states.at(-1)).toEqual({ kind: 'open' });
  });

  it('makes a new source after the last event when the browser gave up', () => {
    const { states } = start();
    FakeSource.last.open();
    FakeSource.last.send(page(5), 'e-5');
    FakeSource.last.fail(2);
    expect(states.at(-1)).toMatchObject({
      kind: 'reconnecting',
      trouble: 'cut',
      retryAt: Date.now() + 1_000,
    });
    vi.advanceTimersByTime(1_000);
    expect(FakeSource.all).toHaveLength(2);
    expect(FakeSource.last.url).toBe('after=e-5');
  });

  it('keeps the place to resume from when a new source dies before its first id', () => {
    start();
    FakeSource.last.open();
    FakeSource.last.send(page(5), 'e-5');
    FakeSource.last.fail(2);
    vi.advanceTimersByTime(1_000);
    FakeSource.last.open();
    FakeSource.last.sendNamed('status', '{"feeds":[],"settings":1}');
    FakeSource.last.fail(2);
    vi.advanceTimersByTime(2_000);
    expect(FakeSource.last.url).toBe('after=e-5');
  });

  it('waits longer each time, up to 15 s, and starts anew after a stable connection', () => {
    const { states } = start();
    const waits: number[] = [];
    for (let i = 0; i < 7; i++) {
      FakeSource.last.fail(2);
      const state = states.at(-1);
      const wait = state?.kind === 'reconnecting' ? (state.retryAt ?? 0) - Date.now() : NaN;
      waits.push(wait);
      vi.advanceTimersByTime(wait);
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000]);
    FakeSource.last.open();
    vi.advanceTimersByTime(11_000);
    FakeSource.last.fail(2);
    expect(states.at(-1)).toMatchObject({ attempt: 1, retryAt: Date.now() + 1_000 });
  });

  it('takes silence for death, but a heartbeat for life', () => {
    const { states } = start();
    FakeSource.last.open();
    vi.advanceTimersByTime(SILENCE_MS - 6_000);
    FakeSource.last.sendNamed('heartbeat', '{}');
    vi.advanceTimersByTime(SILENCE_MS - 6_000);
    expect(FakeSource.all).toHaveLength(1);
    vi.advanceTimersByTime(12_000);
    expect(FakeSource.all[0]?.closed).toBe(true);
    expect(states.some((state) => state.kind === 'reconnecting' && state.trouble === 'silent')).toBe(true);
    expect(FakeSource.all.length).toBeGreaterThan(1);
  });

  it('shows a gap for a frame that can not be read, and goes on after it', () => {
    const { gaps, events } = start();
    FakeSource.last.open();
    FakeSource.last.send(page(1), 'e-1');
    FakeSource.last.send('{"events":[{"id":', 'e-2');
    FakeSource.last.send(page(3), 'e-3');
    expect(gaps).toEqual([{ from: 'e-1', to: 'e-2', reason: '' }]);
    expect(events.map((event) => event.seq)).toEqual([1, 3]);
  });

  it('hears nothing more from a source that it dropped', () => {
    const { states, events } = start();
    const old = FakeSource.last;
    old.fail(2);
    vi.advanceTimersByTime(1_000);
    const before = states.length;
    old.open();
    old.send(page(9), 'e-9');
    old.fail(2);
    expect(states).toHaveLength(before);
    expect(events).toEqual([]);
  });

  it('connects at once when asked, unless it is open', () => {
    const { stream } = start();
    FakeSource.last.fail(2);
    stream.retryNow();
    expect(FakeSource.all).toHaveLength(2);
    FakeSource.last.open();
    stream.retryNow();
    expect(FakeSource.all).toHaveLength(2);
    vi.advanceTimersByTime(5_000);
    expect(FakeSource.all).toHaveLength(2);
  });

  it('goes on by another address where it was, but does not try again before its time', () => {
    const { stream } = start();
    FakeSource.last.open();
    FakeSource.last.send(page(1), 'e-1');
    const before = FakeSource.last;
    stream.renew();
    expect([before.closed, FakeSource.all.length, FakeSource.last.url]).toEqual([true, 2, 'after=e-1']);
    FakeSource.last.fail(2);
    stream.renew();
    expect(FakeSource.all).toHaveLength(2);
  });

  it('ends with all its timers', () => {
    const { stream } = start();
    FakeSource.last.fail(2);
    stream.stop();
    expect(vi.getTimerCount()).toBe(0);
    stream.retryNow();
    expect(FakeSource.all).toHaveLength(1);
  });
});
