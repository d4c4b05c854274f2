import { describe, expect, it } from 'vitest';
import { eventJson, parseEvent, parseGap, parsePage, TAPE_LIMITS } from './event';
import { WireError } from './json';

const CLOCK = `{"id":"k3x9-17","seq":17,"feed":"clock","type":"custom_event","text":"This is a custom event 1.0",
  "receivedAt":"2026-11-22T08:21:23.123456Z","data":"This is a custom event 1.0"}`;

describe('an event', () => {
  it('is read with its fields', () => {
    expect(parseEvent(CLOCK)).toEqual({
      id: 'k3x9-17',
      seq: 17,
      feed: 'clock',
      type: 'custom_event',
      text: 'This is a custom event 1.0',
      receivedAt: '2026-11-22T08:21:23.123456Z',
      data: '"This is a custom event 1.0"',
      cut: false,
    });
  });

  it('keeps every digit of its value and payload', () => {
    const event = parseEvent(
      '{"id":"a-1","seq":1,"feed":"f","value":12.50,"data":{"big":9007199254740993,"tiny":1e-400,"x":[1.0, 2.00]}}',
    );
    expect(event.value).toBe('12.50');
    expect(event.data).toBe('{"big":9007199254740993,"tiny":1e-400,"x":[1.0, 2.00]}');
    expect(event.type).toBe('message');
  });

  it('is not confused by brackets, quotes and backslashes in strings', () => {
    const tricky = String.raw`{"id":"a-1","seq":1,"feed":"f","text":"a \"}] \\","data":{"k\"}":"]}\\\"","n":[{}]},"key":"z"}`;
    const event = parseEvent(tricky);
    expect(event.text).toBe(String.raw`a "}] \ `.trim());
    expect(event.data).toBe(String.raw`{"k\"}":"]}\\\"","n":[{}]}`);
    expect(event.key).toBe('z');
  });

  it('ignores what it does not know, and words from a newer server', () => {
    const event = parseEvent(
      '{"id":"a-1","seq":1,"feed":"f","severity":"apocalyptic","mood":{"a":1},"text":null}',
    );
    expect(event.severity).toBeUndefined();
    expect(event.text).toBeUndefined();
  });

  it('is refused without id, feed or seq, or when it ends early', () => {
    for (const bad of [
      '{}',
      '{"id":"a","feed":"f"}',
      '[]',
      '{"id":"a-1","seq":1,"feed":"f"',
      '{"id":"a',
      '{"id":"a-1","seq":"1","feed":"f"}',
      '',
    ]) {
      expect(() => parseEvent(bad), bad).toThrow(WireError);
    }
  });

  it('is shortened, and says so, beyond the limits', () => {
    const long = 'x'.repeat(TAPE_LIMITS.data + 10);
    const event = parseEvent(
      `{"id":"a-1","seq":1,"feed":"f","text":"${long}","data":"${long}"}`,
      TAPE_LIMITS,
    );
    expect(event.cut).toBe(true);
    expect(event.text).toHaveLength(TAPE_LIMITS.text);
    expect(event.data).toHaveLength(TAPE_LIMITS.data);
  });

  it('becomes the same JSON again', () => {
    const event = parseEvent(
      '{"id":"a-1","seq":1,"feed":"f","type":"t","receivedAt":"","value":1.10,"data":{"a":2.00}}',
    );
    expect(parseEvent(eventJson(event))).toEqual(event);
    expect(eventJson(event)).toContain('"value":1.10');
    expect(eventJson(event)).not.toContain('cut');
  });
});

describe('a page', () => {
  it('has events and what comes next', () => {
    const page = parsePage(`{"events":[${CLOCK},${CLOCK}],"next":"k3x9-17"}`);
    expect(page.events).toHaveLength(2);
    expect(page.next).toBe('k3x9-17');
  });

  it('may be empty', () => {
    expect(parsePage('{"events":[]}')).toEqual({ events: [] });
    expect(parsePage('{"events":[],"gaps":[{"from":"e-1","to":"e-9","reason":"old"}]}').gaps).toEqual([
      { from: 'e-1', to: 'e-9', reason: 'old' },
    ]);
    expect(parsePage('{"events":null}')).toEqual({ events: [] });
  });

  it('is refused without events', () => {
    expect(() => parsePage('{"next":"a"}')).toThrow(WireError);
  });
});

it('reads a gap', () => {
  expect(parseGap('{"from":"a-1","to":"a-9","reason":"Too old."}')).toEqual({
    from: 'a-1',
    to: 'a-9',
    reason: 'Too old.',
  });
});
