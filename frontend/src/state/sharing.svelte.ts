import { sentenceOf, type Client } from '../api/client';
import type { NewToken, Scope, SharingState, Token } from '../wire/sharing';

/** How often who reads is asked for, while somebody looks. */
const PACE_MS = 3_000;

/** The front door's guests: its tokens, who reads now, and at which addresses. Nothing is asked for before watch(). */
export class Sharing {
  readonly #client: Client;
  #now = $state.raw<SharingState>({ readers: 0, publishers: 0, addresses: [], feeds: [] });
  #tokens = $state.raw<readonly Token[]>([]);
  #fresh = $state.raw<NewToken | undefined>();
  #fault = $state('');

  constructor(client: Client) {
    this.#client = client;
  }

  get now(): SharingState {
    return this.#now;
  }
  get tokens(): readonly Token[] {
    return this.#tokens;
  }
  /** The token that was just made, until it is said that it has been copied. */
  get fresh(): NewToken | undefined {
    return this.#fresh;
  }
  get fault(): string {
    return this.#fault;
  }

  /** Keeps up to date until the returned function is called. */
  watch(): () => void {
    void this.refresh(); // it keeps its own failure
    const timer = setInterval(() => void this.refresh(), PACE_MS);
    return () => {
      clearInterval(timer);
      this.#fresh = undefined;
    };
  }

  async refresh(): Promise<void> {
    try {
      [this.#now, this.#tokens] = await Promise.all([this.#client.sharing(), this.#client.tokens()]);
      this.#fault = '';
    } catch (error) {
      this.#fault = sentenceOf(error);
    }
  }

  /** Rejects with a sentence, by field where it can. */
  async create(name: string, scope: Scope): Promise<void> {
    this.#fresh = await this.#client.createToken(name, scope);
    await this.refresh();
  }

  async revoke(id: string): Promise<void> {
    await this.#client.revokeToken(id);
    if (this.#fresh?.id === id) this.#fresh = undefined;
    await this.refresh();
  }

  kept(): void {
    this.#fresh = undefined;
  }
}
