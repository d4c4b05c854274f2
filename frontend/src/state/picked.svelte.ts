import { sentenceOf, type Client } from '../api/client';
import { parseEvent } from '../wire/event';
import { selection, type Shown } from './exportChoice';
import { countOf, idList, isPicked, NONE, toggled, type Picks } from './picks';
import type { Stars } from './stars.svelte';
import type { Tape } from './tape.svelte';
import type { EventRow, Row } from './tapeRows';

/** More events than this are exported, not copied or starred. */
export const MOST_AT_ONCE = 1_000;

/** Where a range begins: its row may be out of memory when it ends. */
interface Start {
  row: Row;
  place: number;
  moved: number;
}

/** The events of the tape that are selected together, and what can be done with them. */
export class Picked {
  readonly #tape: Tape;
  readonly #client: Client;
  readonly #stars: Stars;
  readonly #shown: () => Shown;
  #picks = $state.raw<Picks>(NONE);
  #full = $state(false);
  #start: Start | undefined;

  constructor(tape: Tape, client: Client, stars: Stars, shown: () => Shown) {
    this.#tape = tape;
    this.#client = client;
    this.#stars = stars;
    this.#shown = shown;
  }

  /** How many are selected; undefined where the server alone could say. */
  get count(): number | undefined {
    return countOf(this.#picks);
  }
  get some(): boolean {
    return this.#picks !== NONE && this.count !== 0;
  }
  /** Whether it is all that there was. */
  get everything(): boolean {
    return this.#picks.range?.from === 1;
  }
  /** Whether they are few enough to be copied or starred. */
  get few(): boolean {
    return (this.count ?? Infinity) <= MOST_AT_ONCE;
  }
  /** Whether the last one could not be added, as there are too many that were picked one by one. */
  get full(): boolean {
    return this.#full;
  }
  /** As GET /export takes them. */
  get ids(): string {
    const { id } = this.#tape.newest;
    return idList(this.#picks, id?.slice(0, id.lastIndexOf('-') + 1) ?? '');
  }

  has(row: Row): boolean {
    const events = eventsOf(row);
    return events.length > 0 && events.every(({ event }) => isPicked(this.#picks, event.seq));
  }

  clear(): void {
    this.#start = undefined;
    this.#full = false;
    if (this.#picks !== NONE) this.#picks = NONE;
  }

  /** Selects a row besides the others, or takes it out. */
  toggle(row: Row): void {
    const before = this.#cursor();
    // The row that the keyboard is at looks selected, so it is.
    if (!this.some && before !== undefined && before.row.key !== row.key) this.#add(before.row);
    this.#add(row);
    this.#start = this.#at(row);
  }

  /** Selects what is between the last row that was picked, or the one that the keyboard is at, and this one. */
  extend(row: Row): void {
    this.#start ??= this.#cursor() ?? this.#at(row);
    const to = this.#at(row);
    if (this.#start === undefined || to === undefined) return;
    const { moved } = this.#tape.rows;
    const from =
      this.#tape.rows.placeOf(this.#start.row.key) ??
      (moved === this.#start.moved ? this.#start.place : undefined);
    this.#full = false;
    if (this.#tape.layout.order === 'source') this.#between(from ?? to.place, to.place);
    else this.#range(this.#start.row, row, from, to.place);
  }

  /** Selects all that is shown and was there before, in memory or not. */
  all(): void {
    const { rows, hasOlder, unseen, exact, newest } = this.#tape;
    if (newest.seq < 1) return;
    const here = hasOlder || !exact ? undefined : rows.events(rows.base, rows.base + rows.count);
    const count = here === undefined ? undefined : here + unseen;
    this.#full = false;
    this.#picks = { range: { from: 1, to: newest.seq, count }, single: new Set() };
  }

  /** The selected events, one a line. Rejects with a sentence. */
  lines(): Promise<string> {
    const all = { kind: 'open' } as const;
    return this.#client.exported(
      selection({ what: 'picked', from: all, to: all, format: 'ndjson' }, this.#shown(), undefined, this.ids),
    );
  }

  /** Stars all of them, or takes the stars away when all have one. Returns how many that changed. */
  async star(): Promise<number> {
    try {
      const text = await this.lines();
      const ids = text.split('\n').flatMap((line) => (line === '' ? [] : [parseEvent(line).id]));
      const starless = ids.filter((id) => !this.#stars.has(id));
      const change = starless.length === 0 ? ids : starless;
      for (const id of change) await this.#stars.toggle(id);
      return change.length;
    } catch (error) {
      this.#stars.fail(sentenceOf(error));
      return 0;
    }
  }

  #add(row: Row): void {
    const events = eventsOf(row);
    if (events.length === 0) return;
    const next = toggled(
      this.#picks,
      events.map(({ event }) => event.seq),
    );
    this.#full = next === undefined;
    this.#picks = next ?? this.#picks;
  }

  #range(start: Row, end: Row, from: number | undefined, to: number): void {
    const seqs = [...eventsOf(start), ...eventsOf(end)].map(({ event }) => event.seq);
    if (eventsOf(end).length === 0) return; // a gap is passed by
    const count =
      from === undefined ? undefined : this.#tape.rows.events(Math.min(from, to), Math.max(from, to) + 1);
    const range = { from: Math.min(...seqs), to: Math.max(...seqs), count };
    this.#picks = { range, single: new Set() };
  }

  /** Rows that aren't in the order of their numbers are no range of numbers. */
  #between(from: number, to: number): void {
    const rows = this.#tape.rows.slice(Math.min(from, to), Math.max(from, to) + 1);
    const next = toggled(
      NONE,
      rows.flatMap(eventsOf).map(({ event }) => event.seq),
    );
    this.#full = next === undefined;
    this.#picks = next ?? this.#picks;
  }

  #cursor(): Start | undefined {
    const { cursor, rows } = this.#tape;
    const place = cursor === undefined ? undefined : rows.placeOf(cursor);
    const [row] = place === undefined ? [] : rows.slice(place, place + 1);
    return row === undefined ? undefined : this.#at(row);
  }

  #at(row: Row): Start | undefined {
    const { rows } = this.#tape;
    const place = rows.placeOf(row.key);
    return place === undefined ? undefined : { row, place, moved: rows.moved };
  }
}

/** The events of a row. Those of a burst that is laid open are rows of their own. */
function eventsOf(row: Row): readonly EventRow[] {
  if (row.kind === 'event') return [row];
  return row.kind === 'group' && !row.open ? row.events : [];
}
