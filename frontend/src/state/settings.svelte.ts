import { sentenceOf, type Client } from '../api/client';
import { isFields } from '../wire/read';
import type { Appearance, FeedDraft, FeedSettings, Front, SavedView, Settings } from '../wire/settings';
import { APPEARANCE, recallAppearance, remember } from './stored';

/** A feed that was taken away and can be put back, with the place where it stood. */
export interface Removed {
  feed: FeedSettings;
  index: number;
}

/** The settings as the server has them. Each verb saves at once and rejects with a sentence. */
export class SettingsState {
  readonly #client: Client;
  readonly #mayChange: boolean;
  #document = $state.raw<Settings | undefined>();
  #fault = $state('');
  #removed = $state.raw<readonly Removed[]>([]);
  #appearance = $state.raw<Appearance>(recallAppearance());
  #wanted = 0;

  constructor(client: Client, mayChange: boolean) {
    this.#client = client;
    this.#mayChange = mayChange;
  }

  get document(): Settings | undefined {
    return this.#document;
  }
  /** Why the settings could not be read. */
  get fault(): string {
    return this.#fault;
  }
  get removed(): readonly Removed[] {
    return this.#removed;
  }
  /** As the server has it, or as it was at the last launch until the server has said. */
  get appearance(): Appearance {
    return this.#appearance;
  }
  get mayChange(): boolean {
    return this.#mayChange;
  }

  async load(): Promise<void> {
    if (!this.#mayChange) return;
    try {
      this.#take(await this.#client.settings());
    } catch (error) {
      this.#fault = sentenceOf(error);
    }
  }

  /** The server says which revision it has; another program may have changed the settings. */
  async revision(seen: number): Promise<void> {
    if (seen <= this.#wanted) return;
    this.#wanted = seen;
    if (seen > (this.#document?.revision ?? 0)) await this.load();
  }

  async addFeed(draft: FeedDraft): Promise<FeedSettings> {
    const feed = await this.#client.addFeed(draft);
    await this.load();
    return feed;
  }

  async changeFeed(id: string, draft: FeedDraft): Promise<void> {
    await this.#client.changeFeed(id, draft);
    await this.load();
  }

  /** Gives a feed's events the value at a path, in gjson's syntax, as their key. */
  async useAsKey(feed: FeedSettings, path: string): Promise<void> {
    const mapping = isFields(feed.whole.mapping) ? feed.whole.mapping : {};
    await this.changeFeed(feed.id, {
      ...feed.whole,
      name: feed.name,
      kind: feed.kind,
      mapping: { ...mapping, key: path },
    });
  }

  async removeFeed(feed: FeedSettings): Promise<void> {
    const index = this.#document?.feeds.findIndex((known) => known.id === feed.id) ?? -1;
    await this.#client.removeFeed(feed.id);
    this.#removed = [...this.#removed, { feed, index: Math.max(0, index) }];
    await this.load();
  }

  async undoRemove(feed: FeedSettings): Promise<void> {
    await this.#client.addFeed({ ...feed.whole, name: feed.name, kind: feed.kind });
    this.forgetRemoved(feed.id);
    await this.load();
  }

  forgetRemoved(id?: string): void {
    this.#removed = id === undefined ? [] : this.#removed.filter((gone) => gone.feed.id !== id);
  }

  async saveFront(front: Front): Promise<void> {
    this.#take(await this.#client.saveFront(front));
  }

  async saveViews(views: readonly SavedView[]): Promise<void> {
    this.#take(await this.#client.saveViews(views));
  }

  async saveOrder(feeds: readonly string[]): Promise<void> {
    this.#take(await this.#client.saveOrder(feeds));
  }

  async saveAppearance(part: Partial<Appearance>): Promise<void> {
    const before = this.#appearance;
    this.#appearance = { ...before, ...part }; // shown at once; the server's answer is a moment away
    try {
      this.#take(await this.#client.saveAppearance(this.#appearance));
    } catch (error) {
      this.#appearance = before;
      throw error;
    }
  }

  #take(settings: Settings): void {
    this.#document = settings;
    this.#fault = '';
    this.#appearance = settings.appearance;
    remember(APPEARANCE, settings.appearance);
  }
}
