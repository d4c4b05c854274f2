// The newest rows of all feeds, so that the newest end can be shown at once, whatever is looked at meanwhile.
import type { Left } from '../wire/event';
import type { EventRow, GapRow } from './tapeRows';

/** What the stream brought: events, gaps, and how many events it left out because too many came at once. */
export interface LeftRow {
  kind: 'left';
  left: Left;
}
export type Arrived = EventRow | GapRow | LeftRow;

export type Feeds = ReadonlySet<string> | undefined;

/** How many events of these feeds it stands for. A gap belongs to all. */
export function weigh(item: Arrived, feeds: Feeds): number {
  if (item.kind === 'gap') return 1;
  if (item.kind === 'event') return feeds === undefined || feeds.has(item.event.feed) ? 1 : 0;
  let sum = 0;
  for (const [feed, count] of item.left.feeds) if (feeds?.has(feed) ?? true) sum += count;
  return sum;
}

export class Ring {
  readonly #cap: number;
  #items: readonly Arrived[] = [];
  #heard = 0;

  constructor(cap: number) {
    this.#cap = cap;
  }

  /** How many items came by; the number of the newest. */
  get heard(): number {
    return this.#heard;
  }
  /** The number of the last item that isn't held any more. */
  get start(): number {
    return this.#heard - this.#items.length;
  }
  get items(): readonly Arrived[] {
    return this.#items;
  }

  push(items: readonly Arrived[]): void {
    this.#heard += items.length;
    const all = this.#items.concat(items);
    this.#items = all.length > this.#cap ? all.slice(-this.#cap) : all;
  }

  /** The items after that number, as far as they are held. */
  after(heard: number): readonly Arrived[] {
    return this.#items.slice(Math.max(0, heard - this.start));
  }

  /** The number of the event with that id, when it is held. */
  find(id: string): number | undefined {
    const index = this.#items.findIndex((item) => item.kind === 'event' && item.key === id);
    return index === -1 ? undefined : this.start + index + 1;
  }

  /** The number of the last item before the events after that seq. */
  upTo(seq: number): number {
    const index = this.#items.findIndex((item) => item.kind === 'event' && item.event.seq > seq);
    return index === -1 ? this.#heard : this.start + index;
  }

  first(): EventRow | undefined {
    return this.#items.find((item) => item.kind === 'event');
  }
}
