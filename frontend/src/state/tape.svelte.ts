import { sentenceOf, type Client } from '../api/client';
import type { Gap, TapeEvent } from '../wire/event';
import { TapeWindow, type Row } from './tapeWindow';

type Paging = { kind: 'idle' } | { kind: 'loading' } | { kind: 'failed'; sentence: string };

const PAGE = 300;
/** So many rows are shown before an event that is gone to. */
const CONTEXT = 4;
/** The way back to the newest end must be faster than what comes there. */
const NEWER_PAGE = 1_000;

/** The merged tape as the page shows it: rows, the place where its reader is, and the chosen event. */
export class Tape {
  readonly #client: Client;
  readonly #window = new TapeWindow();
  #rows = $state.raw<readonly Row[]>([]);
  #base = $state(0);
  #generation = $state(0);
  #atTail = $state(true);
  #hasOlder = $state(false);
  #older = $state.raw<Paging>({ kind: 'idle' });
  #newer = $state.raw<Paging>({ kind: 'idle' });
  #anchor = $state.raw<number | undefined>();
  #unseen = $state(0);
  #selected = $state.raw<TapeEvent | undefined>();
  #open = $state(false);
  #feeds: readonly string[] = [];
  #q = '';
  #going = 0;

  constructor(client: Client) {
    this.#client = client;
  }

  get rows(): readonly Row[] {
    return this.#rows;
  }
  get base(): number {
    return this.#base;
  }
  get generation(): number {
    return this.#generation;
  }
  get atTail(): boolean {
    return this.#atTail;
  }
  get hasOlder(): boolean {
    return this.#hasOlder;
  }
  get older(): Paging {
    return this.#older;
  }
  /** The place of the row at the top of the view; undefined while the newest event is followed. */
  get anchor(): number | undefined {
    return this.#anchor;
  }
  get following(): boolean {
    return this.#anchor === undefined;
  }
  /** What came since following stopped. */
  get unseen(): number {
    return this.#unseen;
  }
  get selected(): TapeEvent | undefined {
    return this.#selected;
  }
  /** The event whose detail is open. */
  get inspected(): TapeEvent | undefined {
    return this.#open ? this.#selected : undefined;
  }

  /** How many rows have come by, of all feeds; not state. */
  get arrived(): number {
    return this.#window.arrived;
  }

  /** Takes what the stream brought; returns what was new in it. */
  arrive(items: readonly (TapeEvent | Gap)[]): Row[] {
    const fresh = this.#window.arrive(items, this.following);
    if (!this.following) this.#unseen += fresh.filter((row) => this.#window.isChosen(row)).length;
    this.#show();
    return fresh;
  }

  choose(feeds: readonly string[]): void {
    this.#feeds = feeds;
    this.#window.choose(feeds.length === 0 ? undefined : new Set(feeds));
    this.#restart();
  }

  /** Shows what another query selects; the stream begins anew with it. */
  search(q: string): void {
    this.#q = q;
    this.#window.clear();
    this.#restart();
  }

  /** The event at the top of the view, while it is held there. */
  heldAt(): string | undefined {
    if (this.#anchor === undefined) return undefined;
    const row = this.#rows[Math.floor(this.#anchor - this.#base)];
    return row?.kind === 'event' ? row.event.id : undefined;
  }

  /** Stops following, or moves to another place. */
  hold(anchor: number): void {
    this.#anchor = anchor;
    if (this.#newer.kind === 'failed') this.#newer = { kind: 'idle' };
  }

  follow(): void {
    if (!this.#window.atTail) this.#window.toTail();
    this.#restart();
  }

  select(event: TapeEvent): void {
    this.#selected = event;
  }

  inspect(event: TapeEvent): void {
    this.#selected = event;
    this.#open = true;
  }

  closeInspector(): void {
    this.#open = false;
  }

  async loadOlder(): Promise<void> {
    if (this.#older.kind !== 'idle' || !this.#hasOlder) return;
    const { generation, olderCursor: before } = this.#window;
    if (before === undefined) return;
    this.#older = { kind: 'loading' };
    try {
      const page = await this.#client.events({ feeds: this.#feeds, q: this.#q, limit: PAGE, before });
      if (this.#window.generation !== generation) return;
      this.#window.addOlder(page);
      this.#older = { kind: 'idle' };
      this.#show();
    } catch (error) {
      if (this.#window.generation === generation)
        this.#older = { kind: 'failed', sentence: sentenceOf(error) };
    }
  }

  retryOlder(): void {
    this.#older = { kind: 'idle' };
    void this.loadOlder(); // it keeps its own failure
  }

  /** Only needed when the window has left the newest end. */
  async loadNewer(): Promise<void> {
    if (this.#newer.kind !== 'idle' || this.#atTail) return;
    const { generation, newerCursor: after, arrived } = this.#window;
    if (after === undefined) return;
    this.#newer = { kind: 'loading' };
    try {
      const page = await this.#client.events({ feeds: this.#feeds, q: this.#q, limit: NEWER_PAGE, after });
      if (this.#window.generation !== generation) return;
      this.#window.addNewer(page, arrived);
      this.#show();
      this.#newer = { kind: 'idle' };
    } catch (error) {
      this.#newer = { kind: 'failed', sentence: sentenceOf(error) };
    }
  }

  /** Shows an event among its neighbours in what is selected, and holds there. Rejects with a sentence. */
  async goTo(id: string): Promise<void> {
    const going = ++this.#going;
    const selection = { feeds: this.#feeds, q: this.#q, limit: PAGE / 2 };
    const newer = await this.#client.events({ ...selection, after: id });
    const before = newer.events[0]?.id;
    const older = await this.#client.events({ ...selection, ...(before === undefined ? {} : { before }) });
    if (going !== this.#going) return; // somewhere else by now
    this.#window.goTo([...older.events].reverse().concat(newer.events), older.next !== undefined);
    const place = this.#window.rows.findIndex((row) => row.key === id);
    this.#restart();
    this.#anchor = this.#window.base + Math.max(0, (place === -1 ? older.events.length : place) - CONTEXT);
    this.#show();
  }

  #restart(): void {
    this.#going++;
    this.#anchor = undefined;
    this.#unseen = 0;
    this.#older = { kind: 'idle' };
    this.#newer = { kind: 'idle' };
    this.#show();
  }

  #show(): void {
    this.#rows = this.#window.rows;
    this.#base = this.#window.base;
    this.#generation = this.#window.generation;
    this.#atTail = this.#window.atTail;
    this.#hasOlder = this.#window.hasOlder;
  }
}
