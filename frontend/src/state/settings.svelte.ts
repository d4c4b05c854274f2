import { inWords } from '../api/catalogue';
import { sentenceOf, type Client, type ImportOf } from '../api/client';
import type { Catalogue, Preset } from '../wire/catalogue';
import { fromForm, toForm } from '../wire/feedForm';
import type { Retention } from '../wire/history';
import { isNothing, toOpml, type Changes, type ListChanges } from '../wire/portable';
import { isFields } from '../wire/read';
import type {
  Appearance,
  FeedDraft,
  FeedSettings,
  Front,
  Network,
  SavedView,
  Settings,
} from '../wire/settings';
import { APPEARANCE, recallAppearance, remember } from './stored';

/** A feed that was taken away and can be put back, with the place where it stood. */
export interface Removed {
  feed: FeedSettings;
  index: number;
}

/** What was changed last, for the words about it. */
export type ChangeKind =
  | 'theme'
  | 'density'
  | 'language'
  | 'front'
  | 'share'
  | 'feed'
  | 'history'
  | 'network'
  | 'restored'
  | 'imported'
  | 'added';

/** A change that can be taken back. */
export interface Change {
  kind: ChangeKind;
  /** Of the feed that it was about; empty for none. */
  name: string;
  undo: () => Promise<void>;
}

