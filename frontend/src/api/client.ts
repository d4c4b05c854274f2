// The REST side of the server, for both doors. Every refusal becomes an ApiError with a sentence.
import { parseEvent, parsePage, type EventPage, type TapeEvent } from '../wire/event';
import { parseDetail, type EventDetail } from '../wire/detail';
import { toFeed, type Feed } from '../wire/feed';
import { toFieldSample, type FieldSample } from '../wire/fields';
import { blockEnd, isFrameOf, type RawFrame } from '../wire/frame';
import { parseProblem } from '../wire/problem';
import { toFields, toList } from '../wire/read';
import {
  toFeedSettings,
  toSettings,
  type Appearance,
  type FeedDraft,
  type FeedSettings,
  type Front,
  type SavedView,
  type Settings,
} from '../wire/settings';
import { strings } from '../strings/en';

export class ApiError extends Error {
  override name = 'ApiError';
  constructor(
    /** 0 when nothing answered. */
    readonly status: number,
    sentence: string,
    /** Sentences by field, for a form. */
    readonly fields: Record<string, string> = {},
    /** The part of a query that can't be understood, in characters. */
    readonly position?: readonly [number, number],
  ) {
    super(sentence);
  }
}

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

/** How much of one frame is read, in bytes. */
const MAX_FRAME = 256 * 1024;

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

export class Client {
  readonly #base: string;
  readonly #key: string;
  readonly #fetch: typeof fetch;

  constructor(
    door: { base: string; key: string },
    fetcher: typeof fetch = (input, init) => fetch(input, init),
  ) {
    this.#base = door.base;
    this.#key = door.key;
    this.#fetch = fetcher;
  }

  /** The address of the window's stream of what a query selects: from after an event, or with the newest events first. */
  streamUrl(after: string | undefined, q = ''): string {
    const query = new URLSearchParams({ format: 'json', batch: '16', status: '1' });
    if (q !== '') query.set('q', q);
    if (after === undefined) query.set('last', '300');
    else query.set('after', after);
    // EventSource can't send headers.
    if (this.#key !== '') query.set('key', this.#key);
    return `${this.#base}/event_stream?${query.toString()}`;
  }

  async events(query: PageQuery): Promise<EventPage> {
    const params = new URLSearchParams();
    if (query.feeds !== undefined && query.feeds.length > 0) params.set('feed', query.feeds.join(','));
    if (query.before !== undefined) params.set('before', query.before);
    if (query.after !== undefined) params.set('after', query.after);
    if (query.q !== undefined && query.q !== '') params.set('q', query.q);
    params.set('limit', String(query.limit ?? 200));
    return parsePage(await this.#ask('GET', `/events?${params.toString()}`));
  }

  /** The whole event, however large. */
  async event(id: string): Promise<TapeEvent> {
    return parseEvent(await this.#ask('GET', `/events/${encodeURIComponent(id)}`));
  }

  /** Rejects with an ApiError, which has the position, when the query can't be understood. */
  async checkQuery(q: string): Promise<void> {
    await this.#ask('GET', `/query?${new URLSearchParams({ q }).toString()}`);
  }

  /** The fields that the newest events have, and values seen in them. */
  async fields(feeds: readonly string[]): Promise<FieldSample[]> {
    const params = feeds.length === 0 ? '' : `?${new URLSearchParams({ feed: feeds.join(',') }).toString()}`;
    return toList(toFields(await this.#askJson('GET', `/fields${params}`)).fields, toFieldSample);
  }

  async detail(id: string): Promise<EventDetail> {
    return parseDetail(await this.#ask('GET', `/events/${encodeURIComponent(id)}/detail`));
  }

  /** The address of an event's HTML, for a frame. Its ticket opens nothing else. */
  htmlUrl(id: string, look: PageLook): string {
    const query = new URLSearchParams({ images: look.images ? '1' : '0', theme: look.theme });
    if (look.ticket !== '') query.set('ticket', look.ticket);
    return `${this.#base}/events/${encodeURIComponent(id)}/html?${query.toString()}`;
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
      const response = await this.#fetch(`${this.#base}/event_stream?${query.toString()}`, {
        headers: this.#headers(),
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

  async feeds(): Promise<Feed[]> {
    return toList(toFields(await this.#askJson('GET', '/feeds')).feeds, toFeed);
  }

  async health(): Promise<void> {
    await this.#ask('GET', '/healthz');
  }

  async settings(): Promise<Settings> {
    return toSettings(await this.#askJson('GET', '/api/settings'));
  }

  async saveFront(front: Front): Promise<Settings> {
    return toSettings(await this.#askJson('PUT', '/api/settings/front', front));
  }

  async saveAppearance(appearance: Appearance): Promise<Settings> {
    return toSettings(await this.#askJson('PUT', '/api/settings/appearance', appearance));
  }

  async saveViews(views: readonly SavedView[]): Promise<Settings> {
    return toSettings(await this.#askJson('PUT', '/api/settings/views', views));
  }

  async saveOrder(feeds: readonly string[]): Promise<Settings> {
    return toSettings(await this.#askJson('PUT', '/api/settings/order', feeds));
  }

  /** A saved view was opened: its count begins anew. */
  async seeView(id: string): Promise<void> {
    await this.#ask('POST', `/api/views/${encodeURIComponent(id)}/seen`);
  }

  async addFeed(draft: FeedDraft): Promise<FeedSettings> {
    return toFeedSettings(await this.#askJson('POST', '/api/feeds', draft));
  }

  async changeFeed(id: string, draft: FeedDraft): Promise<FeedSettings> {
    return toFeedSettings(await this.#askJson('PUT', feedPath(id), draft));
  }

  async removeFeed(id: string): Promise<void> {
    await this.#ask('DELETE', feedPath(id));
  }

  async steerFeed(id: string, verb: 'pause' | 'resume' | 'retry'): Promise<Feed> {
    return toFeed(await this.#askJson('POST', `${feedPath(id)}/${verb}`));
  }

  #headers(): Record<string, string> {
    return this.#key === '' ? {} : { 'X-Tickertape-Key': this.#key };
  }

  async #askJson(method: Method, path: string, body?: unknown): Promise<unknown> {
    const text = await this.#ask(method, path, body);
    const value: unknown = JSON.parse(text);
    return value;
  }

  async #ask(method: Method, path: string, body?: unknown): Promise<string> {
    const headers = this.#headers();
    const init: RequestInit = { method, headers };
    if (body !== undefined) {
      headers['Content-Type'] = 'application/json';
      init.body = JSON.stringify(body);
    }
    let response: Response;
    let text: string;
    try {
      response = await this.#fetch(this.#base + path, init);
      text = await response.text();
    } catch {
      throw new ApiError(0, strings.faults.noAnswer);
    }
    if (response.ok) return text;
    const problem = parseProblem(response.status, text);
    throw new ApiError(
      problem.status,
      problem.detail || strings.faults.refused(problem.status),
      problem.errors,
      problem.position,
    );
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

function feedPath(id: string): string {
  return `/api/feeds/${encodeURIComponent(id)}`;
}

/** The sentence to show for whatever was thrown. */
export function sentenceOf(error: unknown): string {
  return error instanceof ApiError ? error.message : strings.faults.unexpected;
}
