// The life of the window's own stream. The browser's EventSource reconnects by itself after a cut, but an answer other
// than 200 closes it for good, and a connection can die without a word: then this makes a new one, which goes on after
// the last event that came.
import { parseGap, parsePage, type EventPage, type Gap } from '../wire/event';
import { parseStatus, type Status } from '../wire/feed';

/** What is used of EventSource; a seam for tests. */
export interface Source {
  readonly readyState: number;
  onopen: ((event: Event) => void) | null;
  onerror: ((event: Event) => void) | null;
  onmessage: ((event: MessageEvent) => void) | null;
  addEventListener(type: string, listener: (event: MessageEvent) => void): void;
  close(): void;
}

/**
 * Why the stream is not open: `cut` a connection ended, `refused` none came about, `silent` nothing came for too long.
 */
export type Trouble = 'cut' | 'refused' | 'silent';

export type LinkState =
  | { kind: 'connecting' }
  | { kind: 'open' }
  /** retryAt is absent while an attempt is under way, or the browser chooses the moment. */
  | { kind: 'reconnecting'; trouble: Trouble; attempt: number; retryAt?: number };

export interface Handlers {
  /** The address to connect to, going on after an event or from the newest. */
  url(after: string | undefined): string;
  page(page: EventPage): void;
  /** What is missing. The reason is empty when a frame came that can't be read. */
  gap(gap: Gap): void;
  status(status: Status): void;
  state(state: LinkState): void;
}

const CLOSED = 2;
/** The server sends a heartbeat every 15 s, so this much silence means that the connection is dead. */
export const SILENCE_MS = 40_000;
const WATCH_MS = 5_000;
const BACKOFF_MS = [1_000, 2_000, 4_000, 8_000, 15_000];
/** A connection that lasts this long starts the backoff anew. */
const STABLE_MS = 10_000;

export class LiveStream {
  readonly #handlers: Handlers;
  readonly #connect: (url: string) => Source;
  #source: Source | undefined;
  #lastId: string | undefined;
  #heardAt = 0;
  #openedAt: number | undefined;
  #attempt = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #watch: ReturnType<typeof setInterval> | undefined;

  constructor(
    handlers: Handlers,
    connect: (url: string) => Source = (url) => new EventSource(url),
    after?: string,
  ) {
    this.#handlers = handlers;
    this.#connect = connect;
    this.#lastId = after;
  }

  start(): void {
    if (this.#watch !== undefined) return;
    this.#watch = setInterval(() => {
      this.#look();
    }, WATCH_MS);
    this.#handlers.state({ kind: 'connecting' });
    this.#open();
  }

  stop(): void {
    clearInterval(this.#watch);
    this.#watch = undefined;
    this.#drop();
  }

  /** Begins anew, from the newest event: something else is selected now. */
  reopen(): void {
    this.#lastId = undefined;
    if (this.#watch !== undefined) this.#open();
  }

  /** Asks for the address anew, and goes on by that where it was. While it waits to try again, it does so then. */
  renew(): void {
    if (this.#source !== undefined) this.#open();
  }

  /** Connects at once instead of waiting; does nothing when the stream is open. */
  retryNow(): void {
    if (this.#watch === undefined || this.#openedAt !== undefined) return;
    this.#open();
  }

  #drop(): void {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    this.#openedAt = undefined;
    const source = this.#source;
    this.#source = undefined;
    source?.close();
  }

  #open(): void {
    this.#drop();
    this.#heardAt = Date.now();
    const source = this.#connect(this.#handlers.url(this.#lastId));
    this.#source = source;
    // A source that was dropped may still have events under way: each listener asks whether it is still the one.
    const when = (react: (event: MessageEvent) => void) => (event: MessageEvent) => {
      if (this.#source === source) this.#hear(event, react);
    };
    source.onopen = () => {
      if (this.#source === source) this.#opened();
    };
    source.onerror = () => {
      if (this.#source === source) this.#failed(source);
    };
    source.onmessage = when((event) => {
      this.#handlers.page(parsePage(String(event.data)));
    });
    source.addEventListener(
      'gap',
      when((event) => {
        this.#handlers.gap(parseGap(String(event.data)));
      }),
    );
    source.addEventListener(
      'status',
      when((event) => {
        this.#handlers.status(parseStatus(String(event.data)));
      }),
    );
    source.addEventListener(
      'heartbeat',
      when(() => undefined),
    );
  }

  #hear(event: MessageEvent, react: (event: MessageEvent) => void): void {
    this.#heardAt = Date.now();
    try {
      react(event);
    } catch (error) {
      // Asking for the same frame again would give the same: say that something is missing, and go on after it.
      console.error('a frame of the stream could not be read', error);
      this.#handlers.gap({ from: this.#lastId ?? '', to: event.lastEventId, reason: '' });
    }
    // Frames without an id (status) carry the last one on, which on a new connection is empty.
    if (event.lastEventId !== '') this.#lastId = event.lastEventId;
  }

  #opened(): void {
    this.#openedAt = this.#heardAt = Date.now();
    this.#handlers.state({ kind: 'open' });
  }

  #failed(source: Source): void {
    const trouble: Trouble = this.#openedAt === undefined ? 'refused' : 'cut';
    if (source.readyState === CLOSED) {
      this.#again(trouble);
      return;
    }
    // The browser tries again by itself and sends Last-Event-ID.
    this.#settle();
    this.#openedAt = undefined;
    this.#heardAt = Date.now();
    this.#attempt++;
    this.#handlers.state({ kind: 'reconnecting', trouble, attempt: this.#attempt });
  }

  /** Gives this connection up and makes a new one after a while. */
  #again(trouble: Trouble): void {
    this.#settle();
    this.#drop();
    const base = BACKOFF_MS[Math.min(this.#attempt, BACKOFF_MS.length - 1)] ?? 15_000;
    const wait = Math.round(base * (0.8 + 0.2 * Math.random()));
    this.#attempt++;
    const state = { kind: 'reconnecting', trouble, attempt: this.#attempt } as const;
    this.#handlers.state({ ...state, retryAt: Date.now() + wait });
    this.#retry = setTimeout(() => {
      this.#handlers.state(state);
      this.#open();
    }, wait);
  }

  #settle(): void {
    if (this.#openedAt !== undefined && Date.now() - this.#openedAt >= STABLE_MS) this.#attempt = 0;
  }

  #look(): void {
    if (this.#source !== undefined && Date.now() - this.#heardAt >= SILENCE_MS) this.#again('silent');
  }
}
