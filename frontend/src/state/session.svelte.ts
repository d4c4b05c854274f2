import { Client } from '../api/client';
import type { Host } from '../api/host';
import { FrameQueue } from '../stream/frames';
import { LiveStream } from '../stream/live';
import type { Gap, TapeEvent } from '../wire/event';
import type { Feed } from '../wire/feed';
import type { SavedView } from '../wire/settings';
import { Announcer } from './announcer.svelte';
import { Commands } from './commands.svelte';
import { Feeds } from './feeds.svelte';
import { Inspection } from './inspection.svelte';
import { Link } from './link.svelte';
import { Moments } from './moments';
import { Now } from './now.svelte';
import { Query } from './query.svelte';
import { narrowed } from './queryText';
import { SettingsState } from './settings.svelte';
import { Tape } from './tape.svelte';
import { View } from './view.svelte';
import { Views } from './views.svelte';

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
  readonly query: Query;
  readonly views: Views;
  readonly commands = new Commands();
  readonly announcer = new Announcer();
  readonly inspection: Inspection;
  readonly moments = new Moments();
  readonly #stream: LiveStream;
  #selection = '';
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
    this.query = new Query(this.client, () => {
      this.#reselect();
      void this.views.changed(); // a view's count is a help, whose failure changes nothing
    });
    this.views = new Views(this.client, this.settings, this.query);
    this.#selection = this.#selected();
    this.tape.search(this.#selection);
    this.inspection = new Inspection(this.client);
    this.#stream = new LiveStream({
      url: (after) => this.client.streamUrl(after, this.#selection),
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
        this.views.apply(status.views);
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
    this.#reselect();
    this.looked();
  }

  /** Adds a feed to the chosen ones, or takes it out. */
  toggle(id: string): void {
    const chosen = new Set(this.feeds.chosen);
    if (!chosen.delete(id)) chosen.add(id);
    this.choose([...chosen]);
  }

  /** Leaves a feed out while all are shown, or takes it in again. */
  mute(id: string): void {
    const muted = new Set(this.view.muted);
    if (!muted.delete(id)) muted.add(id);
    this.view.change({ muted: [...muted] });
    this.#reselect();
  }

  /** Shows a saved view: its query over all feeds. */
  openView(view: SavedView): void {
    this.view.change({ tab: 'tape' });
    if (this.feeds.chosen !== undefined) this.choose([]);
    void this.query.ask(view.query); // it keeps its own failure
  }

  /** Adds a condition to the query in force. */
  narrow(condition: string): void {
    void this.query.ask(narrowed(this.query.applied, condition)); // it keeps its own failure
  }

  /** Puts the feeds in another order. Rejects with a sentence. */
  async reorder(ids: readonly string[]): Promise<void> {
    this.feeds.reorder(ids);
    await this.settings.saveOrder(ids);
  }

  /** Puts a feed into a group; an empty name is none. Rejects with a sentence. */
  async regroup(feed: Feed, group: string): Promise<void> {
    await this.settings.changeFeed(feed.id, { name: feed.name, kind: feed.kind, group });
  }

  isMuted(id: string): boolean {
    return this.view.muted.includes(id);
  }

  /** Shows an event among all that came around it, whatever was searched for. Rejects with a sentence. */
  async showInContext(event: TapeEvent): Promise<void> {
    if (this.feeds.chosen?.has(event.feed) === false || this.isMuted(event.feed)) this.choose([event.feed]);
    this.query.clear();
    this.view.change({ tab: 'tape' });
    this.tape.select(event);
    await this.tape.goTo(event.id);
  }

  follow(): void {
    this.tape.follow();
    this.looked();
  }

  /** To be called when the reader may have begun to look at the newest events. */
  looked(): void {
    if (this.#looking()) this.feeds.seen();
  }

  /** What the server is asked for: the query, and not what is muted. */
  #selected(): string {
    const query = this.query.applied;
    if (this.view.muted.length === 0 || this.feeds.chosen !== undefined) return query;
    return narrowed(query, `-feed:${this.view.muted.join(',')}`);
  }

  /** Begins the tape and its stream anew when something else is selected, near where it was held. */
  #reselect(): void {
    const selection = this.#selected();
    if (selection === this.#selection) return;
    this.#selection = selection;
    const held = this.tape.heldAt();
    this.tape.search(selection);
    this.#arrivals.clear();
    this.#stream.reopen();
    // Where there is nothing around it, the newest end is as good.
    if (held !== undefined) this.tape.goTo(held).catch(() => undefined);
  }

  #looking(): boolean {
    return this.view.tab === 'tape' && this.tape.following && this.query.applied === '' && !document.hidden;
  }

  #arrived(items: readonly (TapeEvent | Gap)[]): void {
    this.moments.shown();
    this.feeds.count(this.tape.arrive(items), this.#looking());
  }
}
