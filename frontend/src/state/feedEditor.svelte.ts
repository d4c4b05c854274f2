import { ApiError, sentenceOf, type Client } from '../api/client';
import type { Preset } from '../wire/catalogue';
import type { Certificate } from '../wire/certificate';
import type { TapeEvent } from '../wire/event';
import {
  fitting,
  fromForm,
  toForm,
  traitsOf,
  type AuthType,
  type FeedForm,
  type Mapped,
} from '../wire/feedForm';
import type { ProbedRaw, ProbeOffer, ProbeResult, ProbeStep } from '../wire/probe';
import type { Fields } from '../wire/read';
import type { FeedSettings } from '../wire/settings';
import { freeName } from './names';
import type { SettingsState } from './settings.svelte';

/** How long typing may pause before its effect on the sample is asked for. */
const PREVIEW_PAUSE_MS = 150;

/** How many colours a feed can have. */
const COLORS = 12;

/**
 * A feed that is being added or edited: its form, what a probe found out about it, and its first events as the form's
 * mapping would show them. Nothing is saved before save().
 */
export class FeedEditor {
  /** The form's values; components bind to them. */
  form: FeedForm = $state(toForm({}));
  /** The feed that is edited; undefined for a new one. */
  readonly editing: FeedSettings | undefined;
  /** What was pasted, for as long as it isn't a plain address: a curl command, a list of feeds. */
  #input = $state('');
  #probing = $state(false);
  #steps = $state.raw<readonly ProbeStep[]>([]);
  #result = $state.raw<ProbeResult | undefined>();
  /** What the result was found for. */
  #asked = $state('');
  #preset = $state.raw<Preset | undefined>();
  #raws = $state.raw<readonly ProbedRaw[]>([]);
  #events = $state.raw<readonly TapeEvent[]>([]);
  #certificate = $state.raw<Certificate | undefined>();
  #fault = $state('');
  #errors = $state.raw<Record<string, string>>({});
  #saving = $state(false);
  #abort: AbortController | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #turn = 0;
  readonly #client: Client;
  readonly #settings: SettingsState;
  #whole: Fields;
  #named = false;

