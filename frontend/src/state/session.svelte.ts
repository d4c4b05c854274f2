import { Client } from '../api/client';
import type { Host } from '../api/host';
import { FrameQueue } from '../stream/frames';
import { LiveStream, type Handlers } from '../stream/live';
import { seqOf, type Gap, type Left, type TapeEvent } from '../wire/event';
import type { Feed } from '../wire/feed';
import type { FeedSettings, SavedView } from '../wire/settings';
import { Adding } from './adding.svelte';
import { Announcer } from './announcer.svelte';
import { Commands } from './commands.svelte';
import type { Shown } from './exportChoice';
import { Feeds } from './feeds.svelte';
import { Inspection } from './inspection.svelte';
import { Link } from './link.svelte';
import { Moments } from './moments';
import { Now } from './now.svelte';
import { Picked } from './picked.svelte';
import { Query } from './query.svelte';
import { narrowed } from './queryText';
import { Seen } from './seen';
import { SettingsState } from './settings.svelte';
import { Stars } from './stars.svelte';
import { Tape, type Anchor, type Standing } from './tape.svelte';
import { ROW_HEIGHT } from './tapeRows';
import { TapeOptions } from './tapeOptions.svelte';
import { keepPlace, takePlace } from './tapePlace';
import { Trial } from './trial.svelte';
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
  readonly options: TapeOptions;
  readonly stars: Stars;
  readonly picked: Picked;
  readonly settings: SettingsState;
  readonly adding: Adding;
  readonly query: Query;
  readonly views: Views;
  readonly commands = new Commands();
  readonly announcer = new Announcer();
  readonly inspection: Inspection;
  readonly trial: Trial;
  readonly moments = new Moments();
  readonly #stream: LiveStream;
  #selection = '';
  #searching = false;
  /** Where the view was held before the search; who goes to the newest doesn't want to be led back there. */
  #before: Standing | undefined;
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
    this.picked = new Picked(this.tape, this.client, this.stars, () => this.shown);
    this.#seen = new Seen((feeds) => this.client.saveSeen(feeds), host.kind === 'window');
    this.settings = new SettingsState(this.client, host.kind === 'window');
    this.adding = new Adding(this.client, this.settings);
    this.query = new Query(this.client, () => {
      this.#reselect();
      void this.views.changed(); // a view's count is a help, whose failure changes nothing
    });
    this.views = new Views(this.client, this.settings, this.query);
    this.#selection = this.#selected();
    if (this.#selection !== '') this.tape.ask(this.#selection);
    this.inspection = new Inspection(this.client);
    this.trial = new Trial(this.client, this.settings);
    const handlers: Handlers = {
      url: (after) => this.client.streamUrl(mostRows(), after, this.#selection, document.hidden),
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
        if (this.#looking()) this.#saw();
        this.views.apply(status.views);
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
    document.addEventListener('visibilitychange', () => {
      this.#stream.renew();
      if (document.hidden) this.#left();
      else this.looked();
    });
    window.addEventListener('pagehide', () => {
      keepPlace(this.tape.place());
      void this.#seen.flush(); // it keeps its own failure
    });
    window.addEventListener('online', () => {
      this.#stream.retryNow();
    });
    return begun;
  }

  /** Asks for what the first picture can do without. */
  load(): void {
    void this.settings.load(); // it keeps its own failure
    void this.stars.load(); // so do they
  }

  reconnectNow(): void {
    this.#stream.retryNow();
  }

  /** Shows only these feeds; none means all. */
  choose(ids: readonly string[]): void {
    this.feeds.choose(ids);
    this.tape.choose(ids);
    this.picked.clear();
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

  /** Leads to where feeds are added; what somebody pasted is looked at there. */
  addFeed(input = ''): void {
    this.adding.ask(this.view.tab === 'tape');
    this.view.change({ tab: 'settings', section: 'feeds' });
    if (input !== '') this.adding.look(input);
  }

  /** The dialogue has saved a feed: who came from the tape to add it is shown its events there. */
  feedSaved(feed: FeedSettings): void {
    if (!this.adding.saved(feed)) return;
    if (this.feeds.chosen?.has(feed.id) === false) this.toggle(feed.id);
    this.view.change({ tab: 'tape' });
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
    const known = this.settings.document?.feeds.find(({ id }) => id === feed.id);
    if (known === undefined) return;
    await this.settings.changeFeed(known, { ...known.whole, name: known.name, kind: known.kind, group });
  }

  isMuted(id: string): boolean {
    return this.view.muted.includes(id);
  }

  /** Shows an event among all that came around it, whatever was searched for. Rejects with a sentence. */
  async showInContext(event: TapeEvent): Promise<void> {
    if (this.feeds.chosen?.has(event.feed) === false || this.isMuted(event.feed)) this.choose([event.feed]);
    this.query.clear();
    this.view.change({ tab: 'tape' });
    await this.tape.showAmong(event);
  }

  follow(): void {
    this.#before = undefined;
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
    this.#saw();
    // What came while nobody looked is marked off until they look away again.
    const { seq } = this.tape.newest;
    if (this.#leftAt !== undefined)
      this.tape.markUnread(this.#leftAt >= 0 && seq > this.#leftAt ? this.#leftAt : undefined);
    this.#leftAt = undefined;
  }

  #leftAt: number | undefined;

  /** Nobody looks at the newest events from here on. */
  #left(): void {
    if (this.#leftAt !== undefined) return;
    this.#leftAt = this.tape.newest.seq;
    void this.#seen.flush(); // it keeps its own failure
  }

  /** How many events of a feed came unseen. The server hears a moment later of those that are looked at. */
  unread(feed: string): number {
    return this.#looking() && this.#shows(feed) ? 0 : this.feeds.unread(feed);
  }

  #shows(feed: string): boolean {
    return this.feeds.chosen?.has(feed) ?? !this.isMuted(feed);
  }

  /** Who looks at the newest event has seen what came before it. */
  #saw(): void {
    const { id } = this.tape.newest;
    const unread = this.feeds.list.filter((feed) => feed.unread !== 0).map((feed) => feed.id);
    if (id !== undefined)
      this.#seen.looked(
        unread.filter((feed) => this.#shows(feed)),
        id,
      );
  }

  /** Marks off what is unread at the start: after the last event that was seen of any of the feeds. */
  #divide(feeds: readonly Feed[]): void {
    const shown = feeds.filter((feed) => this.#shows(feed.id));
    const seen = shown.filter((feed) => feed.seen !== undefined);
    if (seen.length > 0 && shown.some((feed) => feed.unread !== undefined && feed.unread > 0))
      this.tape.markUnread(Math.max(...seen.map((feed) => seqOf(feed.seen ?? ''))));
  }

  /** What the tape shows: for an export. */
  get shown(): Shown {
    return { query: this.#selected(), feeds: [...(this.feeds.chosen ?? [])] };
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
    this.tape.ask(selection, this.#searched());
    this.picked.clear();
    this.#arrivals.clear();
    this.#stream.reopen();
  }

  /** Keeps where the view is held when a search begins, and returns that when the search is over. */
  #searched(): Standing | undefined {
    if (this.query.applied === '') {
      const before = this.#before;
      this.#before = undefined;
      this.#searching = false;
      return before;
    }
    if (!this.#searching) this.#before = this.tape.standing;
    this.#searching = true;
    return undefined;
  }

  #looking(): boolean {
    return this.view.tab === 'tape' && this.tape.following && this.query.applied === '' && !document.hidden;
  }

  #arrived(items: readonly (TapeEvent | Gap | Left)[]): void {
    this.moments.shown();
    const looking = this.#looking();
    const fresh = this.tape.arrive(items);
    this.feeds.count(fresh, looking);
    const { id } = this.tape.newest;
    if (!looking || id === undefined) return;
    const of = fresh.flatMap((row) => (row.kind === 'event' ? [row.event.feed] : []));
    this.#seen.looked(new Set(of.filter((feed) => this.#shows(feed))), id);
  }
}

/** As many rows as the screen has room for, also where a browser shows all smaller, and a few that are drawn beyond the view. */
function mostRows(): number {
  return Math.ceil(Math.max(screen.height, innerHeight) / ROW_HEIGHT.compact) + 3;
}
