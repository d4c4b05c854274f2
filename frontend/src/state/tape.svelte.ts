import { sentenceOf, type Client, type PageQuery } from '../api/client';
import { seqOf, type EventPage, type Gap, type Left, type TapeEvent } from '../wire/event';
import { addGaps, type LostGap } from './tapeGaps';
import { type GroupRow, type Layout, type Row } from './tapeRows';
import type { Arrived } from './tapeRing';
import { isPending, type TapePlaces } from './tapePlaces';
import { TapeWindow, type End } from './tapeWindow';

type Paging = { kind: 'idle' } | { kind: 'loading' } | { kind: 'failed'; sentence: string };

/** The rows as they are at one moment. A place is a row's number on an endless scale. */
export interface Rows {
  readonly base: number;
  readonly count: number;
  /** Another one when the same place may have another row. */
  readonly moved: number;
  slice(from: number, to: number): readonly Row[];
  placeOf(key: string): number | undefined;
  /** How many events rows are made of; undefined when that isn't known. */
  events(from: number, to: number): number | undefined;
}

/** The row at the top of the view, and how far of it has gone out. */
export interface Anchor {
  place: number;
  px: number;
}

/** What is needed to find the same place again after a reload. */
export interface Place {
  id: string;
  px: number;
  /** The newest event that had come. */
  newest: string;
  newestSeq: number;
  /** Where the rows ended. */
  end?: End;
}

/** What a view that is held stays at: an event, and so many rows above it. */
export interface Standing {
  id: string;
  px: number;
  above: number;
  /** Where the rows ended. */
  end?: End;
}

/** So many rows are shown before an event that is gone to. */
const CONTEXT = 4;
const PAGE = 500;
/** Older events are asked for when so many rows are left before the first one. */
const NEAR = 100;
/** So many new rows are read on by scrolling; more would never be caught up with. */
const READ_ON = 300;
/** New events of a selection are counted up to so many; finding out how many more there are would take too long. */
const COUNTED = 5_000;

/** The merged tape as the page shows it: rows, the place where its reader is, and the chosen event. */
export class Tape {
  readonly #client: Client;
  readonly #window = new TapeWindow();
  #rows = $state.raw<Rows>(snapshot(this.#window.places));
  #hasOlder = $state(false);
  #older = $state.raw<Paging>({ kind: 'idle' });
  #filling = $state.raw<Paging>({ kind: 'idle' });
  #anchor = $state.raw<Anchor | undefined>();
  #unseen = $state(0);
  #exact = $state(true);
  #unread = $state.raw<number | undefined>();
  #lost = $state.raw<readonly LostGap[]>([]);
  #cursor = $state<string>();
  #selected = $state.raw<TapeEvent | undefined>();
  #open = $state(false);
  #layout = $state.raw<Layout>(this.#window.places.how);
  #going = 0;
  /** Where the view is on its way to. */
  #bound: Standing | undefined;
  #feeds: readonly string[] = [];
  #query = '';
  #looked = { from: 0, to: 0 };

  constructor(client: Client) {
    this.#client = client;
  }

  get rows(): Rows {
    return this.#rows;
  }
  get hasOlder(): boolean {
    return this.#hasOlder;
  }
  get older(): Paging {
    return this.#older;
  }
  /** Whether rows that came into view are being read from history. */
  get filling(): Paging {
    return this.#filling;
  }
  /** Where the view is held; undefined while the newest event is followed. */
  get anchor(): Anchor | undefined {
    return this.#anchor;
  }
  get following(): boolean {
    return this.#anchor === undefined;
  }
  /** How many rows came after the last one that is shown. */
  get unseen(): number {
    return this.#unseen;
  }
  /** False when that number is only about right. */
  get exact(): boolean {
    return this.#exact;
  }
  /** Rows of events with higher numbers are unread; undefined when there are none. */
  get unread(): number | undefined {
    return this.#unread;
  }
  /** Where history that was read has nothing any more. */
  get lost(): readonly LostGap[] {
    return this.#lost;
  }
  get layout(): Layout {
    return this.#layout;
  }
  /** The key of the row that the keyboard is at. */
  get cursor(): string | undefined {
    return this.#cursor;
  }
  get selected(): TapeEvent | undefined {
    return this.#selected;
  }
  /** The event whose detail is open. */
  get inspected(): TapeEvent | undefined {
    return this.#open ? this.#selected : undefined;
  }
  /** What is in memory, oldest first. */
  get loaded(): readonly Row[] {
    return this.#window.places.loaded();
  }
  /** How many rows have come by, of all feeds; not state. */
  get arrived(): number {
    return this.#window.arrived;
  }
  /** The newest event that came by; not state. */
  get newest(): { id: string | undefined; seq: number } {
    return this.#window.newest;
  }

