type Verbs = Readonly<Record<string, () => void>>;

/** What can be done now. Views offer what they can do, by the ids of the command table, while they are on screen. */
export class Commands {
  /** Not state: an effect that offers something must not depend on what is offered. */
  #kept: readonly Verbs[] = [];
  #offers = $state.raw<ReadonlyMap<string, () => void>>(new Map());

  /** Offers verbs by their ids, over earlier ones with the same; returns what takes them back, and brings those back. */
  offer(verbs: Verbs): () => void {
    this.#keep([...this.#kept, verbs]);
    return () => {
      this.#keep(this.#kept.filter((offered) => offered !== verbs));
    };
  }

  #keep(offers: readonly Verbs[]): void {
    this.#kept = offers;
    this.#offers = new Map(offers.flatMap((verbs) => Object.entries(verbs)));
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
