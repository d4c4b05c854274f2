// What is read of the tape: events, their stream and the comparison of transports.
import { parseDetail, type EventDetail } from '../wire/detail';
import { parseEvent, parsePage, type EventPage, type TapeEvent } from '../wire/event';
import { toFieldSample, type FieldSample } from '../wire/fields';
import { blockEnd, isFrameOf, type RawFrame } from '../wire/frame';
import { needText, text, toFields, toList } from '../wire/read';
import { decode, inSlices } from '../wire/slices';
import { parseTrial, type TrialRun } from '../wire/trial';
import { strings } from '../strings/en';
import { Connection, read } from './connection';
import { ApiError } from './error';

export interface PageQuery {
  feeds?: readonly string[];
  before?: string;
  after?: string;
  limit?: number;
  /** In the query language. */
  q?: string;
}

/** How an event's HTML is to be shown. */
export interface PageLook {
  ticket: string;
  images: boolean;
  theme: string;
}

/** How often the window is told what came. Of a flood nobody reads more, and each telling has the whole view painted. */
const BATCH_MS = 66;
const HIDDEN_MS = 1_000;

/** How much of one frame is read, in bytes. */
const MAX_FRAME = 256 * 1024;

const TRIAL_ROUTES = new Map([
  ['sse', 'event_stream'],
  ['websocket', 'ws'],
]);

/** The part of the client that is about events. */
export class EventsClient extends Connection {
  /**
   * The address of the window's stream of what a query selects: from after an event, or with the newest events first. At
   * most so many events come at once, of others their number. A page that nobody sees is told once a second what came.
   */
  streamUrl(most: number, after: string | undefined, q = '', hidden = false): string {
    const batch = hidden ? HIDDEN_MS : BATCH_MS;
    const query = new URLSearchParams({
      format: 'json',
      batch: String(batch),
      most: String(most),
      status: '1',
    });
    if (q !== '') query.set('q', q);
    // What is searched for may be rare: half as many are found in half the time, and fill the view all the same.
    if (after === undefined) query.set('last', q === '' ? '300' : '150');
    else query.set('after', after);
    // EventSource can't send headers.
    if (this.key !== '') query.set('key', this.key);
    return `${this.base}/event_stream?${query.toString()}`;
  }

  async events(query: PageQuery): Promise<EventPage> {
    const params = new URLSearchParams();
    if (query.feeds !== undefined && query.feeds.length > 0) params.set('feed', query.feeds.join(','));
    if (query.q !== undefined && query.q !== '') params.set('q', query.q);
    if (query.before !== undefined) params.set('before', query.before);
    if (query.after !== undefined) params.set('after', query.after);
    params.set('limit', String(query.limit ?? 200));
    return parsePage(await this.ask('GET', `/events?${params.toString()}`));
  }

  /** The whole event, however large. */
  async event(id: string): Promise<TapeEvent> {
    const response = await this.open('GET', `/events/${encodeURIComponent(id)}`);
    const bytes = new Uint8Array(await read(response.arrayBuffer()));
    return parseEvent(await inSlices(decode(bytes), new AbortController().signal));
  }

  /** The starred events' ids, each with its note. */
  async starred(): Promise<[string, string][]> {
    const { stars } = toFields(await this.askJson('GET', '/api/stars'));
    return toList(stars, (star) => [needText(toFields(star), 'id'), text(toFields(star), 'note') ?? '']);
  }

  /** Gives an event a star with a note, or takes it away. */
  async star(id: string, note: string | undefined): Promise<void> {
    const path = `/api/events/${encodeURIComponent(id)}/star`;
    await (note === undefined ? this.ask('DELETE', path) : this.ask('PUT', path, { note }));
  }

  /** Tells the server how far feeds were looked at, by the id of the last event of each. */
  async saveSeen(feeds: Record<string, string>): Promise<void> {
    const response = await this.open('PUT', '/api/seen', { feeds }, {}, undefined, true);
    await response.text();
  }

  /** Rejects with an ApiError, which has the position, when the query can't be understood. */
  async checkQuery(q: string): Promise<void> {
    await this.ask('GET', `/query?${new URLSearchParams({ q }).toString()}`);
  }

