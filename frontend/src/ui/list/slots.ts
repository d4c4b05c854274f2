/** A row and the element that shows it. */
export interface Slotted<T> {
  slot: number;
  place: number;
  item: T;
  above: T | undefined;
}

/**
 * Which element shows which row. Rows come and go by the thousand: the elements of those that leave are used for those
 * that come. What an element shows is the same object while it shows the same, so that rows which stay aren't looked at
 * in each frame.
 */
export class Slots<T> {
  #shown = new Map<number, Slotted<T>>(); // by place

  /** Shows the items from a place on, below one that isn't shown. */
  show(start: number, items: readonly T[], above: T | undefined): Slotted<T>[] {
    const taken = new Set<number>();
    for (const { slot, place } of this.#shown.values())
      if (place >= start && place < start + items.length) taken.add(slot);
    let free = 0;
    const next = () => {
      while (taken.has(free)) free++;
      return free++;
    };
    const before = this.#shown;
    this.#shown = new Map();
    return items.map((item, index) => {
      const place = start + index;
      const below = items[index - 1] ?? above;
      const was = before.get(place);
      const stays = was !== undefined && was.item === item && was.above === below;
      const shown = stays ? was : { slot: was?.slot ?? next(), place, item, above: below };
      this.#shown.set(place, shown);
      return shown;
    });
  }
}
