// What the tape's rows are, and how events become rows: in which order, and whether bursts of one feed are put together.
import type { Gap, TapeEvent } from '../wire/event';

export interface EventRow {
  kind: 'event';
  key: string;
  event: TapeEvent;
  /** The value of the same key before this one. */
  before?: string;
  /** How long it took from its source to here, in ms, when it was put before others that had come earlier. */
  late?: number;
  /** Part of a burst that is laid open. */
  member?: boolean;
}
export interface GapRow {
  kind: 'gap';
  key: string;
  gap: Gap;
  /** Whether what is missing is being asked for, or why it did not come. */
  loading?: boolean;
  fault?: string;
}
/** A burst of one feed; its events follow as rows of their own when it is open. */
export interface GroupRow {
  kind: 'group';
  key: string;
  events: readonly EventRow[];
  open: boolean;
}
/** One that is known, but not in memory: it is on its way from the server. */
export interface PendingRow {
  kind: 'pending';
  key: string;
}
export type Row = EventRow | GapRow | GroupRow | PendingRow;

export const ORDERS = ['arrival', 'source'] as const;
export type Order = (typeof ORDERS)[number];

export interface Layout {
  order: Order;
  group: boolean;
  /** Keys of the bursts that are laid open. */
  open: ReadonlySet<string>;
}

export const PLAIN: Layout = { order: 'arrival', group: false, open: new Set() };

/** How high a row is at least, in pixels. */
export const ROW_HEIGHT = { compact: 32, comfortable: 44 } as const;

/** So many events of one feed, each that soon after the other, are a burst. */
const BURST = 4;
const BURST_MS = 2_000;
/** Clocks differ: what was put before others is late only by more than this. */
const LATE_MS = 1_000;

/** Lays out consecutive events, oldest first. The same events always give the same rows. */
export function layOut(events: readonly EventRow[], how: Layout): readonly Row[] {
  const ordered = how.order === 'source' ? bySource(events) : events;
  return how.group ? grouped(ordered, how.open) : ordered;
}

/** The time by which the source order goes; the time of receipt where the source gave none. */
export function sourceMoment(event: TapeEvent): number {
  const source = Date.parse(event.sourceTime ?? event.receivedAt);
  return Number.isNaN(source) ? 0 : source;
}

function bySource(events: readonly EventRow[]): EventRow[] {
  const timed = events.map((row, arrival) => ({ row, arrival, at: sourceMoment(row.event) }));
  timed.sort((a, b) => a.at - b.at || a.arrival - b.arrival);
  // Late is what stands before something that had come earlier.
  let earliest = Infinity;
  const late = new Set<number>();
  for (const item of [...timed].reverse()) {
    if (item.arrival > earliest) late.add(item.arrival);
    earliest = Math.min(earliest, item.arrival);
  }
  return timed.map(({ row, arrival, at }) => {
    const delay = Date.parse(row.event.receivedAt) - at;
    return late.has(arrival) && delay > LATE_MS ? { ...row, late: delay } : row;
  });
}

function grouped(events: readonly EventRow[], open: ReadonlySet<string>): Row[] {
  const rows: Row[] = [];
  for (let start = 0; start < events.length;) {
    const end = burstEnd(events, start);
    const burst = events.slice(start, end);
    const first = burst[0];
    if (burst.length < BURST || first === undefined) rows.push(...burst);
    else {
      const group: GroupRow = { kind: 'group', key: `group-${first.key}`, events: burst, open: false };
      group.open = open.has(group.key);
      rows.push(group);
      if (group.open) rows.push(...burst.map((row): EventRow => ({ ...row, member: true })));
    }
    start = end;
  }
  return rows;
}

function burstEnd(events: readonly EventRow[], start: number): number {
  let end = start + 1;
  for (let last = events[start]; end < events.length; end++) {
    const next = events[end];
    if (next === undefined || next.event.feed !== last?.event.feed) break;
    if (Date.parse(next.event.receivedAt) - Date.parse(last.event.receivedAt) > BURST_MS) break;
    last = next;
  }
  return end;
}

const MOST_KEYS = 5_000;

/** The last value of each key, to tell by how much the next one differs. Keeps those that changed last. */
export class LastValues {
  #values = new Map<string, string>();

  row(event: TapeEvent): EventRow {
    const row: EventRow = { kind: 'event', key: event.id, event };
    if (event.value === undefined) return row;
    const of = `${event.feed}\n${event.key ?? ''}`;
    const before = this.#values.get(of);
    if (before !== undefined) row.before = before;
    this.#values.delete(of);
    this.#values.set(of, event.value);
    if (this.#values.size > MOST_KEYS) {
      for (const oldest of this.#values.keys()) {
        this.#values.delete(oldest);
        break;
      }
    }
    return row;
  }
}

/** Makes rows of a page of history, oldest first. */
export function rowsOf(events: readonly TapeEvent[]): EventRow[] {
  const values = new LastValues();
  return events.map((event) => values.row(event));
}
