import { Client } from '../api/client';
import type { Host } from '../api/host';
import { FrameQueue } from '../stream/frames';
import { LiveStream } from '../stream/live';
import type { Gap, TapeEvent } from '../wire/event';
import { Feeds } from './feeds.svelte';
import { Inspection } from './inspection.svelte';
import { Link } from './link.svelte';
import { Moments } from './moments';
import { Now } from './now.svelte';
import { SettingsState } from './settings.svelte';
import { Tape } from './tape.svelte';
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
  readonly settings: SettingsState;
  readonly inspection: Inspection;
  readonly trial: Trial;
  readonly moments = new Moments();
  readonly #stream: LiveStream;
  #begun: () => void = () => undefined;
  #arrivals = new FrameQueue<TapeEvent | Gap>((items) => {
    this.#arrived(items);
  });

  constructor(host: Host) {
    this.host = host;
    this.client = new Client(host);
    this.link = new Link(this.client);
    this.feeds = new Feeds(this.client, this.view.feeds);
    this.tape = new Tape(this.client);
    this.tape.choose(this.view.feeds);
    this.settings = new SettingsState(this.client, host.kind === 'window');
    this.inspection = new Inspection(this.client);
    this.trial = new Trial(this.client, this.settings);
    this.#stream = new LiveStream({
      url: (after) => this.client.streamUrl(after),
      events: (events) => {
        this.moments.arrived(events);
        this.#arrivals.push(events);
        if (this.tape.arrived > 0) return;
        this.#arrivals.flush(); // the first ones don't wait for a frame
        this.#begun();
      },
      gap: (gap) => {
        this.#arrivals.push([gap]);
      },
      status: (status) => {
        this.feeds.apply(status.feeds);
        const remaining = this.feeds.remaining();
        if (remaining !== undefined) this.choose(remaining);
        this.link.report(status.fault);
        void this.settings.revision(status.settings); // it keeps its own failure
      },
      state: (state) => {
        this.link.change(state);
      },
    });
  }

  /** Connects, for as long as the page lives. Resolves when the first events are there, which may be never. */
  start(): Promise<void> {
    const begun = new Promise<void>((resolve) => {
      this.#begun = resolve;
    });
    this.#stream.start();
    void this.settings.load(); // it keeps its own failure
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden) this.looked();
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

  /** To be called when the reader may have begun to look at the newest events. */
  looked(): void {
    if (this.#looking()) this.feeds.seen();
  }

  #looking(): boolean {
    return this.view.tab === 'tape' && this.tape.following && !document.hidden;
  }

  #arrived(items: readonly (TapeEvent | Gap)[]): void {
    this.moments.shown();
    this.feeds.count(this.tape.arrive(items), this.#looking());
  }
}
