/** What can be done now. Views offer what they can do, by the ids of the command table, while they are on screen. */
export class Commands {
  #offers = $state.raw<ReadonlyMap<string, () => void>>(new Map());

  /** Offers verbs by their ids; returns what takes them back. */
  offer(verbs: Readonly<Record<string, () => void>>): () => void {
    this.#offers = new Map([...this.#offers, ...Object.entries(verbs)]);
    return () => {
      this.#offers = new Map([...this.#offers].filter(([id, run]) => verbs[id] !== run));
    };
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