  /** Takes what the stream brought; returns what was new in it. */
  arrive(items: readonly (TapeEvent | Gap | Left)[]): Arrived[] {
    const fresh = this.#window.arrive(items, this.following);
    this.#show();
    return fresh;
  }

  choose(feeds: readonly string[]): void {
    this.#feeds = feeds;
    this.#lost = [];
    this.#window.choose(feeds.length === 0 ? undefined : new Set(feeds));
    this.#restart();
  }

  /**
   * Shows what a query selects: a view that is held, as near as there is something to what it stands at. The stream
   * begins anew with that.
   */
  ask(query: string, standing = this.standing): void {
    this.#query = query;
    this.#lost = [];
    this.#window.clear(query === '');
    this.#restart();
    if (standing !== undefined) void this.#stand(standing); // it keeps its own failure
  }

  /** Lays the rows out anew, and stays where the view is held. */
  lay(how: Partial<Layout>): void {
    const layout = { ...this.#window.places.how, ...how };
    const begin = () => {
      this.#window.lay(layout);
      this.#restart();
    };
    const held = this.place();
    if (held === undefined) {
      begin();
      return;
    }
    this.#window.places.lay(layout);
    this.goTo(held.id, held.px, held.end).catch(begin); // the newest end is there in any case
  }

  toggleGroup(group: GroupRow): void {
    this.#cursor = group.key;
    this.#window.places.toggle(group.key);
    this.#show();
  }

  /** Stops following, or moves to another place. */
  hold(anchor: Anchor): void {
    this.#anchor = anchor;
  }

  /** Goes to the newest event and stays with what comes. */
  follow(): void {
    if (!this.#window.catchUp()) this.#window.toTail();
    this.#anchor = undefined;
    this.#filling = { kind: 'idle' };
    this.#show();
  }

  /** Shows what came meanwhile, and stays where the view is. */
  readOn(): void {
    this.#window.catchUp();
    this.#show();
  }

  /** The reader has scrolled to the last row. Says whether that means the newest event. */
  reachEnd(): boolean {
    const few = this.#window.beyond <= READ_ON;
    if (few && this.#window.beyond > 0) this.readOn();
    else this.follow();
    return this.following;
  }

  /** Events after this one are unread. */
  markUnread(seq: number | undefined): void {
    this.#unread = seq;
  }

  /** Moves to a row. One that isn't an event's leaves the chosen event as it was. */
  moveTo(row: Row): void {
    this.#cursor = row.key;
    if (row.kind === 'event') this.#selected = row.event;
  }

  inspect(event: TapeEvent): void {
    this.#cursor = event.id;
    this.#selected = event;
    this.#open = true;
  }

  closeInspector(): void {
    this.#open = false;
  }

  /** These places are in view: reads those that aren't in memory, and older ones when the beginning is near. */
  look(from: number, to: number): void {
    this.#looked = { from, to };
    if (from < this.#window.places.base + NEAR) void this.loadOlder(); // it keeps its own failure
    void this.#fill(); // so does it
  }

  async loadOlder(): Promise<void> {
    if (this.#older.kind !== 'idle' || !this.#window.hasOlder) return;
    const { olderCursor: before } = this.#window;
    const { generation } = this.#window.places;
    if (before === undefined) return;
    this.#older = { kind: 'loading' };
    try {
      const page = await this.#page({ limit: PAGE, before });
      if (this.#window.places.generation !== generation) return;
      this.#window.addOlder(page);
      this.#older = { kind: 'idle' };
      this.#show();
    } catch (error) {
      if (this.#window.places.generation === generation)
        this.#older = { kind: 'failed', sentence: sentenceOf(error) };
    }
  }

  retryOlder(): void {
    this.#older = { kind: 'idle' };
    void this.loadOlder(); // it keeps its own failure
  }

  retryFilling(): void {
    this.#filling = { kind: 'idle' };
    void this.#fill(); // it keeps its own failure
  }

  /** Reads what a gap left out, where the server has it after all. */
  async loadGap(key: string, gap: Gap): Promise<void> {
    const { generation } = this.#window.places;
    this.#window.places.markGap(key, { loading: true });
    this.#show();
    try {
      const events = await this.#between(gap.from, gap.to);
      if (this.#window.places.generation === generation)
        this.#window.places.fillGap(key, events, this.#looked.to);
    } catch (error) {
      this.#window.places.markGap(key, { loading: false, fault: sentenceOf(error) });
    }
    this.#show();
  }

  /** Shows an event among its neighbours, or what is nearest to it, and holds there. Rejects with a sentence. */
  async goTo(id: string, px = 0, end?: End): Promise<void> {
    await this.#go(id, px, end);
  }

  /** The same; says whether the view is there, and not somewhere else by now. */
  async #go(id: string, px: number, end?: End): Promise<boolean> {
    const going = ++this.#going;
    try {
      const newer = await this.#page({ limit: PAGE / 2, after: id });
      const before = newer.events[0]?.id;
      const older = await this.#page({ limit: PAGE / 2, ...(before === undefined ? {} : { before }) });
      if (going !== this.#going) return false;
      const events = [...older.events].reverse().concat(newer.events);
      const more = { older: older.next !== undefined, newer: newer.next !== undefined };
      this.#window.goTo(events, more, end);
      this.#older = this.#filling = { kind: 'idle' };
      this.#bound = undefined;
      const { places } = this.#window;
      const place = places.placeOf(id);
      const near = place === undefined ? nearest(events, id) : undefined;
      this.#anchor = {
        place: place ?? (near && places.placeOf(near.id)) ?? places.base,
        px: place === undefined ? 0 : px,
      };
      this.#show();
      if (!this.#window.exact) void this.#countNewer(); // without it the number isn't said
      return true;
    } catch (error) {
      // On the way nothing is shown, so the newest end is better than staying there.
      if (going === this.#going && this.#bound !== undefined) this.#giveUp();
      throw error;
    }
  }

  /** Counts in history what came after the last row, where the numbers of events don't say it. */
  async #countNewer(): Promise<void> {
    const { generation } = this.#window.places;
    let { lastId: after, lastSeq: upTo } = this.#window.places;
    try {
      for (let count = 0; count <= COUNTED && after !== undefined && upTo !== undefined;) {
        const { events } = await this.#page({ limit: PAGE, after });
        if (this.#window.places.generation !== generation || this.#window.exact) return;
        const last = events.at(-1);
        if (last === undefined) {
          this.#window.count(count, upTo);
          this.#show();
          return;
        }
        count += events.length;
        after = last.id;
        upTo = last.seq;
      }
    } catch {
      // the number stays unsaid
    }
  }

  /** The chosen event when it is in the view that is held, or else the one at its top. */
  get standing(): Standing | undefined {
    if (this.#bound !== undefined) return this.#bound;
    const top = this.place();
    if (top === undefined || this.#anchor === undefined) return undefined;
    const { id, px, end } = top;
    const chosen = this.#selected?.id;
    const place = chosen === undefined ? undefined : this.#window.places.placeOf(chosen);
    const above = place === undefined ? -1 : place - this.#anchor.place;
    if (chosen === undefined || above < 0 || this.#anchor.place + above >= this.#looked.to)
      return { id, px, above: 0, ...(end && { end }) };
    return { id: chosen, px, above, ...(end && { end }) };
  }

  /** Holds there; where there is nothing, what comes is followed. */
  async #stand(standing: Standing): Promise<void> {
    this.#anchor = { place: 0, px: 0 }; // nothing is to be followed on the way
    this.#older = { kind: 'loading' };
    this.#bound = standing;
    try {
      // Of other events than then, it isn't known how many came after.
      const all = this.#query === '' && this.#feeds.length === 0;
      if (!(await this.#go(standing.id, standing.px, all ? standing.end : undefined))) return;
      if (this.#window.places.empty) this.#giveUp();
      else this.#leave(standing.above);
    } catch {
      // the newest end is shown instead
    }
  }

  #giveUp(): void {
    this.#bound = undefined;
    this.#older = { kind: 'idle' };
    this.follow();
  }

  /** Leaves so many rows above the one that the view is held at. */
  #leave(above: number): void {
    if (this.#anchor === undefined) return;
    const { place, px } = this.#anchor;
    this.#anchor = { place: Math.max(this.#window.places.base, place - above), px };
  }

  /** Shows an event with some of those before it, chosen. Rejects with a sentence. */
  async showAmong(event: TapeEvent): Promise<void> {
    this.#cursor = event.id;
    this.#selected = event;
    if (await this.#go(event.id, 0)) this.#leave(CONTEXT);
  }

  /** Where the view is held, to be found again after a reload; undefined while it follows. */
  place(): Place | undefined {
    const { id: newest, seq: newestSeq } = this.#window.newest;
    if (this.#anchor === undefined || newest === undefined) return undefined;
    const { place, px } = this.#anchor;
    const [row] = this.#window.places.slice(place, place + 1);
    const event =
      row?.kind === 'event' ? row.event : row?.kind === 'group' ? row.events[0]?.event : undefined;
    const { end } = this.#window;
    return event && { id: event.id, px, newest, newestSeq, ...(end && { end }) };
  }

  /** Begins where an earlier page was held. */
  async resume(place: Place): Promise<void> {
    this.#window.heardUpTo(place.newest, place.newestSeq);
    this.#anchor = { place: 0, px: 0 };
    await this.goTo(place.id, place.px, place.end);
  }

  async #fill(): Promise<void> {
    if (this.#filling.kind !== 'idle') return;
    const { from, to } = this.#looked;
    const wanted = this.#window.places.wanted(from, to);
    if (wanted === undefined) return;
    const { generation } = this.#window.places;
    this.#filling = { kind: 'loading' };
    try {
      const { chunk: _, ...ask } = wanted;
      const page = await this.#page(ask);
      if (this.#window.places.generation !== generation) return;
      this.#window.places.fill(wanted, page.events, page.next !== undefined, this.#looked.from);
      this.#filling = { kind: 'idle' };
      this.#show();
      void this.#fill(); // a page may be short, and the view elsewhere by now
    } catch (error) {
      if (this.#window.places.generation === generation)
        this.#filling = { kind: 'failed', sentence: sentenceOf(error) };
    }
  }

  async #between(from: string, to: string): Promise<TapeEvent[]> {
    const events: TapeEvent[] = [];
    for (let after: string | undefined = from; after !== undefined;) {
      const page = await this.#page({ limit: PAGE, after });
      const end = page.events.findIndex((event) => event.id === to);
      events.push(...(end === -1 ? page.events : page.events.slice(0, end + 1)));
      after = end === -1 && events.length < 2 * PAGE ? page.next : undefined;
    }
    return events;
  }

  async #page(ask: PageQuery): Promise<EventPage> {
    const [feeds, q] = [this.#feeds, this.#query];
    const page = await this.#client.events({ feeds, q, ...ask });
    // What is missing of one selection may be there of another.
    if (page.gaps !== undefined && feeds === this.#feeds && q === this.#query)
      this.#lost = addGaps(this.#lost, page.gaps);
    return page;
  }

  #restart(): void {
    this.#going++;
    this.#bound = undefined;
    this.#anchor = undefined;
    this.#older = { kind: 'idle' };
    this.#filling = { kind: 'idle' };
    this.#show();
  }

  #show(): void {
    const { from, to } = this.#looked;
    this.#window.places.release(from, to, this.following);
    this.#rows = snapshot(this.#window.places);
    this.#hasOlder = this.#window.hasOlder;
    this.#unseen = this.#window.beyond;
    this.#exact = this.#window.exact;
    this.#layout = this.#window.places.how;
    this.#keepCursor();
  }

  /** A cursor that was moved to a row out of memory is at that row when it comes. */
  #keepCursor(): void {
    if (this.#cursor === undefined || !isPending(this.#cursor)) return;
    const place = this.#window.places.placeOf(this.#cursor) ?? 0;
    const [row] = this.#window.places.slice(place, place + 1);
    if (row !== undefined && row.kind !== 'pending') this.moveTo(row);
  }
}

/** The event that came closest to another one. */
function nearest(events: readonly TapeEvent[], id: string): TapeEvent | undefined {
  const seq = seqOf(id);
  const distance = (event: TapeEvent) => Math.abs(event.seq - seq);
  return events.reduce<TapeEvent | undefined>(
    (best, event) => (best === undefined || distance(event) < distance(best) ? event : best),
    undefined,
  );
}

/** A new object each time, so that whoever shows the rows looks again. */
function snapshot(places: TapePlaces): Rows {
  return {
    base: places.base,
    count: places.count,
    moved: places.moved,
    slice: (from, to) => places.slice(from, to),
    placeOf: (key) => places.placeOf(key),
    events: (from, to) => places.events(from, to),
  };
}
