/** What can be done now. Views offer what they can do, by the ids of the command table, while they are on screen. */
export class Commands {
  /** Not state: an effect that offers something must not depend on what is offered. */
  #kept: ReadonlyMap<string, () => void> = new Map();
  #offers = $state.raw(this.#kept);

  /** Offers verbs by their ids; returns what takes them back. */
  offer(verbs: Readonly<Record<string, () => void>>): () => void {
    this.#keep(new Map([...this.#kept, ...Object.entries(verbs)]));
    return () => {
      this.#keep(new Map([...this.#kept].filter(([id, run]) => verbs[id] !== run)));
    };
  }

  #keep(offers: ReadonlyMap<string, () => void>): void {
    this.#kept = offers;
    this.#offers = offers;
  }

  can(id: string): boolean {
    return this.#offers.has(id);
  }

  /** Does it, if it is offered; says whether it was. */
  run(id: string): boolean {
    const run = this.#offers.get(id);
    run?.();
    return run !== undefined;
  }
}
