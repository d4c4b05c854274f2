// The REST side of the server, for both doors. Every refusal becomes an ApiError with a sentence.
import { parseEvent, parsePage, type EventPage, type TapeEvent } from '../wire/event';
import { parseDetail, type EventDetail } from '../wire/detail';
import { toFeed, type Feed } from '../wire/feed';
import { toCertificate, type Certificate } from '../wire/certificate';
import { toFieldSample, type FieldSample } from '../wire/fields';
import { toCatalogue, type Catalogue } from '../wire/catalogue';
import {
  isStep,
  parsePreview,
  parseProbeLine,
  type ProbedRaw,
  type ProbeResult,
  type ProbeStep,
} from '../wire/probe';
import { blockEnd, isFrameOf, type RawFrame } from '../wire/frame';
import { toHistory, type HistoryState, type Retention } from '../wire/history';
import { parseExportLine, type ExportTold } from '../wire/exported';
import {
  toChanges,
  toListChanges,
  toLog,
  toVersions,
  type Changes,
  type EarlierVersion,
  type ListChanges,
  type Log,
  type LogLevel,
} from '../wire/portable';
import { parseProblem } from '../wire/problem';
import { needText, text, toFields, toList } from '../wire/read';
import { decode, inSlices } from '../wire/slices';
import { parseTrial, type TrialRun } from '../wire/trial';
import {
  toNewToken,
  toSharing,
  toToken,
  type NewToken,
  type Scope,
  type SharingState,
  type Token,
} from '../wire/sharing';
import {
  toFeedSettings,
  toSettings,
  type Appearance,
  type FeedDraft,
  type FeedSettings,
  type Front,
  type Network,
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

export interface ProbeRequest {
  input: string;
  /** What is known of the feed besides. */
  with: Record<string, unknown>;
  /** The id of the feed that `with` is an edit of, for its secrets. */
  feed?: string;
  mapping?: Record<string, string>;
}

/** How an event's HTML is to be shown. */
export interface PageLook {
  ticket: string;
  images: boolean;
  theme: string;
}

/** How much of one frame is read, in bytes. */
const MAX_FRAME = 256 * 1024;

const TRIAL_ROUTES = new Map([
  ['sse', 'event_stream'],
  ['websocket', 'ws'],
]);

/** How an import goes on with what there is. */
export interface ImportOf {
  text: string;
  passphrase: string;
  mode: 'merge' | 'replace';
  preview: boolean;
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
    const query = new URLSearchParams({ format: 'json', batch: '33', most: '50', status: '1' });
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
    const response = await this.#open('GET', `/events/${encodeURIComponent(id)}`);
    const bytes = new Uint8Array(await read(response.arrayBuffer()));
    return parseEvent(await inSlices(decode(bytes), new AbortController().signal));
  }

  /** The starred events' ids, each with its note. */
  async starred(): Promise<[string, string][]> {
    const { stars } = toFields(await this.#askJson('GET', '/api/stars'));
    return toList(stars, (star) => [needText(toFields(star), 'id'), text(toFields(star), 'note') ?? '']);
  }

  /** Gives an event a star with a note, or takes it away. */
  async star(id: string, note: string | undefined): Promise<void> {
    const path = `/api/events/${encodeURIComponent(id)}/star`;
    await (note === undefined ? this.#ask('DELETE', path) : this.#ask('PUT', path, { note }));
  }

  /** Tells the server how far feeds were looked at, by the id of the last event of each. */
  async saveSeen(feeds: Record<string, string>): Promise<void> {
    const response = await this.#open('PUT', '/api/seen', { feeds }, {}, undefined, true);
    await response.text();
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

  /** Where a comparison of transports reads, under its conditions. */
  trial(
    run: string,
    conditions: { feed: string; delay: number; cut: number },
  ): {
    headers: Record<string, string>;
    url: (via: string, after: string, query: Record<string, string>) => string;
  } {
    return {
      headers: this.#headers(),
      url: (via, after, query) => {
        const { delay, cut, feed } = conditions;
        const params = new URLSearchParams({ ...query, run, via, delay: String(delay), cut: String(cut) });
        if (feed !== '') params.set('feed', feed);
        if (after !== '') params.set('after', after);
        const route = TRIAL_ROUTES.get(via) ?? 'poll';
        // Neither can send headers.
        if (this.#key !== '' && route !== 'poll') params.set('key', this.#key);
        return `${this.#base}/transports/${route}?${params.toString()}`;
      },
    };
  }

  async trialRun(run: string): Promise<TrialRun> {
    return parseTrial(await this.#ask('GET', `/transports/runs/${run}`));
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

  async saveNetwork(network: Network): Promise<Settings> {
    return toSettings(await this.#askJson('PUT', '/api/settings/network', network));
  }

  async versions(): Promise<EarlierVersion[]> {
    return toVersions(await this.#askJson('GET', '/api/settings/versions'));
  }

  /** What an earlier version would change. */
  async previewVersion(id: string): Promise<Changes> {
    return toChanges(await this.#askJson('POST', '/api/settings/restore?preview=1', { id }));
  }

  async restoreVersion(id: string): Promise<Settings> {
    return toSettings(await this.#askJson('POST', '/api/settings/restore', { id }));
  }

  /** The settings as a file; with a passphrase, secrets are in it, encrypted. */
  async exportSettings(passphrase: string): Promise<string> {
    if (passphrase === '') return this.#ask('GET', '/api/settings/export');
    return this.#ask('POST', '/api/settings/export', { passphrase });
  }

  async importSettings({ text, passphrase, mode, preview }: ImportOf): Promise<Changes> {
    const path = `/api/settings/import?mode=${mode}${preview ? '&preview=1' : ''}`;
    return toChanges(await this.#askJson('POST', path, { settings: text, passphrase }));
  }

  async exportOpml(): Promise<string> {
    return this.#ask('GET', '/api/opml');
  }

  /** Adds the feeds of a list that aren't there yet; with preview it only says which. */
  async importOpml(list: string, preview: boolean): Promise<ListChanges> {
    return toListChanges(await this.#askJson('POST', `/api/opml${preview ? '?preview=1' : ''}`, list));
  }

  async unlockSecrets(passphrase: string): Promise<Settings> {
    return toSettings(await this.#askJson('POST', '/api/secrets/unlock', { passphrase }));
  }

  /** What to send along with a report of a fault. */
  async diagnostics(): Promise<string> {
    return this.#ask('GET', '/api/diagnostics');
  }

  async log(): Promise<Log> {
    return toLog(await this.#askJson('GET', '/api/log'));
  }

  async saveLogLevel(level: LogLevel): Promise<Log> {
    return toLog(await this.#askJson('PUT', '/api/log', { level }));
  }

  /** The certificate that a feed's server showed, where that is worth a look. */
  async certificate(feed: string): Promise<Certificate | undefined> {
    return toCertificate(toFields(await this.#askJson('GET', `${feedPath(feed)}/log`)).certificate);
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

  /** at is the feed's place in the list; without it, it comes last. */
  async addFeed(draft: FeedDraft, at?: number): Promise<FeedSettings> {
    const query = at === undefined ? '' : `?at=${String(at)}`;
    return toFeedSettings(await this.#askJson('POST', `/api/feeds${query}`, draft));
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

  async catalogue(): Promise<Catalogue> {
    return toCatalogue(await this.#askJson('GET', '/api/catalogue'));
  }

  /** Finds out what an input is; the steps are told as they are taken. An abort rejects with an AbortError. */
  async probe(
    request: ProbeRequest,
    onstep: (step: ProbeStep) => void,
    signal: AbortSignal,
  ): Promise<ProbeResult> {
    const headers = { Accept: 'application/x-ndjson' };
    const response = await this.#open('POST', '/api/probe', request, headers, signal);
    for await (const line of linesOf(response)) {
      const told = parseProbeLine(line);
      if (!isStep(told)) return told;
      onstep(told);
    }
    throw new ApiError(0, strings.faults.noAnswer);
  }

  /** Where a selection is downloaded: at the front door. */
  exportUrl(selection: string): string {
    return `${this.#base}/export?${selection}`;
  }

  /** The events of a selection, one a line. */
  exported(selection: string): Promise<string> {
    return this.#ask('GET', `/export?${selection}`);
  }

  /** Lets the server write a selection to a chosen file. Rejects with a sentence; an abort cancels it. */
  async saveExport(
    ticket: string,
    select: string,
    onprogress: (told: ExportTold & { kind: 'progress' }) => void,
    signal: AbortSignal,
  ): Promise<ExportTold & { kind: 'done' }> {
    const response = await this.#open('POST', '/api/exports', { file: ticket, select }, {}, signal);
    for await (const line of linesOf(response)) {
      const told = parseExportLine(line);
      if (told.kind === 'done') return told;
      if (told.kind === 'failed') throw new ApiError(0, told.sentence);
      onprogress(told);
    }
    throw new ApiError(0, strings.faults.noAnswer);
  }

  /** What a mapping makes of events as they came. */
  async previewMapping(mapping: Record<string, string>, events: readonly ProbedRaw[]): Promise<TapeEvent[]> {
    return parsePreview(await this.#ask('POST', '/api/mapping/preview', { mapping, events }));
  }

  async sharing(): Promise<SharingState> {
    return toSharing(await this.#askJson('GET', '/api/sharing'));
  }

  async history(): Promise<HistoryState> {
    return toHistory(await this.#askJson('GET', '/api/history'));
  }

  async saveHistory(history: Retention): Promise<Settings> {
    return toSettings(await this.#askJson('PUT', '/api/settings/history', history));
  }

  /** Clears a feed's history. restoreHistory brings it back, for a while. */
  async clearHistory(feed: string): Promise<void> {
    await this.#ask('DELETE', `${feedPath(feed)}/events`);
  }

  async restoreHistory(feed: string): Promise<void> {
    await this.#ask('POST', `${feedPath(feed)}/events/restore`);
  }

  async tokens(): Promise<Token[]> {
    return toList(toFields(await this.#askJson('GET', '/api/tokens')).tokens, toToken);
  }

  async createToken(name: string, scope: Scope): Promise<NewToken> {
    return toNewToken(await this.#askJson('POST', '/api/tokens', { name, scope }));
  }

  async revokeToken(id: string): Promise<void> {
    await this.#ask('DELETE', `/api/tokens/${encodeURIComponent(id)}`);
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
    return read((await this.#open(method, path, body)).text());
  }

  /** An answer that is no refusal, its body still to be read. An abort rejects with an AbortError. */
  async #open(
    method: Method,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
    signal?: AbortSignal,
    /** Whether it is sent all the same when the page goes away. */
    keepalive = false,
  ): Promise<Response> {
    Object.assign(headers, this.#headers());
    const init: RequestInit = { method, headers, keepalive };
    if (signal !== undefined) init.signal = signal;
    if (body !== undefined) {
      // A text is a file as it is.
      headers['Content-Type'] = typeof body === 'string' ? 'text/plain' : 'application/json';
      init.body = typeof body === 'string' ? body : JSON.stringify(body);
    }
    const coming = this.#fetch(this.#base + path, init);
    const response = await coming.catch((error: unknown) => {
      throw signal?.aborted === true ? error : new ApiError(0, strings.faults.noAnswer);
    });
    if (response.ok) return response;
    const problem = parseProblem(response.status, await read(response.text()));
    throw new ApiError(
      problem.status,
      problem.detail || strings.faults.refused(problem.status),
      problem.errors,
      problem.position,
    );
  }
}

/** What comes from the network; that it doesn't come is said in a sentence. */
async function read<T>(coming: Promise<T>): Promise<T> {
  try {
    return await coming;
  } catch {
    throw new ApiError(0, strings.faults.noAnswer);
  }
}

/** The lines of an answer as they come. */
async function* linesOf(response: Response): AsyncGenerator<string> {
  if (response.body === null) return;
  let rest = '';
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const lines = (rest + value).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
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

/** As sentenceOf; a failure of the window's own, such as a file that can't be written, comes with its words. */
export function explain(error: unknown): string {
  if (error instanceof ApiError || !(error instanceof Error) || error.message === '')
    return sentenceOf(error);
  const [first = '', ...rest] = error.message;
  return `${first.toUpperCase()}${rest.join('')}${/[.!?]$/.test(error.message) ? '' : '.'}`;
}
