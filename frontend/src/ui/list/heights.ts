/** A row and how far of it has gone out at the top of the view, in pixels; negative in the space above the first row. */
export interface Anchor {
  place: number;
  px: number;
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
