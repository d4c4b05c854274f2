// What of the tape the page knows: a long row of places, of which those near the view and near the newest end are in
// memory. Plain logic; tape.svelte.ts is its reactive shell.
//
// While its reader follows, what comes is put at the end. While they look elsewhere it is only counted: nothing that
// they see moves, and nothing is kept but the newest rows (the ring). Whoever goes on from there gets what was counted
// as places, which are read from the server's history when they come into view.
import type { Gap, Left, TapeEvent } from '../wire/event';
import {
  CHUNK,
  cut,
  eventChunk,
  eventsIn,
  gapChunk,
  joinReleased,
  released,
  spanChunk,
  takesOn,
  type Chunk,
} from './tapeChunks';
import { LastValues, layOut, PLAIN, rowsOf, type EventRow, type Layout, type Row } from './tapeRows';
import { Ring, weigh, type Arrived, type Feeds } from './tapeRing';

export interface Bounds {
  /** Rows that have a place. */
  rows: number;
  /** Events in memory, and about how many characters they may have. */
  events: number;
  weight: number;
  /** Newest rows of all feeds. */
  ring: number;
}

export const BOUNDS: Bounds = { rows: 250_000, events: 5_000, weight: 8_000_000, ring: 1_000 };

/** What is asked of the server's history to fill a chunk: after an event, oldest first, or before one, newest first. */
export interface Wanted {
  chunk: Chunk;
  after?: string;
  before?: string;
  limit: number;
}

/** The number of the last event that has a place, and how many rows came after it. */
export interface End {
  seq: number;
  beyond: number;
}

/** How many events to ask for at once. */
const PAGE = 500;

export class TapeWindow {
  readonly #bounds: Bounds;
  #ring: Ring;
  /** Changed in place: a flood makes thousands of them, and copies would be most of what is to be collected. */
  #chunks: Chunk[] = [];
  #feeds: Feeds;
  #how: Layout = PLAIN;
  #values = new LastValues();
  #base = 0;
  #count = 0;
  #generation = 0;
  #moved = 0;
  #hasOlder = true;
  #olderCursor: string | undefined;
  #newestSeq = -1;
  #newestId: string | undefined;
  #arrived = 0;
  #gaps = 0;
  /** The number of the last item of the ring that has a place, and how many rows came after it. */
  #heard = 0;
  #beyond = 0;
  #exact = true;
  /** Whether the stream has all events, so that their numbers count them. */
  #dense = true;

  constructor(bounds: Bounds = BOUNDS) {
    this.#bounds = bounds;
    this.#ring = new Ring(bounds.ring);
  }

