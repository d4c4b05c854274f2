// Which event of each feed was the last one that somebody looked at, told to the server now and then.
import { ApiError } from '../api/client';
import type { Arrived } from './tapeRing';

const EVERY_MS = 2_000;

export class Seen {
  readonly #save: (feeds: Record<string, string>) => Promise<void>;
  #may: boolean;
  #newest = new Map<string, string>();
  #due = new Map<string, string>();
  #waiting = false;

  constructor(save: (feeds: Record<string, string>) => Promise<void>, may: boolean) {
    this.#save = save;
    this.#may = may;
  }

  arrived(rows: readonly Arrived[]): void {
    for (const row of rows) if (row.kind === 'event') this.#newest.set(row.event.feed, row.event.id);
  }

  /** What came of these feeds was looked at. */
  looked(of: (feed: string) => boolean): void {
    for (const [feed, id] of this.#newest) {
      if (!of(feed)) continue;
      this.#due.set(feed, id);
      this.#newest.delete(feed);
    }
    if (!this.#may || this.#due.size === 0 || this.#waiting) return;
    this.#waiting = true;
    setTimeout(() => void this.#send(), EVERY_MS); // it keeps its own failure
  }

  async #send(): Promise<void> {
    this.#waiting = false;
    const feeds = Object.fromEntries(this.#due);
    this.#due.clear();
    try {
      await this.#save(feeds);
    } catch (error) {
      // The next event of the feed says it, too; until then it counts as unread in another window. A server that keeps
      // no such thing isn't asked again.
      if (error instanceof ApiError && error.status === 404) this.#may = false;
    }
  }
}
