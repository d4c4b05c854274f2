import { sentenceOf, type Client } from '../api/client';

/** Which events are starred. A star is shown at once, and taken back with a sentence when it could not be kept. */
export class Stars {
  readonly #client: Client;
  readonly #may: boolean;
  #notes = $state.raw<ReadonlyMap<string, string>>(new Map());
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
    return this.#notes.has(id);
  }
  /** What somebody wrote beside the star. */
  note(id: string): string {
    return this.#notes.get(id) ?? '';
  }
  /** Why the last star could not be kept. */
  get fault(): string {
    return this.#fault;
  }

  async load(): Promise<void> {
    if (!this.#may) return;
    try {
      this.#notes = new Map(await this.#client.starred());
    } catch {
      // Whoever gives a star hears what is wrong.
    }
  }

  async toggle(id: string): Promise<void> {
    await this.#change(id, this.has(id) ? undefined : '');
  }

  /** Writes a note beside a star. */
  async annotate(id: string, note: string): Promise<void> {
    if (this.has(id) && note !== this.note(id)) await this.#change(id, note);
  }

  async #change(id: string, note: string | undefined): Promise<void> {
    const before = this.#notes.get(id);
    this.#fault = '';
    this.#set(id, note);
    try {
      await this.#client.star(id, note);
    } catch (error) {
      this.#set(id, before);
      this.#fault = sentenceOf(error);
    }
  }

  /** Says why something could not be done with stars. */
  fail(sentence: string): void {
    this.#fault = sentence;
  }

  dismiss(): void {
    this.#fault = '';
  }

  #set(id: string, note: string | undefined): void {
    const next = new Map(this.#notes);
    if (note === undefined) next.delete(id);
    else next.set(id, note);
    this.#notes = next;
  }
}
