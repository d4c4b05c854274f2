// When the newest events came to the page and were handed to the view. A ring: the oldest are forgotten.

const SIZE = 4_096;

export interface Moment {
  /** Milliseconds of the page's clock. */
  arrived: number;
  shown?: number;
}

export class Moments {
  readonly #now: () => number;
  #seqs = new Float64Array(SIZE);
  #arrived = new Float64Array(SIZE);
  #shown = new Float64Array(SIZE);
  #next = 0;
  #waiting = 0;

  constructor(now: () => number = () => performance.timeOrigin + performance.now()) {
    this.#now = now;
  }

  arrived(events: readonly { seq: number }[]): void {
    const at = this.#now();
    for (const { seq } of events.slice(-SIZE)) {
      this.#seqs[this.#next] = seq;
      this.#arrived[this.#next] = at;
      this.#shown[this.#next] = 0;
      this.#next = (this.#next + 1) % SIZE;
      this.#waiting = Math.min(SIZE, this.#waiting + 1);
    }
  }

  /** All that has arrived is being drawn. */
  shown(): void {
    const at = this.#now();
    for (; this.#waiting > 0; this.#waiting--) {
      this.#shown[(this.#next - this.#waiting + SIZE) % SIZE] = at;
    }
  }

  of(seq: number): Moment | undefined {
    const at = this.#seqs.indexOf(seq);
    if (at === -1 || seq === 0) return undefined;
    const shown = this.#shown[at] ?? 0;
    const arrived = this.#arrived[at] ?? 0;
    return shown === 0 ? { arrived } : { arrived, shown };
  }
}
