import type { Client } from '../api/client';
import type { Feed } from '../wire/feed';
import { Rates } from './rates';
import type { Arrived } from './tapeRing';

/** The feeds with their health, which of them are shown, and what came since each was last looked at. */
export class Feeds {
  readonly #client: Client;
  readonly #rates = new Rates();
  #list = $state.raw<readonly Feed[]>([]);
  #known = $state(false);
  #unread = $state.raw<ReadonlyMap<string, number>>(new Map());
  #chosen = $state.raw<ReadonlySet<string> | undefined>();
  #byId = $derived(new Map(this.#list.map((feed) => [feed.id, feed])));

  constructor(client: Client, chosen: readonly string[]) {
    this.#client = client;
    if (chosen.length > 0) this.#chosen = new Set(chosen);
  }

  get list(): readonly Feed[] {
    return this.#list;
  }
  /** False until the server has said which feeds there are. */
  get known(): boolean {
    return this.#known;
  }
  /** Undefined is all. */
  get chosen(): ReadonlySet<string> | undefined {
    return this.#chosen;
  }
  /** The name and colour of a feed, also of one that is gone but has history. */
  look(id: string): { name: string; color: number } {
    return this.#byId.get(id) ?? { name: id, color: 0 };
  }
  get(id: string): Feed | undefined {
    return this.#byId.get(id);
  }
  /** As the server counts it, or this page where the server doesn't. */
  unread(id: string): number {
    return this.#byId.get(id)?.unread ?? this.#unread.get(id) ?? 0;
  }
  /** Events in each of the last seconds, the newest last. */
  rates(id: string, now: number): readonly number[] | undefined {
    return this.#rates.of(id, now);
  }
  isChosen(id: string): boolean {
    return this.#chosen?.has(id) ?? true;
  }

  apply(list: readonly Feed[]): void {
    this.#rates.take(list, Date.now());
    this.#list = list;
    this.#known = true;
  }

  /** The chosen feeds that there still are; undefined when none is missing. */
  remaining(): string[] | undefined {
    const chosen = [...(this.#chosen ?? [])];
    const left = chosen.filter((id) => this.#byId.has(id));
    return left.length === chosen.length ? undefined : left;
  }

  choose(ids: readonly string[]): void {
    this.#chosen = ids.length === 0 ? undefined : new Set(ids);
  }

  /** Puts the feeds in this order; those that it leaves out follow. The server says the same a moment later. */
  reorder(ids: readonly string[]): void {
    const place = new Map(ids.map((id, at) => [id, at]));
    const at = (feed: Feed) => place.get(feed.id) ?? ids.length;
    this.#list = [...this.#list].sort((a, b) => at(a) - at(b));
  }

  /** Counts rows as unread, except those of feeds that are being looked at. */
  count(rows: readonly Arrived[], looking: boolean): void {
    let next: Map<string, number> | undefined;
    const add = (feed: string, count: number) => {
      if (looking && this.isChosen(feed)) return;
      next ??= new Map(this.#unread);
      next.set(feed, (next.get(feed) ?? 0) + count);
    };
    for (const row of rows) {
      if (row.kind === 'event') add(row.event.feed, 1);
      else if (row.kind === 'left') row.left.feeds.forEach((count, feed) => add(feed, count));
    }
    if (next !== undefined) this.#unread = next;
  }

  /** The chosen feeds have been looked at. */
  seen(): void {
    if (this.#unread.size === 0) return;
    this.#unread = new Map([...this.#unread].filter(([id]) => !this.isChosen(id)));
  }

  async steer(id: string, verb: 'pause' | 'resume' | 'retry'): Promise<void> {
    const changed = await this.#client.steerFeed(id, verb);
    this.#list = this.#list.map((feed) => (feed.id === id ? changed : feed));
  }
}