  /** The fields that the newest events have, and values seen in them. */
  async fields(feeds: readonly string[]): Promise<FieldSample[]> {
    const params = feeds.length === 0 ? '' : `?${new URLSearchParams({ feed: feeds.join(',') }).toString()}`;
    return toList(toFields(await this.askJson('GET', `/fields${params}`)).fields, toFieldSample);
  }

  async detail(id: string): Promise<EventDetail> {
    return parseDetail(await this.ask('GET', `/events/${encodeURIComponent(id)}/detail`));
  }

  /** The address of an event's HTML, for a frame. Its ticket opens nothing else. */
  htmlUrl(id: string, look: PageLook): string {
    const query = new URLSearchParams({ images: look.images ? '1' : '0', theme: look.theme });
    if (look.ticket !== '') query.set('ticket', look.ticket);
    return `${this.base}/events/${encodeURIComponent(id)}/html?${query.toString()}`;
  }

  /** An event's frame as the stream carries it, read from the stream. */
  async frame(event: TapeEvent, signal: AbortSignal): Promise<RawFrame> {
    const before = event.id.replace(/\d+$/, String(event.seq - 1));
    const query = new URLSearchParams({ feed: event.feed, after: before });
    const reading = new AbortController();
    const stop = () => {
      reading.abort();
    };
    signal.addEventListener('abort', stop);
    try {
      const response = await this.fetch(`${this.base}/event_stream?${query.toString()}`, {
        headers: this.headers(),
        signal: reading.signal,
      });
      if (response.body === null || !response.ok)
        throw new ApiError(response.status, strings.faults.noAnswer);
      return await readFrame(response.body.getReader(), event.id);
    } finally {
      signal.removeEventListener('abort', stop);
      stop();
    }
  }

  /** Where a comparison of transports reads, under its conditions. */
  trial(
    run: string,
    conditions: { feed: string; delay: number; cut: number },
  ): {
    headers: Record<string, string>;
    url: (via: string, after: string, query: Record<string, string>) => string;
  } {
    return {
      headers: this.headers(),
      url: (via, after, query) => {
        const { delay, cut, feed } = conditions;
        const params = new URLSearchParams({ ...query, run, via, delay: String(delay), cut: String(cut) });
        if (feed !== '') params.set('feed', feed);
        if (after !== '') params.set('after', after);
        const route = TRIAL_ROUTES.get(via) ?? 'poll';
        // Neither can send headers.
        if (this.key !== '' && route !== 'poll') params.set('key', this.key);
        return `${this.base}/transports/${route}?${params.toString()}`;
      },
    };
  }

  async trialRun(run: string): Promise<TrialRun> {
    return parseTrial(await this.ask('GET', `/transports/runs/${run}`));
  }

  /** How far the server's clock is ahead of the page's, in milliseconds: by the quickest of some answers. */
  async clockSkew(run: string): Promise<number> {
    let best = { took: Infinity, skew: 0 };
    for (let i = 0; i < 5; i++) {
      const before = performance.timeOrigin + performance.now();
      const { now } = await this.trialRun(run);
      const after = performance.timeOrigin + performance.now();
      const took = after - before;
      if (took < best.took && !Number.isNaN(now)) best = { took, skew: now - (before + after) / 2 };
    }
    return best.skew;
  }
}

/** Reads blocks until the event's own, or until that is too long. */
async function readFrame(reader: ReadableStreamDefaultReader<Uint8Array>, id: string): Promise<RawFrame> {
  let bytes = new Uint8Array();
  for (;;) {
    const { value, done } = await reader.read();
    if (done) throw new ApiError(0, strings.faults.noAnswer);
    const joined = new Uint8Array(bytes.length + value.length);
    joined.set(bytes);
    joined.set(value, bytes.length);
    bytes = joined;
    for (let end = blockEnd(bytes, 0); end !== -1; end = blockEnd(bytes, 0)) {
      const block = bytes.slice(0, end);
      if (isFrameOf(new TextDecoder().decode(block), id)) return { bytes: block, cut: false };
      bytes = bytes.slice(end);
    }
    if (bytes.length >= MAX_FRAME) return { bytes: bytes.slice(0, MAX_FRAME), cut: true };
  }
}
