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

/** Rows of one block share a sum. */
const BLOCK = 256;

interface Block {
  sum: number;
  /** By how much each of its rows differs from the usual height. */
  odd: Float32Array;
}

/**
 * How high each row is. Only blocks with a row of another height than usual are kept. A mark stands before the block that
 * was asked for last and knows the sum up to there: questions are about the view or the end, so it hardly ever goes far.
 */
export class Heights {
  #usual: number;
  #blocks = new Map<number, Block>();
  #total = 0;
  /** The place after the last row that was measured, and the first block that is kept. */
  #end = -Infinity;
  #first = Infinity;
  #mark: { block: number; sum: number } | undefined;

  constructor(usual: number) {
    this.#usual = usual;
  }

  get usual(): number {
    return this.#usual;
  }

  /** Forgets what was measured, as after a change of width or density. */
  reset(usual: number): void {
    this.#usual = usual;
    this.#blocks.clear();
    this.#total = 0;
    this.#end = -Infinity;
    this.#first = Infinity;
    this.#mark = undefined;
  }

  of(place: number): number {
    const block = blockOf(place);
    return this.#usual + (this.#blocks.get(block)?.odd[place - block * BLOCK] ?? 0);
  }

  /** Says whether that is news. */
  measured(place: number, height: number): boolean {
    const change = height - this.of(place);
    if (Math.abs(change) < 0.5) return false;
    const at = blockOf(place);
    let block = this.#blocks.get(at);
    if (block === undefined) {
      block = { sum: 0, odd: new Float32Array(BLOCK) };
      this.#blocks.set(at, block);
    }
    block.odd[place - at * BLOCK] = height - this.#usual;
    block.sum += change;
    this.#total += change;
    if (this.#mark !== undefined && at < this.#mark.block) this.#mark.sum += change;
    this.#end = Math.max(this.#end, place + 1);
    this.#first = Math.min(this.#first, at);
    return true;
  }

  /** Lets go of what lies before the first row there is. */
  trim(base: number): void {
    const first = blockOf(base);
    if (first <= this.#first) return;
    this.#first = first;
    for (const [at, { sum }] of this.#blocks) {
      if (at >= first) continue;
      this.#blocks.delete(at);
      this.#total -= sum;
    }
    this.#mark = undefined;
  }

  /** How high the rows from one place to another are together. */
  between(from: number, to: number): number {
    if (to <= from) return 0;
    return (to - from) * this.#usual + this.#odds(to) - this.#odds(from);
  }

  /** The row in which that distance below a place ends. */
  placeAt(from: number, distance: number, to: number): Anchor {
    const last = Math.max(from, to - 1);
    // First by whole blocks from where the mark is, then row by row.
    let block = Math.min(Math.max(this.#mark?.block ?? -Infinity, blockOf(from)), blockOf(last));
    let top = this.between(from, block * BLOCK);
    while (top > distance && block > blockOf(from)) top = this.between(from, --block * BLOCK);
    while (block < blockOf(last)) {
      const next = this.between(from, (block + 1) * BLOCK);
      if (next > distance) break;
      block++;
      top = next;
    }
    let place = Math.max(from, block * BLOCK);
    for (; place < last && top + this.of(place) <= distance; place++) top += this.of(place);
    return { place, px: distance - top };
  }

  /** By how much all rows before the place differ from the usual height. */
  #odds(before: number): number {
    if (before >= this.#end) return this.#total;
    const at = blockOf(before);
    let sum = this.#before(at);
    const odd = this.#blocks.get(at)?.odd;
    if (odd !== undefined) for (let i = 0; i < before - at * BLOCK; i++) sum += odd[i] ?? 0;
    return sum;
  }

  /** The same for whole blocks; moves the mark there. */
  #before(block: number): number {
    if (block <= this.#first) return 0;
    if (this.#mark === undefined || Math.abs(block - this.#mark.block) > this.#blocks.size) {
      let sum = 0;
      for (const [at, kept] of this.#blocks) if (at < block) sum += kept.sum;
      this.#mark = { block, sum };
    }
    const mark = this.#mark;
    for (; mark.block < block; mark.block++) mark.sum += this.#blocks.get(mark.block)?.sum ?? 0;
    for (; mark.block > block; mark.block--) mark.sum -= this.#blocks.get(mark.block - 1)?.sum ?? 0;
    return mark.sum;
  }
}

function blockOf(place: number): number {
  return Math.floor(place / BLOCK);
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
