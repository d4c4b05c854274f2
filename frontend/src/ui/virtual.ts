// The arithmetic of the virtual list. A place is a row's number on an endless scale (`base` is the number of the first row
// there is), so that it stays true when rows are added or let go above it. Rows are as high as they were measured, and as
// high as most are until then; what stands at the top of the view is held by its row, never by a distance from above.

/** A row and how far of it has gone out at the top of the view, in pixels; negative in the space above the first row. */
export interface Anchor {
  place: number;
  px: number;
}

export interface Range {
  start: number;
  end: number;
}

/** Rows of one block share a sum, so that a distance costs as many steps as there are blocks with an odd row. */
const BLOCK = 256;

/** How high each row is. Only those that differ from the usual height are kept. */
export class Heights {
  #usual: number;
  #odd = new Map<number, number>();
  #blocks = new Map<number, number>();

  constructor(usual: number) {
    this.#usual = usual;
  }

  get usual(): number {
    return this.#usual;
  }

  /** Forgets what was measured, as after a change of width or density. */
  reset(usual: number): void {
    this.#usual = usual;
    this.#odd.clear();
    this.#blocks.clear();
  }

  of(place: number): number {
    return this.#usual + (this.#odd.get(place) ?? 0);
  }

  /** Says whether that is news. */
  measured(place: number, height: number): boolean {
    const before = this.#odd.get(place) ?? 0;
    const odd = height - this.#usual;
    if (Math.abs(odd - before) < 0.5) return false;
    if (odd === 0) this.#odd.delete(place);
    else this.#odd.set(place, odd);
    const block = Math.floor(place / BLOCK);
    this.#blocks.set(block, (this.#blocks.get(block) ?? 0) + odd - before);
    return true;
  }

  /** Rows from this place on were put elsewhere: what is known of them is not true any more. */
  forget(from: number, to: number): void {
    if (this.#odd.size === 0) return;
    for (const place of this.#odd.keys()) if (place >= from && place < to) this.measured(place, this.#usual);
  }

  /** Lets go of what lies before the first row there is. */
  trim(base: number): void {
    const first = Math.floor(base / BLOCK);
    for (const block of this.#blocks.keys()) {
      if (block >= first) continue;
      this.#blocks.delete(block);
      for (let place = block * BLOCK; place < (block + 1) * BLOCK; place++) this.#odd.delete(place);
    }
  }

  /** How high the rows from one place to another are together. */
  between(from: number, to: number): number {
    if (to <= from) return 0;
    return (to - from) * this.#usual + this.#odds(to) - this.#odds(from);
  }

  /** The row in which that distance below a place ends. */
  placeAt(from: number, distance: number, to: number): Anchor {
    const last = Math.max(from, to - 1);
    let place = from;
    let top = 0;
    // First by whole blocks, then row by row.
    for (;;) {
      const next = (Math.floor(place / BLOCK) + 1) * BLOCK;
      if (next > last) break;
      const height = place === from ? this.between(from, next) : this.#blockHeight(next - BLOCK);
      if (top + height > distance) break;
      top += height;
      place = next;
    }
    for (; place < last && top + this.of(place) <= distance; place++) top += this.of(place);
    return { place, px: distance - top };
  }

  #blockHeight(first: number): number {
    return BLOCK * this.#usual + (this.#blocks.get(Math.floor(first / BLOCK)) ?? 0);
  }

  /** By how much all rows before the place differ from the usual height. */
  #odds(before: number): number {
    const block = Math.floor(before / BLOCK);
    let sum = 0;
    for (const [at, odd] of this.#blocks) if (at < block) sum += odd;
    if (this.#blocks.has(block)) {
      for (let place = block * BLOCK; place < before; place++) sum += this.#odd.get(place) ?? 0;
    }
    return sum;
  }
}

export interface Shape {
  /** Number of the first row. */
  base: number;
  count: number;
  heights: Heights;
  /** Height of the view, in pixels. */
  viewport: number;
  /** Space above the first row, in pixels. */
  lead: number;
}

export function contentHeight(shape: Shape): number {
  return shape.lead + topOf(shape.base + shape.count, shape);
}

/** The distance of a row from the first one. */
export function topOf(place: number, shape: Shape): number {
  return shape.heights.between(shape.base, place);
}

/** The largest scroll offset. */
export function bottom(shape: Shape): number {
  return Math.max(0, contentHeight(shape) - shape.viewport);
}

/** The scroll offset that puts the anchor at the top of the view; undefined is the newest end. */
export function offsetOf(anchor: Anchor | undefined, shape: Shape): number {
  const end = bottom(shape);
  if (anchor === undefined) return end;
  return Math.min(end, Math.max(0, shape.lead + topOf(anchor.place, shape) + anchor.px));
}

/** What stands at the top of the view. */
export function anchorAt(offset: number, shape: Shape): Anchor {
  const down = offset - shape.lead;
  if (down < 0) return { place: shape.base, px: down };
  return shape.heights.placeAt(shape.base, down, shape.base + shape.count);
}

/** The places of the rows to draw: those in view with some more on both sides, and `least` in all where there are as many. */
export function rangeAt(offset: number, shape: Shape, overscan: number, least = 0): Range {
  const { base, count } = shape;
  const first = anchorAt(Math.max(shape.lead, offset), shape).place - overscan;
  const last = anchorAt(Math.max(shape.lead, offset + shape.viewport), shape).place + overscan;
  const start = Math.max(base, Math.min(first, base + count - least));
  return { start, end: Math.min(base + count, Math.max(last + 1, start + least)) };
}

export type Move = 'none' | 'hold' | 'end';

/**
 * What a scroll means: elsewhere it holds the view there, at the very end it asks for the newest. expected is the offset
 * that the list itself had set, which is no move of the reader's; end is the largest that the page had room for then.
 */
export function moveOf(offset: number, expected: number, following: boolean, end: number): Move {
  if (Math.abs(offset - expected) < 2) return 'none';
  if (offset >= end - 2 && (following || offset > expected)) return following ? 'none' : 'end';
  return 'hold';
}

/** The offset that brings the row fully into view with the least movement. */
export function reveal(place: number, offset: number, shape: Shape): number {
  const top = shape.lead + topOf(place, shape);
  if (top < offset) return Math.max(0, top);
  const under = top + shape.heights.of(place) - shape.viewport;
  return under > offset ? under : offset;
}
