// What of the tape the page knows: a long row of places, of which those near the view and near the newest end are in
// memory. Plain logic; tape.svelte.ts is its reactive shell.
//
// While its reader follows, what comes is put at the end. While they look elsewhere it is only counted: nothing that
// they see moves, and nothing is kept but the newest rows (the ring). Whoever goes on from there gets what was counted
// as places, which are read from the server's history when they come into view.
import type { Gap, Left, TapeEvent } from '../wire/event';
import { TapePlaces, type Room } from './tapePlaces';
import { LastValues, rowsOf, type EventRow, type Layout } from './tapeRows';
import { Ring, weigh, type Arrived, type Feeds } from './tapeRing';

export interface Bounds extends Room {
  /** Newest rows of all feeds. */
  ring: number;
}

export const BOUNDS: Bounds = {
  rows: 250_000,
  events: 2_500,
  passing: 1_000,
  weight: 8_000_000,
  ring: 1_000,
};

/** The number of the last event that has a place, and how many rows came after it. */
export interface End {
  seq: number;
  beyond: number;
}

export class TapeWindow {
  readonly places: TapePlaces;
  readonly #bounds: Bounds;
  #ring: Ring;
  #feeds: Feeds;
  #values = new LastValues();
  #newestSeq = -1;
  #newestId: string | undefined;
  #arrived = 0;
  #gaps = 0;
  /** The number of the last item of the ring that has a place, and how many rows came after it. */
  #heard = 0;
  #beyond = 0;
  #exact = true;
  /** The last event that has a place, and the last one that is counted: the stream may still bring them. */
  #placed = -1;
  #counted = -1;
  /** Whether the stream has all events, so that their numbers count them. */
  #dense = true;

  constructor(bounds: Bounds = BOUNDS) {
    this.#bounds = bounds;
    this.places = new TapePlaces(bounds);
    this.#ring = new Ring(bounds.ring);
  }

