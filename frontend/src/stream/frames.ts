// Many arrivals, one change of state a frame. A hidden page gets no animation frames, so a timer stands behind them, and
// a queue that fills up is handed over at once: memory stays bounded and nothing is left out.

const HIDDEN_MS = 200;

export interface Frames {
  /** Calls run before the next paint; returns what cancels that. */
  next(run: () => void): () => void;
}

export const pageFrames: Frames = {
  next(run) {
    const handle = requestAnimationFrame(run);
    return () => {
      cancelAnimationFrame(handle);
    };
  },
};

export class FrameQueue<T> {
  readonly #apply: (items: T[]) => void;
  readonly #frames: Frames;
  readonly #cap: number;
  #items: T[] = [];
  #cancel: (() => void) | undefined;

  constructor(apply: (items: T[]) => void, frames: Frames = pageFrames, cap = 2_000) {
    this.#apply = apply;
    this.#frames = frames;
    this.#cap = cap;
  }

  push(items: readonly T[]): void {
    for (const item of items) this.#items.push(item);
    if (this.#items.length >= this.#cap) this.flush();
    else if (this.#items.length > 0) this.#schedule();
  }

  /** Forgets what waits. */
  clear(): void {
    this.#items = [];
  }

  flush(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    if (this.#items.length === 0) return;
    const items = this.#items;
    this.#items = [];
    this.#apply(items);
  }

  #schedule(): void {
    if (this.#cancel !== undefined) return;
    const run = () => {
      this.flush();
    };
    const cancelFrame = this.#frames.next(run);
    const timer = setTimeout(run, HIDDEN_MS);
    this.#cancel = () => {
      cancelFrame();
      clearTimeout(timer);
    };
  }
}
