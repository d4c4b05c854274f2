// A long row of places, each of one row of the tape, of which those near the view and the newest end are in memory.
// The others are read from the server's history when they come into view. Plain logic; tapeWindow.ts says what comes.
import type { TapeEvent } from '../wire/event';
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
import { layOut, PLAIN, rowsOf, type EventRow, type GapRow, type Layout, type Row } from './tapeRows';

export interface Room {
  /** Rows that have a place. */
  rows: number;
  /** Events in memory, and about how many characters they may have. */
  events: number;
  /** The same while the newest end is followed: those of a flood pass by, and the longer they stay the dearer is their end. */
  passing: number;
  weight: number;
}

/** What is asked of the server's history to fill a chunk: after an event, oldest first, or before one, newest first. */
export interface Wanted {
  chunk: Chunk;
  after?: string;
  before?: string;
  limit: number;
}

/** How many events to ask for at once. */
const PAGE = 500;

export class TapePlaces {
  readonly #room: Room;
  /** Changed in place: a flood makes thousands of them, and copies would be most of what is to be collected. */
  #chunks: Chunk[] = [];
  #how: Layout = PLAIN;
  #base = 0;
  #count = 0;
  #generation = 0;
  #moved = 0;
  #hasOlder = true;
  #olderCursor: string | undefined;

  constructor(room: Room) {
    this.#room = room;
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
  get how(): Layout {
    return this.#how;
  }
  /** Whether history may have something before the first row. */
  get hasOlder(): boolean {
    return this.#hasOlder;
  }
  /** Where to ask for it: before this id. Undefined while no event has a place, or the first ones were only counted. */
  get olderCursor(): string | undefined {
    return this.#olderCursor ?? this.#chunks.find((chunk) => chunk.gap === undefined)?.first;
  }
  /** Whether no event has a place. */
  get empty(): boolean {
    return this.#chunks.every((chunk) => chunk.gap !== undefined);
  }
  /** The last event before what comes next, where known. */
  get lastId(): string | undefined {
    const last = this.#chunks.at(-1);
    return last?.gap === undefined ? last?.last : this.#chunks.at(-2)?.last;
  }
  /** The number of the last event, if it is in memory. */
  get lastSeq(): number | undefined {
    return this.#chunks.at(-1)?.events?.at(-1)?.event.seq;
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

  /** The place of a row in memory; of an event in a closed burst that of the burst. */
  placeOf(key: string): number | undefined {
    if (isPending(key)) return Number(key.slice(PENDING.length));
    let place = this.#base;
    for (const chunk of this.#chunks) {
      const index = chunk.rows?.findIndex((row) => holds(row, key)) ?? -1;
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

  /** Begins anew without a row. older says whether history has something before what comes. */
  clear(older = true): void {
    this.#chunks = [];
    this.#base = 0;
    this.#count = 0;
    this.#generation++;
    this.#moved++;
    this.#hasOlder = older;
    this.#olderCursor = undefined;
  }

  /** Another layout, for rows to come. */
  lay(how: Layout): void {
    this.#how = how;
  }

  /** Puts events at the end. */
  append(events: readonly EventRow[]): void {
    const tail = this.#chunks.at(-1);
    if (tail?.events === undefined || tail.size + events.length > CHUNK) {
      this.#push(cut(events, this.lastId, this.#how));
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
    this.#push([{ ...tail, events: all, rows, count: rows.length, size: all.length, last, weight }]);
  }

  appendGap(gap: GapRow): void {
    this.#push([gapChunk(gap)]);
  }

  /** Places for events of which only the number is known; those that follow on such ones are one with them. */
  appendSpan(size: number, after = this.lastId): void {
    const tail = this.#chunks.at(-1);
    if (tail === undefined || tail.last !== undefined || tail.gap !== undefined) {
      this.#push([spanChunk(size, after)]);
      return;
    }
    this.#chunks.pop();
    this.#count -= tail.count;
    this.#push([spanChunk(tail.size + size, tail.after)]);
  }

  /** Takes a page of older events, newest first. Returns how many events at the newest end lost their place for it. */
  addOlder(page: { events: readonly TapeEvent[]; next?: string }): number {
    const older = cut(rowsOf([...page.events].reverse()), undefined, this.#how);
    this.#hasOlder = page.next !== undefined;
    this.#olderCursor = page.next;
    const count = older.reduce((sum, chunk) => sum + chunk.count, 0);
    this.#base -= count;
    this.#count += count;
    this.#chunks.unshift(...older);
    return this.#letNewGo();
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
  release(from: number, to: number, following = false): void {
    const most = following ? this.#room.passing : this.#room.events;
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
    if (events <= most && weight <= this.#room.weight) return;
    near.sort((a, b) => b.distance - a.distance);
    for (const { index, distance } of near) {
      const chunk = this.#chunks[index];
      // The newest stretch still grows, and one without neighbours could not be asked for again.
      if (chunk === undefined || distance === 0 || index === this.#chunks.length - 1) continue;
      const found = chunk.after ?? this.#chunks[index + 1]?.first;
      if (found === undefined && !takesOn(this.#chunks[index - 1])) continue;
      if (events <= most && weight <= this.#room.weight) break;
      this.#chunks[index] = released(chunk);
      events -= chunk.size;
      weight -= chunk.weight;
    }
    joinReleased(this.#chunks);
  }

  #push(chunks: readonly Chunk[]): void {
    for (const chunk of chunks) {
      this.#chunks.push(chunk);
      this.#count += chunk.count;
    }
    this.#letOldGo();
  }

  #letOldGo(): void {
    let drop = 0;
    for (const chunk of this.#chunks) {
      if (this.#count - chunk.count < this.#room.rows) break;
      this.#count -= chunk.count;
      this.#base += chunk.count;
      drop++;
    }
    if (drop === 0) return;
    this.#chunks.splice(0, drop);
    this.#hasOlder = true;
    this.#olderCursor = undefined;
  }

  #letNewGo(): number {
    let keep = this.#chunks.length;
    let events = 0;
    while (keep > 1) {
      const last = this.#chunks[keep - 1];
      if (last === undefined || this.#count - last.count < this.#room.rows) break;
      this.#count -= last.count;
      events += last.size;
      keep--;
    }
    this.#chunks.length = keep;
    return events;
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
}

function holds(row: Row, key: string): boolean {
  if (row.kind === 'group' && !row.open && row.events.some((event) => event.key === key)) return true;
  return row.key === key;
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