  /** The place of the first row: falls when older rows come, rises when old rows are let go. */
  get base(): number {
    return this.#base;
  }
  get count(): number {
    return this.#count;
  }
  /** Rises when the rows are others altogether. */
  get generation(): number {
    return this.#generation;
  }
  /** Rises when rows between others became more or fewer, so that places have other rows now. */
  get moved(): number {
    return this.#moved;
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
    const last = this.#chunks.at(-1)?.events?.at(-1)?.event.seq;
    const seq = last ?? (this.#countable ? this.#newestSeq - this.#beyond : undefined);
    return seq === undefined ? undefined : { seq, beyond: this.#beyond };
  }
  /** Whether the numbers of events say how many rows they make. */
  get #countable(): boolean {
    return this.#dense && this.#feeds === undefined;
  }
  /** Whether older events can be asked for. Not before something came: an unbounded page would meet the stream's own. */
  get hasOlder(): boolean {
    return this.#hasOlder && this.olderCursor !== undefined;
  }
  /** Where to ask for older events: before this id. Nobody knows it while the tape begins with events that were only counted. */
  get olderCursor(): string | undefined {
    const first = this.#chunks.find((chunk) => chunk.gap === undefined);
    return this.#olderCursor ?? (first === undefined ? this.#ring.first()?.key : first.first);
  }
  /** How many rows have come by, of all feeds. */
  get arrived(): number {
    return this.#arrived;
  }
  /** The newest event that came by, of all feeds. */
  get newest(): { id: string | undefined; seq: number } {
    return { id: this.#newestId, seq: this.#newestSeq };
  }
  get how(): Layout {
    return this.#how;
  }

  /** The rows from one place to another; those that aren't in memory are pending. */
  slice(from: number, to: number): Row[] {
    const rows: Row[] = [];
    let place = this.#base;
    for (const chunk of this.#chunks) {
      const end = place + chunk.count;
      if (end > from && place < to) {
        const [start, stop] = [Math.max(from, place) - place, Math.min(to, end) - place];
        if (chunk.rows !== undefined)
          for (let i = start; i < stop; i++) rows.push(chunk.rows[i] ?? pending(place + i));
        else for (let i = start; i < stop; i++) rows.push(pending(place + i));
      }
      place = end;
      if (place >= to) break;
    }
    return rows;
  }

  /** The place of a row in memory. */
  placeOf(key: string): number | undefined {
    if (isPending(key)) return Number(key.slice(PENDING.length));
    let place = this.#base;
    for (const chunk of this.#chunks) {
      const index = chunk.rows?.findIndex((row) => row.key === key) ?? -1;
      if (index !== -1) return place + index;
      place += chunk.count;
    }
    return undefined;
  }

  /** How many events the rows from one place to another are made of; undefined when bursts out of memory are among them. */
  events(from: number, to: number): number | undefined {
    return eventsIn(this.#chunks, from - this.#base, to - this.#base);
  }

  /** What is in memory, oldest first. */
  loaded(): Row[] {
    return this.#chunks.flatMap((chunk) => chunk.rows ?? []);
  }

  /** Takes what the stream brought, and returns the rows that were new in it. */
  arrive(items: readonly (TapeEvent | Gap | Left)[], following: boolean): Arrived[] {
    const fresh: Arrived[] = [];
    for (const item of items) {
      const row = this.#toRow(item);
      if (row === undefined) continue;
      fresh.push(row);
      this.#arrived += row.kind === 'left' ? row.left.count : 1;
    }
    if (fresh.length === 0) return fresh;
    this.#ring.push(fresh);
    for (const row of fresh) this.#beyond += this.weigh(row);
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
      this.#appendSpan(room, this.#lastId());
      this.#beyond -= room;
      return false;
    }
    if (counted > 0) this.#appendSpan(counted, this.#lastId());
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
    this.#how = how;
    this.toTail();
  }

  /** Opens or closes a burst. */
  toggle(key: string): void {
    const open = new Set(this.#how.open);
    if (!open.delete(key)) open.add(key);
    this.#how = { ...this.#how, open };
    const index = this.#chunks.findIndex((chunk) => chunk.rows?.some((row) => row.key === key) === true);
    const chunk = this.#chunks[index];
    if (chunk?.events === undefined) return;
    this.#replace(index, [eventChunk(chunk.events, chunk.after, this.#how)], -Infinity);
  }

  /** Goes to the newest end with what the ring has. */
  toTail(): void {
    this.#restart();
    this.#values = new LastValues();
    this.#appendArrived(this.#ring.items);
    this.#heard = this.#ring.heard;
  }

  /**
   * Goes elsewhere: to these consecutive events, oldest first. The rows after them are counted by their numbers, which
   * is exact as long as all feeds are shown. An earlier page's rows ended at `end`: so do these, where they reach it.
   */
  goTo(events: readonly TapeEvent[], more: { older: boolean; newer: boolean }, end?: End): void {
    this.#restart();
    this.#hasOlder = more.older;
    const shown = end === undefined ? events : events.filter(({ seq }) => seq <= end.seq);
    this.#append(cut(rowsOf(shown), undefined, this.#how));
    const last = shown.at(-1);
    if (last === undefined) return;
    const reached =
      end !== undefined && (shown.length < events.length || last.seq === end.seq || !more.newer);
    const missing = end === undefined || reached || !this.#countable ? 0 : end.seq - last.seq;
    if (missing > 0) this.#appendSpan(missing, last.id);
    const heard = missing > 0 ? undefined : this.#ring.find(last.id);
    this.#heard = heard ?? this.#ring.start;
    const held = this.#ring.after(this.#heard).reduce((sum, item) => sum + this.weigh(item), 0);
    const counted = Math.max(held, this.#newestSeq - last.seq - missing);
    const known = reached && !this.#countable ? end.beyond + held : counted;
    this.#beyond = heard === undefined ? known : held;
    this.#exact = heard !== undefined || reached || this.#countable;
  }

  /** What it takes to have the rows from one place to another in memory; undefined when they are. */
  wanted(from: number, to: number): Wanted | undefined {
    let place = this.#base;
    let index = -1;
    for (const chunk of this.#chunks) {
      index++;
      const end = place + chunk.count;
      if (chunk.rows === undefined && end > from && place < to) {
        const next = this.#chunks[index + 1]?.first;
        // A long stretch is filled from the end that is nearer to the view.
        const fromEnd = end - to < from - place;
        if (next !== undefined && (fromEnd || chunk.after === undefined))
          return { chunk, before: next, limit: limitOf(chunk) };
        if (chunk.after !== undefined) return { chunk, after: chunk.after, limit: limitOf(chunk) };
      }
      place = end;
      if (place >= to) break;
    }
    return undefined;
  }

  /** Takes what was asked for. eye is the place that must not move. more is false when history has nothing further. */
  fill(wanted: Wanted, page: readonly TapeEvent[], more: boolean, eye: number): void {
    const index = this.#chunks.indexOf(wanted.chunk);
    if (index === -1) return; // the window went elsewhere
    const { chunk } = wanted;
    const next = this.#chunks[index + 1];
    const backwards = wanted.before !== undefined;
    const rows = rowsOf(backwards ? [...page].reverse() : page);
    const stop = rows.findIndex((row) => row.key === (backwards ? chunk.after : next?.first));
    const inside = stop === -1 ? rows : backwards ? rows.slice(stop + 1) : rows.slice(0, stop);
    const left = stop !== -1 || !more || inside.length === 0 ? 0 : chunk.size - inside.length;
    if (backwards) {
      const rest = left > 0 ? [spanChunk(left, chunk.after)] : [];
      this.#replace(index, [...rest, ...cut(inside, left > 0 ? undefined : chunk.after, this.#how)], eye);
    } else {
      const filled = cut(inside, chunk.after, this.#how);
      const rest = left > 0 ? [spanChunk(left, filled.at(-1)?.last ?? chunk.after)] : [];
      this.#replace(index, [...filled, ...rest], eye);
    }
  }

  /** Takes a page of older events, newest first. */
  addOlder(page: { events: readonly TapeEvent[]; next?: string }): void {
    const older = cut(rowsOf([...page.events].reverse()), undefined, this.#how);
    this.#hasOlder = page.next !== undefined;
    this.#olderCursor = page.next;
    const count = older.reduce((sum, chunk) => sum + chunk.count, 0);
    this.#base -= count;
    this.#count += count;
    this.#chunks.unshift(...older);
    this.#letNewGo();
  }

  /** Takes the gap away and puts what was missing in its place. */
  fillGap(key: string, events: readonly TapeEvent[], eye: number): void {
    const index = this.#chunks.findIndex((chunk) => chunk.gap?.key === key);
    if (index !== -1) this.#replace(index, cut(rowsOf(events), undefined, this.#how), eye);
  }

  /** Changes what a gap's row says. */
  markGap(key: string, change: { loading?: boolean; fault?: string }): void {
    this.#chunks = this.#chunks.map((chunk) => {
      if (chunk.gap?.key !== key) return chunk;
      const { fault: _, ...gap } = chunk.gap;
      return gapChunk({ ...gap, ...change });
    });
  }

  /** Lets go of what is far from these places, when there is too much in memory. */
  release(from: number, to: number): void {
    const near: { index: number; distance: number }[] = [];
    let place = this.#base;
    let events = 0;
    let weight = 0;
    let index = -1;
    for (const chunk of this.#chunks) {
      index++;
      const end = place + chunk.count;
      if (chunk.events !== undefined) {
        events += chunk.size;
        weight += chunk.weight;
        near.push({ index, distance: Math.max(from - end, place - to, 0) });
      }
      place = end;
    }
    if (events <= this.#bounds.events && weight <= this.#bounds.weight) return;
    near.sort((a, b) => b.distance - a.distance);
    for (const { index, distance } of near) {
      const chunk = this.#chunks[index];
      // The newest stretch still grows, and one without neighbours could not be asked for again.
      if (chunk === undefined || distance === 0 || index === this.#chunks.length - 1) continue;
      const found = chunk.after ?? this.#chunks[index + 1]?.first;
      if (found === undefined && !takesOn(this.#chunks[index - 1])) continue;
      if (events <= this.#bounds.events && weight <= this.#bounds.weight) break;
      this.#chunks[index] = released(chunk);
      events -= chunk.size;
      weight -= chunk.weight;
    }
    joinReleased(this.#chunks);
  }

  #restart(): void {
    this.#chunks = [];
    this.#base = 0;
    this.#count = 0;
    this.#beyond = 0;
    this.#exact = true;
    this.#generation++;
    this.#moved++;
    this.#hasOlder = true;
    this.#olderCursor = undefined;
  }

  #lastId(): string | undefined {
    const last = this.#chunks.at(-1);
    return last?.gap === undefined ? last?.last : this.#chunks.at(-2)?.last;
  }

  /** Places for events of which only the number is known; those that follow on such ones are one with them. */
  #appendSpan(size: number, after: string | undefined): void {
    const tail = this.#chunks.at(-1);
    if (tail === undefined || tail.last !== undefined || tail.gap !== undefined) {
      this.#append([spanChunk(size, after)]);
      return;
    }
    this.#chunks.pop();
    this.#count -= tail.count;
    this.#append([spanChunk(tail.size + size, tail.after)]);
  }

  #appendArrived(items: readonly Arrived[]): void {
    let run: EventRow[] = [];
    const flush = () => {
      if (run.length > 0) this.#appendEvents(run);
      run = [];
    };
    for (const item of items) {
      if (this.weigh(item) === 0) continue;
      if (item.kind === 'event') run.push(item);
      else {
        flush();
        if (item.kind === 'gap') this.#append([gapChunk(item)]);
        else this.#appendSpan(this.weigh(item), this.#lastId() ?? item.left.after);
      }
    }
    flush();
  }

  #appendEvents(events: readonly EventRow[]): void {
    const tail = this.#chunks.at(-1);
    if (tail?.events === undefined || tail.size + events.length > CHUNK) {
      this.#append(cut(events, this.#lastId(), this.#how));
      return;
    }
    // Most of the time there is nothing to lay out anew.
    const plain = this.#how.order === 'arrival' && !this.#how.group;
    const all = tail.events.concat(events);
    const rows = plain ? all : layOut(all, this.#how);
    if (!plain) this.#moved++;
    const weight = tail.weight + eventChunk(events, undefined, PLAIN).weight;
    const last = events.at(-1)?.key;
    this.#chunks.pop();
    this.#count -= tail.count;
    this.#append([{ ...tail, events: all, rows, count: rows.length, size: all.length, last, weight }]);
  }

  #append(chunks: readonly Chunk[]): void {
    for (const chunk of chunks) {
      this.#chunks.push(chunk);
      this.#count += chunk.count;
    }
    this.#letOldGo();
  }

  #letOldGo(): void {
    let drop = 0;
    for (const chunk of this.#chunks) {
      if (this.#count - chunk.count < this.#bounds.rows) break;
      this.#count -= chunk.count;
      this.#base += chunk.count;
      drop++;
    }
    if (drop === 0) return;
    this.#chunks.splice(0, drop);
    this.#hasOlder = true;
    this.#olderCursor = undefined;
  }

  #letNewGo(): void {
    let keep = this.#chunks.length;
    while (keep > 1) {
      const last = this.#chunks[keep - 1];
      if (last === undefined || this.#count - last.count < this.#bounds.rows) break;
      this.#count -= last.count;
      this.#beyond += last.size;
      keep--;
    }
    if (keep === this.#chunks.length) return;
    this.#chunks.length = keep;
    const last = this.#lastId();
    this.#heard = (last === undefined ? undefined : this.#ring.find(last)) ?? this.#ring.start;
  }

  /** Puts other chunks in the place of one. Rows on the far side of the eye keep their numbers. */
  #replace(index: number, chunks: readonly Chunk[], eye: number): void {
    const old = this.#chunks[index];
    if (old === undefined) return;
    let place = this.#base;
    for (let i = 0; i < index; i++) place += this.#chunks[i]?.count ?? 0;
    const delta = chunks.reduce((sum, chunk) => sum + chunk.count, 0) - old.count;
    if (delta !== 0) {
      if (eye >= place + old.count) this.#base -= delta;
      this.#count += delta;
      this.#moved++;
    }
    this.#chunks.splice(index, 1, ...chunks);
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
    this.#newestSeq = -1;
    this.#gaps++;
    return { kind: 'gap', key: `gap-${String(this.#gaps)}`, gap: item };
  }
}

function limitOf(chunk: Chunk): number {
  return Math.min(PAGE, Math.max(1, chunk.size));
}

const PENDING = 'pending-';

/** Whether it is the key of a row that isn't in memory, and goes when the row comes. */
export function isPending(key: string): boolean {
  return key.startsWith(PENDING);
}

function pending(place: number): Row {
  return { kind: 'pending', key: `${PENDING}${String(place)}` };
}
