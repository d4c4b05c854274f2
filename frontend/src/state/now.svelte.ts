import { createSubscriber } from 'svelte/reactivity';

/** The time of day as state: it ticks each second while something on screen reads it, and rests otherwise. */
export class Now {
  #subscribe = createSubscriber((update) => {
    const timer = setInterval(update, 1_000);
    return () => {
      clearInterval(timer);
    };
  });

  get ms(): number {
    this.#subscribe();
    return Date.now();
  }
}
