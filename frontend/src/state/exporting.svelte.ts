import { ApiError, sentenceOf, type Client } from '../api/client';
import type { Host } from '../api/host';

export type ExportState =
  | { kind: 'idle' }
  | { kind: 'running'; events: number; bytes: number; share: number }
  | { kind: 'done'; events: number; bytes: number; path: string }
  | { kind: 'handed' }
  | { kind: 'failed'; sentence: string };

/** One export to a file: where to is asked first, then the server writes it, and can be stopped. */
export class Exporting {
  readonly #client: Client;
  readonly #host: Host;
  #state = $state.raw<ExportState>({ kind: 'idle' });
  #stopping: AbortController | undefined;

  constructor(client: Client, host: Host) {
    this.#client = client;
    this.#host = host;
  }

  get state(): ExportState {
    return this.#state;
  }

  /** Exports a selection, the parameters of GET /export, to a file for which a name is proposed. */
  async start(selection: string, name: string): Promise<void> {
    if (this.#host.chooseFile === undefined) {
      // A browser saves files by itself, and shows how far it has come.
      this.#host.download(this.#client.exportUrl(selection), name);
      this.#state = { kind: 'handed' };
      return;
    }
    const stopping = (this.#stopping = new AbortController());
    try {
      const file = await this.#host.chooseFile(name);
      if (file === undefined) return;
      this.#state = { kind: 'running', events: 0, bytes: 0, share: 0 };
      const told = await this.#client.saveExport(
        file.ticket,
        selection,
        (progress) => (this.#state = { ...progress, kind: 'running' }),
        stopping.signal,
      );
      this.#state = { ...told, kind: 'done', path: file.path };
    } catch (error) {
      if (stopping.signal.aborted) this.#state = { kind: 'idle' };
      else {
        const known = error instanceof ApiError || !(error instanceof Error);
        this.#state = { kind: 'failed', sentence: known ? sentenceOf(error) : error.message };
      }
    }
  }

  /** Stops it: there is no file then. */
  stop(): void {
    this.#stopping?.abort();
    this.#state = { kind: 'idle' };
  }
}
