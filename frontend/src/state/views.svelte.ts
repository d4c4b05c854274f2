import type { Client } from '../api/client';
import type { ViewStatus } from '../wire/feed';
import type { SavedView } from '../wire/settings';
import type { Query } from './query.svelte';
import type { SettingsState } from './settings.svelte';

/** The saved views, which of them is open, and what came in the others meanwhile. */
export class Views {
  readonly #client: Client;
  readonly #settings: SettingsState;
  readonly #query: Query;
  #told = $state.raw<readonly ViewStatus[]>([]);
  #seen: string | undefined;

  constructor(client: Client, settings: SettingsState, query: Query) {
    this.#client = client;
    this.#settings = settings;
    this.#query = query;
  }

  get list(): readonly SavedView[] {
    return this.#settings.document?.views ?? this.#told;
  }
  /** The one whose query is in force. */
  get open(): SavedView | undefined {
    const query = this.#query.applied;
    return query === '' ? undefined : this.list.find((view) => view.query === query);
  }
  unread(id: string): number {
    return this.open?.id === id ? 0 : (this.#of(id)?.unread ?? 0);
  }
  /** When it was last open, or saved: what came since counts. */
  since(id: string): string | undefined {
    return this.#of(id)?.since;
  }

  apply(told: readonly ViewStatus[]): void {
    this.#told = told;
  }

  #of(id: string): ViewStatus | undefined {
    return this.#told.find((view) => view.id === id);
  }

  /** To be called when another query is in force: the view that was left, and the one that is open, are seen. */
  async changed(): Promise<void> {
    const left = this.#seen;
    const open = (this.#seen = this.open?.id);
    for (const id of new Set([left, open])) {
      if (id === undefined) continue;
      this.#told = this.#told.map((view) => (view.id === id ? { ...view, unread: 0 } : view));
      if (this.#settings.mayChange) await this.#client.seeView(id).catch(() => undefined); // it was removed meanwhile
    }
  }

  /** Saves a query under a name; one that has the name takes the new query. Rejects with a sentence. */
  async save(name: string, query: string): Promise<void> {
    const same = this.list.find((view) => view.name.toLowerCase() === name.trim().toLowerCase());
    const list =
      same === undefined
        ? [...this.list, { id: '', name, query }]
        : this.list.map((view) => (view === same ? { ...view, query } : view));
    await this.#settings.saveViews(list);
    await this.changed();
  }

  async rename(id: string, name: string): Promise<void> {
    await this.#settings.saveViews(this.list.map((view) => (view.id === id ? { ...view, name } : view)));
  }

  async remove(id: string): Promise<void> {
    await this.#settings.saveViews(this.list.filter((view) => view.id !== id));
  }
}
