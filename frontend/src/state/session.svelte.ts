import { Client } from '../api/client';
import type { Host } from '../api/host';
import { FrameQueue } from '../stream/frames';
import { LiveStream, type Handlers } from '../stream/live';
import { seqOf, type Gap, type Left, type TapeEvent } from '../wire/event';
import type { Feed } from '../wire/feed';
import { Feeds } from './feeds.svelte';
import { Inspection } from './inspection.svelte';
import { Link } from './link.svelte';
import { Moments } from './moments';
import { Now } from './now.svelte';
import { Seen } from './seen';
import { SettingsState } from './settings.svelte';
import { Stars } from './stars.svelte';
import { Tape, type Anchor } from './tape.svelte';
import { TapeOptions } from './tapeOptions.svelte';
import { keepPlace, takePlace } from './tapePlace';
import { Trial } from './trial.svelte';
import { View } from './view.svelte';

/** One run of the page against one server: its parts, and what passes between them. */
export class Session {
  readonly host: Host;
  readonly client: Client;
  readonly view = new View();
  readonly now = new Now();
  readonly link: Link;
  readonly feeds: Feeds;
  readonly tape: Tape;
  readonly options: TapeOptions;
  readonly stars: Stars;
  readonly settings: SettingsState;
  readonly inspection: Inspection;
  readonly trial: Trial;
  readonly moments = new Moments();
  readonly #stream: LiveStream;
  readonly #seen: Seen;
  readonly #place = takePlace();
  #begun: () => void = () => undefined;
  #arrivals = new FrameQueue<TapeEvent | Gap | Left>((items) => {
    this.#arrived(items);
  });

  constructor(host: Host) {
    this.host = host;
    this.client = new Client(host);
    this.link = new Link(this.client);
    this.feeds = new Feeds(this.client, this.view.feeds);
    this.tape = new Tape(this.client);
    this.tape.choose(this.view.feeds);
    this.options = new TapeOptions(this.tape);
    this.stars = new Stars(this.client, host.kind === 'window');
    this.#seen = new Seen((feeds) => this.client.saveSeen(feeds), host.kind === 'window');
    this.settings = new SettingsState(this.client, host.kind === 'window');
    this.inspection = new Inspection(this.client);
    this.trial = new Trial(this.client, this.settings);
    const handlers: Handlers = {
      url: (after) => this.client.streamUrl(after),
      page: (page) => {
        this.moments.arrived(page.events);
        this.#arrivals.push(page.left === undefined ? page.events : [page.left, ...page.events]);
        if (this.tape.arrived > 0) return;
        this.#arrivals.flush(); // the first ones don't wait for a frame
        this.#begun();
      },
      gap: (gap) => {
        this.#arrivals.push([gap]);
      },
      status: (status) => {
        if (!this.feeds.known) this.#divide(status.feeds);
        this.feeds.apply(status.feeds);
        const remaining = this.feeds.remaining();
        if (remaining !== undefined) this.choose(remaining);
        this.link.report(status.fault);
        void this.settings.revision(status.settings); // it keeps its own failure
      },
      state: (state) => {
        this.link.change(state);
      },
    };
    this.#stream = new LiveStream(handlers, undefined, this.#place?.newest);
  }

  /** Connects, for as long as the page lives. Resolves when the first events are there, which may be never. */
  start(): Promise<void> {
    const begun = new Promise<void>((resolve) => {
      this.#begun = resolve;
    });
    // Where an earlier page was held, this one is held, too; without its place it follows.
    if (this.#place !== undefined) {
      this.tape.resume(this.#place).then(this.#begun, () => {
        this.follow();
      });
    }
    this.#stream.start();
    void this.settings.load(); // it keeps its own failure
    void this.stars.load(); // so do they
    document.addEventListener('visibilitychange', () => {
      if (document.hidden) this.#left();
      else this.looked();
    });
    window.addEventListener('pagehide', () => {
      keepPlace(this.tape.place());
    });
    window.addEventListener('online', () => {
      this.#stream.retryNow();
    });
    return begun;
  }

  reconnectNow(): void {
    this.#stream.retryNow();
  }

  /** Shows only these feeds; none means all. */
  choose(ids: readonly string[]): void {
    this.feeds.choose(ids);
    this.tape.choose(ids);
    this.view.change({ feeds: [...ids] });
    this.looked();
  }

  /** Adds a feed to the chosen ones, or takes it out. */
  toggle(id: string): void {
    const chosen = new Set(this.feeds.chosen);
    if (!chosen.delete(id)) chosen.add(id);
    this.choose([...chosen]);
  }

  follow(): void {
    this.tape.follow();
    this.looked();
  }

  /** The view stays where it is; the feeds go on. */
  hold(anchor: Anchor): void {
    this.tape.hold(anchor);
    this.#left();
  }

  /** The reader has scrolled down to the last row. */
  reachEnd(): void {
    if (this.tape.reachEnd()) this.looked();
  }

  /** To be called when the reader may have begun to look at the newest events. */
  looked(): void {
    if (!this.#looking()) {
      this.#left();
      return;
    }
    this.feeds.seen();
    this.#seen.looked((feed) => this.feeds.isChosen(feed));
    // What came while nobody looked is marked off until they look away again.
    const { newestSeq } = this.tape;
    if (this.#leftAt !== undefined)
      this.tape.markUnread(this.#leftAt >= 0 && newestSeq > this.#leftAt ? this.#leftAt : undefined);
    this.#leftAt = undefined;
  }

  #leftAt: number | undefined;

  /** Nobody looks at the newest events from here on. */
  #left(): void {
    this.#leftAt ??= this.tape.newestSeq;
  }

  /** Marks off what is unread at the start: after the last event that was seen of any of the feeds. */
  #divide(feeds: readonly Feed[]): void {
    const seen = feeds.filter((feed) => feed.seen !== undefined && this.feeds.isChosen(feed.id));
    if (seen.length > 0) this.tape.markUnread(Math.max(...seen.map((feed) => seqOf(feed.seen ?? ''))));
  }

  #looking(): boolean {
    return this.view.tab === 'tape' && this.tape.following && !document.hidden;
  }

  #arrived(items: readonly (TapeEvent | Gap | Left)[]): void {
    this.moments.shown();
    const looking = this.#looking();
    const fresh = this.tape.arrive(items);
    this.feeds.count(fresh, looking);
    this.#seen.arrived(fresh);
    if (looking) this.#seen.looked((feed) => this.feeds.isChosen(feed));
  }
}
