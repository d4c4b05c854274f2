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
  #shown = new Map<number, Slotted<T>>();
  // Where no row stays, as in a flood, the first row takes the first element: so they stand in order.
  #origin = 0;
  #end = 0;
  #start = 0;

  /** Shows the items from a place on, at most `size` of them, below one that isn't shown. */
  show(start: number, items: readonly T[], above: T | undefined, size: number): Slotted<T>[] {
    const end = start + items.length;
    if (start >= this.#end || end <= this.#start) this.#origin = start;
    this.#start = start;
    this.#end = end;
    return items.map((item, index) => this.#put(start + index, item, items[index - 1] ?? above, size));
  }

  #put(place: number, item: T, above: T | undefined, size: number): Slotted<T> {
    const slot = (((place - this.#origin) % size) + size) % size;
    const shown = this.#shown.get(slot);
    if (shown?.place === place && shown.item === item && shown.above === above) return shown;
    const next = { slot, place, item, above };
    this.#shown.set(slot, next);
    return next;
  }
}
