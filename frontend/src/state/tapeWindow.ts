// What of the tape is in memory: a bounded window of consecutive rows under the current choice of feeds, and a short
// ring of the newest rows of all feeds. The window follows the newest end until its reader looks elsewhere; then older
// and newer pages come from the server's history. Plain logic; tape.svelte.ts is its reactive shell.
import type { EventPage, Gap, TapeEvent } from '../wire/event';

export type Row = { kind: 'event'; key: string; event: TapeEvent } | { kind: 'gap'; key: string; gap: Gap };

export interface Bounds {
  /** Rows in the window. */
  rows: number;
  /** Newest rows of all feeds. */
  ring: number;
}

export const BOUNDS: Bounds = { rows: 5_000, ring: 1_500 };

export class TapeWindow {
  readonly #bounds: Bounds;
  #rows: Row[] = [];
  #ring: Row[] = [];
  #feeds: ReadonlySet<string> | undefined;
  #base = 0;
  #generation = 0;
  #atTail = true;
  #hasOlder = true;
  #olderCursor: string | undefined;
  #newestSeq = -1;
  #arrived = 0;
  #gaps = 0;

  constructor(bounds: Bounds = BOUNDS) {
    this.#bounds = bounds;
  }

  /** Oldest first. Replaced, never changed in place. */
  get rows(): readonly Row[] {
    return this.#rows;
  }
  /** The place of the first row on an endless scale: falls when older rows come, rises when old rows are let go. */
  get base(): number {
    return this.#base;
  }
  /** Rises when the rows are others altogether. */
  get generation(): number {
    return this.#generation;
  }
  /** Whether the window reaches the newest event. */
  get atTail(): boolean {
    return this.#atTail;
  }
  /** Whether older events can be asked for. Not before something came: an unbounded page would meet the stream's own. */
  get hasOlder(): boolean {
    return this.#hasOlder && this.olderCursor !== undefined;
  }
  /** How many rows have come by, of all feeds. */
  get arrived(): number {
    return this.#arrived;
  }

