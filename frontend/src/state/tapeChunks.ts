// Stretches of the tape, one after the other. Those far from what is looked at are let go: their number of rows stays,
// and with it the place of every other row; they are read from the server's history again when somebody comes by.
import type { TapeEvent } from '../wire/event';
import { layOut, type EventRow, type GapRow, type Layout, type Row } from './tapeRows';

/** Rows of one stretch; about one request's worth. */
export const CHUNK = 250;

export interface Chunk {
  /** How many rows it has, and of how many events they are made. */
  count: number;
  size: number;
  /** Undefined when it isn't in memory. */
  events: readonly EventRow[] | undefined;
  rows: readonly Row[] | undefined;
  gap?: GapRow;
  /** The event before its first one, where known; and its own first and last ones. */
  after: string | undefined;
  first: string | undefined;
  last: string | undefined;
  /** About how much memory it takes, in characters. */
  weight: number;
}

export function eventChunk(events: readonly EventRow[], after: string | undefined, how: Layout): Chunk {
  const rows = layOut(events, how);
  return {
    count: rows.length,
    size: events.length,
    events,
    rows,
    after,
    first: events[0]?.key,
    last: events.at(-1)?.key,
    weight: events.reduce((sum, row) => sum + weightOf(row.event), 0),
  };
}

export function gapChunk(gap: GapRow): Chunk {
  const none = { after: undefined, first: undefined, last: undefined };
  return { count: 1, size: 1, events: undefined, rows: [gap], gap, ...none, weight: 0 };
}

/** Events of which only the number is known. */
export function spanChunk(size: number, after: string | undefined): Chunk {
  return {
    count: size,
    size,
    events: undefined,
    rows: undefined,
    after,
    first: undefined,
    last: undefined,
    weight: 0,
  };
}

/** The same chunk out of memory. */
export function released(chunk: Chunk): Chunk {
  return { ...chunk, events: undefined, rows: undefined, weight: 0 };
}

/** Whether what follows a chunk can be asked for together with it. */
export function takesOn(chunk: Chunk | undefined): boolean {
  return chunk !== undefined && chunk.rows === undefined && chunk.after !== undefined;
}

/**
 * Puts neighbours that are out of memory together, in place, as long as they are short; but the last one still grows. In a flood
 * each few events stand between some that were only counted, and nobody knows the event before them: once they are let go,
 * they are found with those, however many these are.
 */
export function joinReleased(chunks: Chunk[]): void {
  let kept = 0;
  chunks.forEach((chunk, index) => {
    const before = chunks[kept - 1];
    const last = index === chunks.length - 1;
    if (before === undefined || last || !joins(before, chunk)) {
      chunks[kept++] = chunk;
      return;
    }
    const [count, size] = [before.count + chunk.count, before.size + chunk.size];
    chunks[kept - 1] = { ...before, count, size, last: chunk.last };
  });
  chunks.length = kept;
}

function joins(before: Chunk, chunk: Chunk): boolean {
  if (chunk.rows !== undefined || !takesOn(before)) return false;
  return chunk.after === undefined || before.size + chunk.size <= CHUNK;
}

/** Long lists are cut, so that each part can be let go by itself. */
export function cut(events: readonly EventRow[], after: string | undefined, how: Layout): Chunk[] {
  const chunks: Chunk[] = [];
  for (let at = 0; at < events.length; at += CHUNK) {
    const chunk = eventChunk(events.slice(at, at + CHUNK), after, how);
    chunks.push(chunk);
    after = chunk.last;
  }
  return chunks;
}

/** How many events are between two rows of these chunks; undefined when nobody can tell. */
export function eventsIn(chunks: readonly Chunk[], from: number, to: number): number | undefined {
  let events = 0;
  let start = 0;
  for (const chunk of chunks) {
    const [first, end] = [Math.max(from - start, 0), Math.min(to - start, chunk.count)];
    start += chunk.count;
    if (first >= end || chunk.gap !== undefined) continue;
    if (end - first === chunk.count || chunk.count === chunk.size) {
      events += end - first === chunk.count ? chunk.size : end - first;
      continue;
    }
    if (chunk.rows === undefined) return undefined;
    for (const row of chunk.rows.slice(first, end)) events += eventsOf(row);
  }
  return events;
}

/** The events of a burst that is laid open are rows of their own. */
function eventsOf(row: Row): number {
  if (row.kind === 'group') return row.open ? 0 : row.events.length;
  return row.kind === 'event' ? 1 : 0;
}

function weightOf(event: TapeEvent): number {
  return 400 + (event.data?.length ?? 0) + (event.text?.length ?? 0) + (event.title?.length ?? 0);
}
