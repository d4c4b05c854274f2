import { sentenceOf, type Client } from '../api/client';

/** Which events are starred. A star is shown at once, and taken back with a sentence when it could not be kept. */
export class Stars {
  readonly #client: Client;
  readonly #may: boolean;
  #ids = $state.raw<ReadonlySet<string>>(new Set());
  #fault = $state('');

  constructor(client: Client, may: boolean) {
    this.#client = client;
    this.#may = may;
  }

  /** Only the window can give stars. */
  get may(): boolean {
    return this.#may;
  }
  has(id: string): boolean {
    return this.#ids.has(id);
  }
  /** Why the last star could not be kept. */
  get fault(): string {
    return this.#fault;
  }

  async load(): Promise<void> {
    if (!this.#may) return;
    try {
      this.#ids = new Set(await this.#client.starred());
    } catch {
      // Whoever gives a star hears what is wrong.
    }
  }

  async toggle(id: string): Promise<void> {
    const on = !this.#ids.has(id);
    this.#fault = '';
    this.#set(id, on);
    try {
      await this.#client.star(id, on);
    } catch (error) {
      this.#set(id, !on);
      this.#fault = sentenceOf(error);
    }
  }

  dismiss(): void {
    this.#fault = '';
  }

  #set(id: string, on: boolean): void {
    const next = new Set(this.#ids);
    if (on) next.add(id);
    else next.delete(id);
    this.#ids = next;
  }
}