  /**
   * Takes what the live stream brought, and returns what was new in it. Rows that don't fit are let go at the old end
   * when the reader follows; otherwise the window stays as it is, because the row under the eye must not move.
   */
  arrive(items: readonly (TapeEvent | Gap)[], following: boolean): Row[] {
    const fresh: Row[] = [];
    for (const item of items) {
      const row = this.#toRow(item);
      if (row !== undefined) fresh.push(row);
    }
    if (fresh.length === 0) return fresh;
    this.#arrived += fresh.length;
    this.#ring = this.#ring.concat(fresh).slice(-this.#bounds.ring);
    // A page of history may have been faster than the stream.
    const newest = lastSeq(this.#rows);
    const chosen = fresh.filter((row) => this.isChosen(row) && !this.#holds(row, newest));
    if (!this.#atTail || chosen.length === 0) return fresh;
    if (following) {
      this.#rows = this.#rows.concat(chosen);
      this.#letOldGo();
    } else if (this.#rows.length + chosen.length <= this.#bounds.rows) {
      this.#rows = this.#rows.concat(chosen);
    } else {
      this.#atTail = false;
    }
    return fresh;
  }

  /** Shows other feeds; undefined is all of them. */
  choose(feeds: ReadonlySet<string> | undefined): void {
    this.#feeds = feeds;
    this.toTail();
  }

  /** Forgets everything: something else is selected now. */
  clear(): void {
    this.#ring = [];
    this.#newestSeq = -1;
    this.toTail();
  }

  /** Goes elsewhere: to these consecutive events, oldest first. */
  goTo(events: readonly TapeEvent[], hasOlder: boolean): void {
    this.#rows = events.map(eventRow);
    this.#generation++;
    this.#atTail = false;
    this.#hasOlder = hasOlder;
    this.#olderCursor = undefined;
  }

  /** Goes to the newest end, whatever was in the window. */
  toTail(): void {
    this.#rows = this.#ring.filter((row) => this.isChosen(row));
    this.#generation++;
    this.#atTail = true;
    this.#hasOlder = true;
    this.#olderCursor = undefined;
  }

  /** Where to ask for older events: before this id. */
  get olderCursor(): string | undefined {
    return this.#olderCursor ?? firstId(this.#rows) ?? firstId(this.#ring);
  }

  /** Takes a page of older events, newest first. */
  addOlder(page: EventPage): void {
    const oldest = firstSeq(this.#rows);
    const older = page.events
      .filter((event) => event.seq < oldest)
      .map(eventRow)
      .reverse();
    this.#hasOlder = page.next !== undefined;
    this.#olderCursor = page.next;
    this.#base -= older.length;
    this.#rows = older.concat(this.#rows);
    if (this.#rows.length > this.#bounds.rows) {
      this.#rows = this.#rows.slice(0, this.#bounds.rows);
      this.#atTail = false;
    }
  }

  /** Where to ask for newer events: after this id. Undefined when there is nothing to go on from. */
  get newerCursor(): string | undefined {
    return lastId(this.#rows);
  }

  /**
   * Takes a page of newer events, oldest first. asked is what `arrived` was when the page was asked for: when the ring
   * has kept everything since then, the last page and the ring meet, and the window is at the newest end again.
   */
  addNewer(page: EventPage, asked: number): void {
    const newest = lastSeq(this.#rows);
    this.#rows = this.#rows.concat(page.events.filter((event) => event.seq > newest).map(eventRow));
    if (page.next === undefined && this.#arrived - asked <= this.#ring.length) {
      const end = lastSeq(this.#rows);
      const since = this.#ring.slice(this.#ring.length - (this.#arrived - asked));
      this.#rows = this.#rows.concat(
        since.filter((row) => this.isChosen(row) && (row.kind === 'gap' || row.event.seq > end)),
      );
      this.#atTail = true;
    }
    this.#letOldGo();
  }

  #letOldGo(): void {
    const excess = this.#rows.length - this.#bounds.rows;
    if (excess <= 0) return;
    this.#rows = this.#rows.slice(excess);
    this.#base += excess;
    this.#hasOlder = true;
    this.#olderCursor = undefined;
  }

  #toRow(item: TapeEvent | Gap): Row | undefined {
    if ('seq' in item) {
      // A new connection may bring again what is here.
      if (item.seq <= this.#newestSeq) return undefined;
      if (this.#newestSeq === -1 && this.#ring.some((row) => row.key === item.id)) return undefined;
      this.#newestSeq = item.seq;
      return eventRow(item);
    }
    // After a gap the numbers may start anew: the server's store can be another one.
    this.#newestSeq = -1;
    this.#gaps++;
    return { kind: 'gap', key: `gap-${String(this.#gaps)}`, gap: item };
  }

  /** Whether the row is in the window already. A row of a new store may have a low number too, but not the same id. */
  #holds(row: Row, newest: number): boolean {
    return row.kind === 'event' && row.event.seq <= newest && this.#rows.some((held) => held.key === row.key);
  }

  /** Whether the row belongs to the feeds that are shown. A gap belongs to all. */
  isChosen(row: Row): boolean {
    return row.kind === 'gap' || this.#feeds === undefined || this.#feeds.has(row.event.feed);
  }
}

function eventRow(event: TapeEvent): Row {
  return { kind: 'event', key: event.id, event };
}

function firstId(rows: readonly Row[]): string | undefined {
  for (const row of rows) if (row.kind === 'event') return row.event.id;
  return undefined;
}

function firstSeq(rows: readonly Row[]): number {
  for (const row of rows) if (row.kind === 'event') return row.event.seq;
  return Infinity;
}

/** The newest event among the rows. */
export function lastEvent(rows: readonly Row[]): TapeEvent | undefined {
  for (let i = rows.length - 1; i >= 0; i--) {
    const row = rows[i];
    if (row?.kind === 'event') return row.event;
  }
  return undefined;
}

function lastId(rows: readonly Row[]): string | undefined {
  return lastEvent(rows)?.id;
}

function lastSeq(rows: readonly Row[]): number {
  return lastEvent(rows)?.seq ?? -1;
}
