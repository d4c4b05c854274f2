import type { Client } from '../api/client';
import type { Preset } from '../wire/catalogue';
import { unwrapLink } from '../wire/feedInput';
import type { FeedSettings } from '../wire/settings';
import { FeedEditor } from './feedEditor.svelte';
import type { SettingsState } from './settings.svelte';

/** The dialogue that adds or edits a feed, and where whoever wants one came from. */
export class Adding {
  #editor = $state.raw<FeedEditor | undefined>();
  #added = $state('');
  #asked = $state(0);
  #fromTape = false;
  readonly #client: Client;
  readonly #settings: SettingsState;

  constructor(client: Client, settings: SettingsState) {
    this.#client = client;
    this.#settings = settings;
  }

  /** The feed in the dialogue; undefined while that is closed. */
  get editor(): FeedEditor | undefined {
    return this.#editor;
  }
  /** The id of the feed that was added last; empty for none. */
  get added(): string {
    return this.#added;
  }
  /** How often somebody asked for a place to name a feed; 0 when nobody has since leave(). */
  get asked(): number {
    return this.#asked;
  }

  /** Somebody wants to add a feed; who is at the tape comes back to it. */
  ask(fromTape: boolean): void {
    this.#fromTape ||= fromTape;
    this.#asked++;
  }

  /** Looks at what somebody typed or pasted. */
  look(input: string): void {
    const editor = new FeedEditor(this.#client, this.#settings);
    editor.begin(unwrapLink(input));
    this.#editor = editor;
  }

  take(preset: Preset): void {
    const editor = new FeedEditor(this.#client, this.#settings);
    editor.usePreset(preset);
    this.#editor = editor;
  }

  edit(feed: FeedSettings): void {
    this.#editor = new FeedEditor(this.#client, this.#settings, feed);
  }

  /** The dialogue has saved the feed. Says whether its events are to be shown: to who came from the tape to add it. */
  saved(feed: FeedSettings): boolean {
    const { editor } = this;
    this.#editor = undefined;
    if (editor?.editing !== undefined) return false;
    this.#added = feed.id;
    // What couldn't be read stands in the list of feeds, with the reason.
    return this.#fromTape && editor?.sure === true;
  }

  close(): void {
    this.#editor = undefined;
  }

  /** The list of feeds is out of sight. */
  leave(): void {
    this.#editor = undefined;
    this.#added = '';
    this.#asked = 0;
    this.#fromTape = false;
  }
}
