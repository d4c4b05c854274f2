import { ApiError, type Client } from '../api/client';
import type { LinkState } from '../stream/live';

/** The state of the window's own stream, and what the server says when it isn't open. */
export class Link {
  readonly #client: Client;
  #state = $state.raw<LinkState>({ kind: 'connecting' });
  #detail = $state('');
  #fault = $state<string>();

  constructor(client: Client) {
    this.#client = client;
  }

  get state(): LinkState {
    return this.#state;
  }
  /** The server's own sentence, when it answers but gives no stream. */
  get detail(): string {
    return this.#detail;
  }

  /** A sentence of the server's, while it can't store events. */
  get fault(): string | undefined {
    return this.#fault;
  }

  /** Takes what the stream says of the server. */
  report(fault: string | undefined): void {
    this.#fault = fault;
  }

  change(state: LinkState): void {
    this.#state = state;
    if (state.kind === 'reconnecting')
      void this.#ask(state); // it handles its own failure
    else this.#detail = '';
  }

  /** EventSource never tells why it failed. The same server can be asked. */
  async #ask(about: LinkState): Promise<void> {
    let detail = '';
    try {
      await this.#client.health();
    } catch (error) {
      if (error instanceof ApiError) detail = error.message;
    }
    if (this.#state === about) this.#detail = detail;
  }
}
