// Up to where each feed was looked at, told to the server now and then: who looks at the tape's newest end has seen what
// came before it, of all feeds that are shown.
import { ApiError } from '../api/client';

const EVERY_MS = 2_000;

export class Seen {
  readonly #save: (feeds: Record<string, string>) => Promise<void>;
  #may: boolean;
  #due = new Map<string, string>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(save: (feeds: Record<string, string>) => Promise<void>, may: boolean) {
    this.#save = save;
    this.#may = may;
  }

  /** These feeds were looked at, up to the event with that id. */
  looked(feeds: Iterable<string>, upTo: string): void {
    if (!this.#may) return;
    for (const feed of feeds) this.#due.set(feed, upTo);
    if (this.#due.size > 0) this.#timer ??= setTimeout(() => void this.flush(), EVERY_MS); // it keeps its own failure
  }

  /** Tells it now: nobody looks any more. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#due.size === 0) return;
    const feeds = Object.fromEntries(this.#due);
    this.#due.clear();
    try {
      await this.#save(feeds);
    } catch (error) {
      // The next event of the feed says it, too; until then it counts as unread. A server that keeps no such thing isn't
      // asked again.
      if (error instanceof ApiError && error.status === 404) this.#may = false;
    }
  }
}