  constructor(client: Client, settings: SettingsState, editing?: FeedSettings) {
    this.#client = client;
    this.#settings = settings;
    this.editing = editing;
    this.#whole = editing?.whole ?? {};
    this.form = toForm(this.#whole);
    this.#named = editing !== undefined;
    if (editing === undefined) this.form.color = this.#freeColor();
  }

  get input(): string {
    return this.#input;
  }
  get probing(): boolean {
    return this.#probing;
  }
  get steps(): readonly ProbeStep[] {
    return this.#steps;
  }
  get result(): ProbeResult | undefined {
    return this.#result;
  }
  /** The preset that the feed is, if it is one. */
  get preset(): Preset | undefined {
    return this.#preset;
  }
  /** The first events as they came. */
  get raws(): readonly ProbedRaw[] {
    return this.#raws;
  }
  /** The first events as they would be stored. */
  get events(): readonly TapeEvent[] {
    return this.#events;
  }
  /** What the feed's server showed, where it isn't valid or was accepted unseen. */
  get certificate(): Certificate | undefined {
    return this.#result?.certificate ?? this.#certificate;
  }
  /** The groups that there are. */
  get groups(): string[] {
    const groups = (this.#settings.document?.feeds ?? []).map((feed) => feed.whole.group);
    return [...new Set(groups.filter((group) => typeof group === 'string' && group !== ''))].map(String);
  }
  /** Why it could not be saved or asked for. */
  get fault(): string {
    return this.#fault;
  }
  /** Sentences by the feed's members. */
  get errors(): Record<string, string> {
    return this.#errors;
  }
  get saving(): boolean {
    return this.#saving;
  }
  /** There is something to find out: it comes from somewhere, and that is known. */
  get mayProbe(): boolean {
    return this.#input !== '' || (traitsOf(this.form.kind).remote && this.form.url.trim() !== '');
  }
  /** The form is still what the result was found for. */
  get checked(): boolean {
    return (
      this.#result?.error === undefined && this.#result?.feed !== undefined && this.#asked === this.#subject()
    );
  }

  /** It can be read as the form has it, as far as anybody can know. */
  get sure(): boolean {
    const remote = this.#input !== '' || traitsOf(this.form.kind).remote;
    return !remote || this.checked || this.editing !== undefined;
  }

  /** Begins anew with what somebody pasted or typed. */
  begin(input: string): void {
    this.#input = input.trim();
    this.#preset = undefined;
    void this.probe(); // it keeps its own failure
  }

  /** Begins with a preset of the catalogue; one that wants a key waits for it. */
  usePreset(preset: Preset): void {
    this.#input = '';
    this.#whole = { ...preset.feed, mapping: preset.mapping, id: '' };
    this.form = { ...toForm(this.#whole), color: this.form.color };
    this.form.name = freeName(preset.name, this.#names());
    this.#named = true;
    this.#preset = preset;
    if (preset.key === undefined && traitsOf(this.form.kind).remote) void this.probe(); // it keeps its own failure
  }

  /** Fetches what the feed's server has shown, for one that is edited. */
  async loadCertificate(): Promise<void> {
    if (this.editing === undefined || !this.form.insecure) return;
    try {
      this.#certificate = await this.#client.certificate(this.editing.id);
    } catch {
      // Without it, the switch says enough.
    }
  }

  /** The name is somebody's own from now on: no probe changes it. */
  named(): void {
    this.#named = true;
  }

  signIn(type: AuthType): void {
    this.form.authType = type;
  }

  async probe(): Promise<void> {
    this.cancel();
    const abort = new AbortController();
    this.#abort = abort;
    this.#probing = true;
    this.#fault = '';
    this.#errors = {};
    this.#steps = [];
    this.#result = undefined;
    try {
      const result = await this.#client.probe(
        this.#request(),
        (step) => {
          if (this.#abort === abort) this.#steps = [...this.#steps, step];
        },
        abort.signal,
      );
      if (this.#abort === abort) this.#found(result);
    } catch (error) {
      if (this.#abort === abort && !abort.signal.aborted) this.#fault = sentenceOf(error);
    } finally {
      if (this.#abort === abort) this.#probing = false;
    }
  }

  cancel(): void {
    this.#abort?.abort();
    this.#abort = undefined;
    this.#probing = false;
  }

  /** Takes a feed that a page or a host offers. */
  choose(offer: ProbeOffer, preset: Preset | undefined): void {
    if (preset !== undefined) {
      this.usePreset(preset);
      return;
    }
    this.form.url = offer.url;
    this.form.kind = '';
    if (offer.title !== '') {
      this.form.name = freeName(offer.title, this.#names());
      this.#named = true;
    }
    this.begin('');
  }

  setPath(field: Mapped, path: string): void {
    this.form.mapping[field] = path;
    this.preview();
  }

  /** Asks what the mapping of the form makes of the sample, once typing pauses. */
  preview(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#preview(), PREVIEW_PAUSE_MS); // it keeps its own failure
  }

  /** Saves; rejects with nothing: what went wrong stands in fault and errors. */
  async save(): Promise<FeedSettings | undefined> {
    if (this.#saving) return undefined;
    this.cancel();
    this.#saving = true;
    this.#fault = '';
    this.#errors = {};
    try {
      return await this.#store();
    } catch (error) {
      this.#errors = error instanceof ApiError ? error.fields : {};
      this.#fault = sentenceOf(error);
      return undefined;
    } finally {
      this.#saving = false;
    }
  }

  /** Nothing goes on after this. */
  close(): void {
    this.cancel();
    clearTimeout(this.#timer);
  }

  async #store(): Promise<FeedSettings | undefined> {
    const kind = this.form.kind;
    const guessed = /^wss?:/i.test(this.form.url) ? 'websocket' : 'sse';
    // Who is asked for a token and has none yet may save all the same: the feed then says that it needs one.
    const refused = this.#result?.error !== undefined && this.#preset?.key === undefined;
    const unsigned = refused && this.editing === undefined && this.form.authSecret.trim() === '';
    const draft = {
      ...fitting(this.#document(kind === '' ? guessed : kind)),
      ...(unsigned ? { auth: {} } : {}),
      name: this.form.name.trim(),
      kind: kind === '' ? guessed : kind,
    };
    if (this.editing === undefined) return this.#settings.addFeed(draft);
    await this.#settings.changeFeed(this.editing, draft);
    return this.editing;
  }

  #document(kind: FeedForm['kind']): Fields {
    return fromForm({ ...$state.snapshot(this.form), kind }, this.#whole);
  }

  #request() {
    const feed = fitting(this.#document(this.form.kind));
    const input = this.#input === '' ? this.form.url.trim() : this.#input;
    const mapping = $state.snapshot(this.form.mapping);
    const mapped = Object.values(mapping).some((path) => path !== '');
    return {
      input,
      with: { ...feed, url: '', name: this.#named ? feed.name : '' },
      ...(this.editing === undefined ? {} : { feed: this.editing.id }),
      ...(mapped ? { mapping } : {}),
    };
  }

  #subject(): string {
    const {
      name: _name,
      color: _color,
      share: _share,
      mapping: _mapping,
      group: _group,
      ...rest
    } = this.form;
    const { keepAge: _age, keepEvents: _events, keepMegabytes: _bytes, ...asked } = rest;
    return JSON.stringify(asked);
  }

  #found(result: ProbeResult): void {
    this.#result = result;
    this.#raws = result.raws;
    this.#events = result.events;
    if (result.feed === undefined) {
      this.#address();
    } else {
      this.#take(result.feed, result);
      this.#input = '';
    }
    this.#asked = this.#subject();
  }

  /** What could not be read may be saved all the same, so the form needs its address. */
  #address(): void {
    if (/^(https?|wss?):\/\/\S+$/i.test(this.#input)) {
      this.form.url = this.#input;
      this.#input = '';
    }
    if (!this.#named && this.form.url !== '') this.form.name = freeName(hostOf(this.form.url), this.#names());
  }

  /** Fills in what the probe found; a name, colour, mapping and sharing that were chosen stay. */
  #take(feed: Fields, result: ProbeResult): void {
    const { name, color, share, mapping, group, keepAge, keepEvents, keepMegabytes } = $state.snapshot(
      this.form,
    );
    const own = { name, color, share, group, keepAge, keepEvents, keepMegabytes };
    const preset = result.preset === '' ? undefined : this.#settings.preset(result.preset);
    this.#whole = { ...this.#whole, ...feed, id: this.editing?.id ?? '' };
    const found = toForm({ ...this.#whole, mapping: preset?.mapping });
    const chosen = Object.values(mapping).some((path) => path !== '');
    this.form = { ...found, ...own, mapping: chosen ? mapping : found.mapping };
    if (!this.#named) this.form.name = freeName(preset?.name ?? result.name, this.#names());
    if (preset !== undefined) this.#preset = preset;
  }

  async #preview(): Promise<void> {
    if (this.#raws.length === 0) return;
    const turn = ++this.#turn;
    try {
      const events = await this.#client.previewMapping($state.snapshot(this.form.mapping), this.#raws);
      if (turn === this.#turn) this.#events = events;
    } catch (error) {
      this.#fault = sentenceOf(error);
    }
  }

  /** The first of the colours that the fewest feeds have. */
  #freeColor(): number {
    const used = (this.#settings.document?.feeds ?? []).map((feed) => feed.color);
    const counts = Array.from({ length: COLORS }, (_, i) => used.filter((color) => color === i + 1).length);
    return counts.indexOf(Math.min(...counts)) + 1;
  }

  #names(): string[] {
    const feeds = this.#settings.document?.feeds ?? [];
    return feeds.filter((feed) => feed.id !== this.editing?.id).map((feed) => feed.name);
  }
}

function hostOf(url: string): string {
  try {
    return new URL(url).host.replace(/^www\./, '');
  } catch {
    return '';
  }
}
