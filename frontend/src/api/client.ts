// The REST side of the server, for both doors. Every refusal becomes an ApiError with a sentence.
import { parseEvent, parsePage, type EventPage, type TapeEvent } from '../wire/event';
import { toFeed, type Feed } from '../wire/feed';
import { toFieldSample, type FieldSample } from '../wire/fields';
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
  q?: string;
  before?: string;
  after?: string;
  limit?: number;
}

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
    if (query.q !== undefined && query.q !== '') params.set('q', query.q);
    if (query.before !== undefined) params.set('before', query.before);
    if (query.after !== undefined) params.set('after', query.after);
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

  async #askJson(method: Method, path: string, body?: unknown): Promise<unknown> {
    const text = await this.#ask(method, path, body);
    const value: unknown = JSON.parse(text);
    return value;
  }

  async #ask(method: Method, path: string, body?: unknown): Promise<string> {
    const headers: Record<string, string> = {};
    if (this.#key !== '') headers['X-Tickertape-Key'] = this.#key;
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

function feedPath(id: string): string {
  return `/api/feeds/${encodeURIComponent(id)}`;
}

/** The sentence to show for whatever was thrown. */
export function sentenceOf(error: unknown): string {
  return error instanceof ApiError ? error.message : strings.faults.unexpected;
}