  /** How many rows came after the last one that has a place. */
  get beyond(): number {
    return this.#beyond;
  }
  /** False when `beyond` is only about right. */
  get exact(): boolean {
    return this.#exact;
  }
  /** Where the rows end; undefined where that isn't known exactly. */
  get end(): End | undefined {
    if (!this.#exact) return undefined;
    const seq = this.places.lastSeq ?? (this.#countable ? this.#newestSeq - this.#beyond : undefined);
    return seq === undefined ? undefined : { seq, beyond: this.#beyond };
  }
  /** Whether the numbers of events say how many rows they make. */
  get #countable(): boolean {
    return this.#dense && this.#feeds === undefined;
  }
  /** Whether older events can be asked for. Not before something came: an unbounded page would meet the stream's own. */
  get hasOlder(): boolean {
    return this.places.hasOlder && this.olderCursor !== undefined;
  }
  /** Where to ask for older events: before this id. */
  get olderCursor(): string | undefined {
    return this.places.olderCursor ?? (this.places.empty ? this.#ring.first()?.key : undefined);
  }
  /** How many rows have come by, of all feeds. */
  get arrived(): number {
    return this.#arrived;
  }
  /** The newest event that came by, of all feeds. */
  get newest(): { id: string | undefined; seq: number } {
    return { id: this.#newestId, seq: this.#newestSeq };
  }

  /** Takes what the stream brought, and returns the rows that were new in it. */
  arrive(items: readonly (TapeEvent | Gap | Left)[], following: boolean): Arrived[] {
    const fresh: Arrived[] = [];
    const known = this.#newestSeq;
    for (const item of items) {
      const row = this.#toRow(item);
      if (row === undefined) continue;
      fresh.push(row);
      this.#arrived += row.kind === 'left' ? row.left.count : 1;
    }
    if (fresh.length === 0) return fresh;
    this.#ring.push(fresh);
    if (known === -1 && this.#countable) this.#countBefore(fresh);
    for (const row of fresh) if (!this.#isCounted(row)) this.#beyond += this.weigh(row);
    if (this.#placed !== -1) this.#heard = Math.max(this.#heard, this.#ring.upTo(this.#placed));
    if (following) this.catchUp();
    return fresh;
  }

  /** How many rows of the chosen feeds it makes. */
  weigh(item: Arrived): number {
    return weigh(item, this.#feeds);
  }

  /** Gives places to what came after the last row, as far as there is room for it at once. Says whether all has one now. */
  catchUp(): boolean {
    if (this.#beyond === 0) return true;
    const fresh = this.#ring.after(this.#heard);
    const held = fresh.reduce((sum, item) => sum + this.weigh(item), 0);
    const counted = Math.max(0, this.#beyond - held);
    const room = Math.floor(this.#bounds.rows / 4);
    if (counted > room) {
      this.places.appendSpan(room);
      this.#beyond -= room;
      return false;
    }
    if (counted > 0) this.places.appendSpan(counted);
    this.#appendArrived(fresh);
    this.#heard = this.#ring.heard;
    this.#beyond = 0;
    this.#exact = true;
    return true;
  }

  /** An earlier page had heard all up to this event; the stream goes on after it. */
  heardUpTo(id: string, seq: number): void {
    if (seq <= this.#newestSeq) return;
    this.#newestId = id;
    this.#newestSeq = seq;
  }

  /** Forgets everything: the stream begins anew with another selection, of all events or of some. */
  clear(dense: boolean): void {
    this.#dense = dense;
    this.#ring = new Ring(this.#bounds.ring);
    this.#values = new LastValues();
    this.#newestSeq = -1;
    this.#newestId = undefined;
    this.toTail();
  }

  /** Shows other feeds; undefined is all of them. */
  choose(feeds: Feeds): void {
    this.#feeds = feeds;
    this.toTail();
  }

  /** Lays the rows out anew. What isn't in memory has unknown rows then, so it begins at the newest end. */
  lay(how: Layout): void {
    this.places.lay(how);
    this.toTail();
  }

  /** Goes to the newest end with what the ring has. */
  toTail(): void {
    this.#restart();
    this.#appendArrived(this.#ring.items);
    this.#heard = this.#ring.heard;
  }

  /**
   * Goes elsewhere: to these consecutive events, oldest first. The rows after them are counted by their numbers, which
   * is exact as long as all feeds are shown. An earlier page's rows ended at `end`: so do these, where they reach it.
   */
  goTo(events: readonly TapeEvent[], more: { older: boolean; newer: boolean }, end?: End): void {
    this.#restart(more.older);
    const shown = end === undefined ? events : events.filter(({ seq }) => seq <= end.seq);
    this.places.append(rowsOf(shown));
    const last = shown.at(-1);
    if (last === undefined) return;
    const reached =
      end !== undefined && (shown.length < events.length || last.seq === end.seq || !more.newer);
    const missing = end === undefined || reached || !this.#countable ? 0 : end.seq - last.seq;
    if (missing > 0) this.places.appendSpan(missing);
    const heard = missing > 0 ? undefined : this.#ring.find(last.id);
    this.#heard = heard ?? (missing > 0 ? this.#ring.upTo(last.seq + missing) : this.#ring.start);
    const held = this.#ring.after(this.#heard).reduce((sum, item) => sum + this.weigh(item), 0);
    const counted = Math.max(held, this.#newestSeq - last.seq - missing);
    const known = reached && !this.#countable ? end.beyond + held : counted;
    this.#beyond = heard === undefined ? known : held;
    this.#exact = heard !== undefined || reached || this.#countable;
    this.#placed = last.seq + missing;
  }

  /** History has so many events after the last row, up to that number. */
  count(events: number, upTo: number): void {
    const since = this.#ring.after(this.#ring.upTo(upTo));
    this.#beyond = events + since.reduce((sum, item) => sum + this.weigh(item), 0);
    this.#counted = upTo;
    this.#exact = true;
  }

  /** Takes a page of older events, newest first. */
  addOlder(page: { events: readonly TapeEvent[]; next?: string }): void {
    const beyond = this.places.addOlder(page);
    if (beyond === 0) return;
    this.#beyond += beyond;
    const last = this.places.lastId;
    this.#heard = (last === undefined ? undefined : this.#ring.find(last)) ?? this.#ring.start;
  }

  /** The stream begins with the newest events: their numbers say how many there were since the last row. */
  #countBefore(fresh: readonly Arrived[]): void {
    const first = fresh.find((row) => row.kind === 'event');
    if (first !== undefined && this.#placed !== -1)
      this.#beyond += Math.max(0, first.event.seq - 1 - this.#placed);
  }

  #isCounted(row: Arrived): boolean {
    return row.kind === 'event' && row.event.seq <= Math.max(this.#placed, this.#counted);
  }

  #restart(older?: boolean): void {
    this.places.clear(older);
    this.#beyond = 0;
    this.#placed = this.#counted = -1;
    this.#exact = true;
  }

  #appendArrived(items: readonly Arrived[]): void {
    let run: EventRow[] = [];
    const flush = () => {
      if (run.length > 0) this.places.append(run);
      run = [];
    };
    for (const item of items) {
      if (this.weigh(item) === 0) continue;
      if (item.kind === 'event') run.push(item);
      else {
        flush();
        if (item.kind === 'gap') this.places.appendGap(item);
        else this.places.appendSpan(this.weigh(item), this.places.lastId ?? item.left.after);
      }
    }
    flush();
  }

  #toRow(item: TapeEvent | Gap | Left): Arrived | undefined {
    if ('seq' in item) {
      // A new connection may bring again what is here.
      if (item.seq <= this.#newestSeq) return undefined;
      if (this.#newestSeq === -1 && this.#ring.find(item.id) !== undefined) return undefined;
      this.#newestSeq = item.seq;
      this.#newestId = item.id;
      return this.#values.row(item);
    }
    if ('feeds' in item) return { kind: 'left', left: { ...item, after: this.#newestId } };
    // After a gap the numbers may start anew: the server's store can be another one.
    this.#newestSeq = this.#placed = this.#counted = -1;
    this.#gaps++;
    return { kind: 'gap', key: `gap-${String(this.#gaps)}`, gap: item };
  }
}
