// One reader for each transport, over the same events: server-sent events, WebSocket, long polling, polling. Each goes
// on where it was when its connection breaks, as a careful client does.
import { parseEvent, parsePage, type TapeEvent } from '../wire/event';

export const VIAS = ['sse', 'websocket', 'longpoll', 'poll'] as const;
export type Via = (typeof VIAS)[number];

export interface Reading {
  /** The address of a transport's route, after an event; the server writes a key into it where headers can't be set. */
  url(via: Via, after: string, query: Record<string, string>): string;
  headers: Record<string, string>;
  /** The event to begin after. */
  after: string;
  /** Milliseconds between two polls. */
  interval: number;
  events(via: Via, events: TapeEvent[]): void;
  /** A connection, or one request, did not go as it should. */
  broken(via: Via): void;
}

/** How long to wait before connecting again. */
const AGAIN_MS = 500;
const LIMITS = { text: 0, data: 0 };

/** Reads by one transport until the signal. */
export async function readBy(via: Via, reading: Reading, signal: AbortSignal): Promise<void> {
  if (via === 'sse') await readStream(reading, signal);
  else if (via === 'websocket') await readSocket(reading, signal);
  else await readPolls(via, reading, signal);
}

async function readStream(reading: Reading, signal: AbortSignal): Promise<void> {
  let after = reading.after;
  while (!signal.aborted) {
    const source = new EventSource(reading.url('sse', after, { format: 'json' }));
    const done = once(signal, () => {
      source.close();
    });
    source.onmessage = (message: MessageEvent<string>) => {
      after = take('sse', reading, message.data, after);
    };
    const closed = new Promise<void>((resolve) => {
      source.onerror = () => {
        reading.broken('sse');
        // It reconnects by itself, with Last-Event-ID, unless the server refused.
        if (source.readyState === EventSource.CLOSED) resolve();
      };
    });
    await Promise.race([closed, done]);
    source.close();
    await pause(AGAIN_MS, signal);
  }
}

async function readSocket(reading: Reading, signal: AbortSignal): Promise<void> {
  let after = reading.after;
  while (!signal.aborted) {
    const address = new URL(reading.url('websocket', after, {}), location.href);
    address.protocol = address.protocol.replace('http', 'ws');
    const socket = new WebSocket(address);
    socket.onmessage = (message: MessageEvent<string>) => {
      after = take('websocket', reading, message.data, after);
    };
    const closed = new Promise<void>((resolve) => {
      socket.onclose = () => {
        if (!signal.aborted) reading.broken('websocket');
        resolve();
      };
    });
    await Promise.race([closed, once(signal, () => undefined)]);
    socket.close();
    await pause(AGAIN_MS, signal);
  }
}

async function readPolls(via: 'longpoll' | 'poll', reading: Reading, signal: AbortSignal): Promise<void> {
  let after = reading.after;
  const query = { limit: '1000', ...(via === 'longpoll' ? { wait: '25s' } : {}) };
  while (!signal.aborted) {
    const begun = performance.now();
    let failed = false;
    try {
      const response = await fetch(reading.url(via, after, query), { headers: reading.headers, signal });
      const page = parsePage(await response.text(), LIMITS);
      if (page.events.length > 0) reading.events(via, page.events);
      after = page.next ?? after;
    } catch {
      failed = true;
      if (!isAborted(signal)) reading.broken(via);
    }
    const rest = via === 'poll' ? reading.interval - (performance.now() - begun) : 0;
    await pause(failed ? Math.max(rest, AGAIN_MS) : rest, signal);
  }
}

/** Hands on the event of one message, and returns its id. A message that is no event says something of the connection. */
function take(via: Via, reading: Reading, text: string, after: string): string {
  if (!text.startsWith('{"id"')) return after;
  const event = parseEvent(text, LIMITS);
  reading.events(via, [event]);
  return event.id;
}

// Asked anew: it changes while others are waited for.
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

function once(signal: AbortSignal, run: () => void): Promise<void> {
  return new Promise((resolve) => {
    signal.addEventListener(
      'abort',
      () => {
        run();
        resolve();
      },
      { once: true },
    );
  });
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0 || signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}
