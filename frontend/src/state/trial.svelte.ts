import { sentenceOf, type Client } from '../api/client';
import { readBy, VIAS, type Via } from '../stream/readers';
import { Scores, type Score } from '../stream/scores';
import type { TapeEvent } from '../wire/event';
import type { Usage } from '../wire/trial';
import type { SettingsState } from './settings.svelte';

export type { Score } from '../stream/scores';
export { SECONDS } from '../stream/scores';
export { VIAS, type Via } from '../stream/readers';

/** What a comparison is made under. */
export interface Conditions {
  /** Id of the feed to read; empty for all. */
  feed: string;
  /** Events a second that the load makes; 0 for none. */
  load: number;
  /** Added to the way of everything, in milliseconds, each way. */
  delay: number;
  /** Every connection is cut each so many seconds; 0 for never. */
  cut: number;
  /** Milliseconds between two polls. */
  interval: number;
}

export const FIRST: Conditions = { feed: '', load: 0, delay: 0, cut: 0, interval: 1_000 };

export interface Result {
  score: Score;
  usage: Usage;
}

const NOTHING: Usage = { requests: 0, cuts: 0, bytesIn: 0, bytesOut: 0 };
const REFRESH_MS = 500;
/** The feed that makes the load. It is paused when nobody measures. */
const LOAD_NAME = 'Load test';

/** A comparison of the four transports over the same live events, begun together. */
export class Trial {
  readonly #client: Client;
  readonly #settings: SettingsState;
  #conditions = $state.raw<Conditions>(FIRST);
  #results = $state.raw<ReadonlyMap<Via, Result>>(new Map());
  #fault = $state('');
  #run = $state.raw<AbortController | undefined>();
  #seconds = $state(0);

  constructor(client: Client, settings: SettingsState) {
    this.#client = client;
    this.#settings = settings;
  }

  get conditions(): Conditions {
    return this.#conditions;
  }
  get running(): boolean {
    return this.#run !== undefined;
  }
  /** How long this comparison has run. */
  get seconds(): number {
    return this.#seconds;
  }
  /** Of each transport, as far as it has been measured. */
  result(via: Via): Result | undefined {
    return this.#results.get(via);
  }
  /** Why it could not begin. */
  get fault(): string {
    return this.#fault;
  }

  /** Changes the conditions. Those of a running comparison begin anew with it. */
  async change(part: Partial<Conditions>): Promise<void> {
    this.#conditions = { ...this.#conditions, ...part };
    if (this.running) await this.start();
  }

  async start(): Promise<void> {
    this.#run?.abort();
    const run = new AbortController();
    this.#run = run;
    this.#fault = '';
    this.#seconds = 0;
    this.#results = new Map();
    try {
      if (this.#settings.mayChange) await this.#load(this.#conditions.load);
      if (!run.signal.aborted) await this.#measure(run);
    } catch (error) {
      if (run.signal.aborted) return;
      this.#fault = sentenceOf(error);
      this.#run = undefined;
    }
  }

  async stop(): Promise<void> {
    this.#run?.abort();
    this.#run = undefined;
    if (!this.#settings.mayChange) return;
    try {
      await this.#load(0);
    } catch (error) {
      this.#fault = sentenceOf(error);
    }
  }

  async #measure(run: AbortController): Promise<void> {
    const { signal } = run;
    const name = crypto.getRandomValues(new Uint32Array(2)).join('');
    const skew = await this.#client.clockSkew(name);
    const newest = await this.#client.events({ limit: 1 });
    const scores = new Scores();
    const begun = performance.now();
    const reading = {
      ...this.#client.trial(name, this.#conditions),
      after: newest.events[0]?.id ?? '',
      interval: this.#conditions.interval,
      events: (via: Via, events: TapeEvent[]) => {
        const now = performance.timeOrigin + performance.now();
        for (const event of events)
          scores.add(via, event.seq, Math.max(0, now + skew - Date.parse(event.receivedAt)), now);
      },
      broken: (via: Via) => {
        scores.broken(via);
      },
    };
    for (const via of VIAS) void readBy(via, reading, signal); // each ends with the signal
    while (!signal.aborted) {
      await new Promise((resolve) => setTimeout(resolve, REFRESH_MS));
      const { usage } = await this.#client.trialRun(name).catch(() => ({ usage: new Map<string, Usage>() }));
      if (this.#run !== run) return;
      const now = performance.timeOrigin + performance.now();
      this.#seconds = Math.round((performance.now() - begun) / 1_000);
      this.#results = new Map(
        VIAS.map((via) => [via, { score: scores.score(via, now), usage: usage.get(via) ?? NOTHING }]),
      );
    }
  }

  /** Sets the rate of the feed that makes the load, which is added when it is first wanted. */
  async #load(rate: number): Promise<void> {
    const feed = this.#settings.document?.feeds.find(
      (known) => known.kind === 'simulator' && known.name === LOAD_NAME,
    );
    if (feed === undefined) {
      if (rate > 0)
        await this.#settings.addFeed({ name: LOAD_NAME, kind: 'simulator', scene: 'burst', rate });
      return;
    }
    if (rate === 0 && feed.paused) return;
    const draft = { ...feed.whole, name: feed.name, kind: feed.kind, paused: rate === 0 };
    // Past the settings' list of what can be undone: nobody changed a setting.
    await this.#client.changeFeed(feed.id, rate === 0 ? draft : { ...draft, rate });
    await this.#settings.load();
  }
}