/** The settings as the server has them. Each verb saves at once and rejects with a sentence. */
export class SettingsState {
  readonly #client: Client;
  readonly #mayChange: boolean;
  #document = $state.raw<Settings | undefined>();
  #fault = $state('');
  #removed = $state.raw<readonly Removed[]>([]);
  #appearance = $state.raw<Appearance>(recallAppearance());
  #catalogue = $state.raw<Catalogue | undefined>();
  readonly #spoken = $derived(this.#catalogue === undefined ? undefined : inWords(this.#catalogue));
  #catalogueFault = $state('');
  #change = $state.raw<Change | undefined>();
  #undoing = false;
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
  /** Undefined until it has been asked for and has come. */
  /** In the language that is spoken. */
  get catalogue(): Catalogue | undefined {
    return this.#spoken;
  }
  get catalogueFault(): string {
    return this.#catalogueFault;
  }
  /** What was changed last and can be taken back. */
  get change(): Change | undefined {
    return this.#change;
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

  /** Fetches the catalogue, once. */
  async loadCatalogue(): Promise<void> {
    if (this.#catalogue !== undefined || !this.#mayChange) return;
    try {
      this.#catalogue = await this.#client.catalogue();
      this.#catalogueFault = '';
    } catch (error) {
      this.#catalogueFault = sentenceOf(error);
    }
  }

  preset(id: string): Preset | undefined {
    return this.#spoken?.presets.find((preset) => preset.id === id);
  }

  async addFeed(draft: FeedDraft): Promise<FeedSettings> {
    const feed = await this.#client.addFeed(draft);
    await this.load();
    return feed;
  }

  /** Adds the feeds of the catalogue that need no network, but for those that are there already. */
  async addDemonstration(): Promise<void> {
    const here = new Set(this.#document?.feeds.map((feed) => feed.whole.scene));
    try {
      for (const { kind, name, feed, mapping } of inWords(await this.#client.catalogue()).presets) {
        if (kind !== 'simulator' || here.has(feed.scene)) continue;
        // Fifty log lines a second would leave nothing else to be seen.
        const pace = feed.scene === 'burst' ? { rate: 2 } : {};
        await this.#client.addFeed({ ...feed, ...pace, mapping, name, kind });
      }
    } finally {
      await this.load();
    }
  }

  async changeFeed(feed: FeedSettings, draft: FeedDraft, kind: ChangeKind = 'feed'): Promise<void> {
    await this.#client.changeFeed(feed.id, draft);
    await this.load();
    // What came was masked; masks keep the secrets that there are now.
    this.#changed({ kind, name: feed.name, undo: () => this.#restore(feed) });
  }

  /** Whether the front door serves the feed although it uses a secret. */
  async shareFeed(feed: FeedSettings, share: boolean): Promise<void> {
    await this.changeFeed(feed, { ...feed.whole, name: feed.name, kind: feed.kind, share }, 'share');
  }

  /** Gives a feed's events the value at a path, in gjson's syntax, as their key. */
  async useAsKey(feed: FeedSettings, path: string): Promise<void> {
    const mapping = isFields(feed.whole.mapping) ? feed.whole.mapping : {};
    await this.changeFeed(feed, {
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
    const at = this.#removed.find((gone) => gone.feed.id === feed.id)?.index;
    await this.#client.addFeed({ ...feed.whole, name: feed.name, kind: feed.kind }, at);
    this.forgetRemoved(feed.id);
    await this.load();
  }

  forgetRemoved(id?: string): void {
    this.#removed = id === undefined ? [] : this.#removed.filter((gone) => gone.feed.id !== id);
  }

  async saveFront(front: Front): Promise<void> {
    const before = this.#document?.front;
    this.#take(await this.#client.saveFront(front));
    if (before !== undefined) this.#changed({ kind: 'front', name: '', undo: () => this.saveFront(before) });
  }

  async saveNetwork(network: Network): Promise<void> {
    const before = this.#document?.network;
    this.#take(await this.#client.saveNetwork(network));
    if (before !== undefined) {
      this.#changed({ kind: 'network', name: '', undo: () => this.saveNetwork(before) });
    }
  }

  /** Brings an earlier version of all settings back. */
  async restoreVersion(id: string): Promise<void> {
    this.#take(await this.#client.restoreVersion(id));
    await this.#mayGoBack('restored');
  }

  async importSettings(what: Omit<ImportOf, 'preview'>): Promise<Changes> {
    const changes = await this.#client.importSettings({ ...what, preview: false });
    await this.load();
    if (!isNothing(changes)) await this.#mayGoBack('imported');
    return changes;
  }

  /** Adds the feeds of a list in one go; those that are there already are left out, and named. */
  async importList(list: string): Promise<ListChanges> {
    const changes = await this.#client.importOpml(list, false);
    await this.load();
    if (changes.added.length > 0) await this.#mayGoBack('added', String(changes.added.length));
    return changes;
  }

  async addFeeds(feeds: readonly { name: string; kind: string; url: string }[]): Promise<ListChanges> {
    return this.importList(toOpml(feeds));
  }

  async unlockSecrets(passphrase: string): Promise<void> {
    this.#take(await this.#client.unlockSecrets(passphrase));
  }

  async saveViews(views: readonly SavedView[]): Promise<void> {
    this.#take(await this.#client.saveViews(views));
  }

  async saveOrder(feeds: readonly string[]): Promise<void> {
    this.#take(await this.#client.saveOrder(feeds));
  }

  async saveHistory(history: Retention): Promise<void> {
    const before = this.#document?.history;
    this.#take(await this.#client.saveHistory(history));
    if (before !== undefined) {
      this.#changed({ kind: 'history', name: '', undo: () => this.saveHistory(before) });
    }
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
    const kind = part.theme !== undefined ? 'theme' : part.density !== undefined ? 'density' : 'language';
    this.#changed({ kind, name: '', undo: () => this.saveAppearance(before) });
  }

  /** Takes the last change back; rejects with a sentence. */
  async undo(): Promise<void> {
    const change = this.#change;
    if (change === undefined || this.#undoing) return;
    this.#undoing = true;
    this.#change = undefined;
    try {
      await change.undo();
    } catch (error) {
      this.#change = change;
      throw error;
    } finally {
      this.#undoing = false;
    }
  }

  forgetChange(): void {
    this.#change = undefined;
  }

  /** All settings changed at once: what was in force before is the newest of the earlier versions. */
  async #mayGoBack(kind: ChangeKind, name = ''): Promise<void> {
    const before = (await this.#client.versions())[0];
    if (before !== undefined) {
      this.#changed({ kind, name, undo: () => this.restoreVersion(before.id) });
    }
  }

  /** Notes a change; one that takes another back is none. */
  #changed(change: Change): void {
    if (!this.#undoing) this.#change = change;
  }

  /** Every member is sent: what is left out would keep its new value. */
  async #restore(feed: FeedSettings): Promise<void> {
    const paused = this.#document?.feeds.find((known) => known.id === feed.id)?.paused ?? feed.paused;
    const whole = fromForm(toForm(feed.whole), feed.whole);
    await this.changeFeed(feed, { ...whole, name: feed.name, kind: feed.kind, paused });
  }

  #take(settings: Settings): void {
    this.#document = settings;
    this.#fault = '';
    this.#appearance = settings.appearance;
    remember(APPEARANCE, settings.appearance);
  }
}
