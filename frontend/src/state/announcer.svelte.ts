/** What a screen reader hears by itself: at most one sentence in a while, the newest one wins. */
export class Announcer {
  readonly #every: number;
  #said = $state('');
  #saidAt = -Infinity;
  #next: ReturnType<typeof setTimeout> | undefined;

  constructor(every = 5_000) {
    this.#every = every;
  }

  get said(): string {
    return this.#said;
  }
  /** Whether a sentence would be heard at once. */
  get idle(): boolean {
    return this.#next === undefined && Date.now() - this.#saidAt >= this.#every;
  }

  say(sentence: string): void {
    clearTimeout(this.#next);
    const wait = this.#saidAt + this.#every - Date.now();
    if (wait <= 0) this.#speak(sentence);
    else
      this.#next = setTimeout(() => {
        this.#speak(sentence);
      }, wait);
  }

  #speak(sentence: string): void {
    this.#next = undefined;
    this.#saidAt = Date.now();
    // The same words again are no change, which nobody would hear: a space makes them one.
    this.#said = sentence === this.#said ? `${sentence}\u00a0` : sentence;
  }
}
