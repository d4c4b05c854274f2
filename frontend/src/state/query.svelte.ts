import { ApiError, sentenceOf, type Client } from '../api/client';
import type { FieldSample } from '../wire/fields';
import { utf16Range } from './queryText';
import { readTexts, recall, remember } from './stored';

const HISTORY = 'tickertape.queries';
const MOST_HISTORY = 30;
/** How long typing rests before the query is asked. */
const REST_MS = 250;
/** How long a sample of fields is good enough for suggestions. */
const FRESH_MS = 10_000;

export interface QueryFault {
  sentence: string;
  /** The part that can't be understood, in the text; undefined when it is not about a part. */
  range: readonly [number, number] | undefined;
}

/** The query field: what is typed, what of it is in force, and what can be suggested. */
export class Query {
  readonly #client: Client;
  readonly #onapply: () => void;
  #text = $state('');
  #applied = $state('');
  #fault = $state.raw<QueryFault | undefined>();
  #history = $state.raw<readonly string[]>(readTexts(recall(HISTORY)).slice(0, MOST_HISTORY));
  #fields = $state.raw<readonly FieldSample[]>([]);
  #sampled: { at: number; feeds: string } | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asked = 0;

  /** onapply is called when another query comes into force. */
  constructor(client: Client, onapply: () => void) {
    this.#client = client;
    this.#onapply = onapply;
  }

  /** As it is typed. */
  get text(): string {
    return this.#text;
  }
  /** The last one that was understood: what the tape shows. */
  get applied(): string {
    return this.#applied;
  }
  /** Why the text is not in force. */
  get fault(): QueryFault | undefined {
    return this.#fault;
  }
  /** Queries of before, the newest first. */
  get history(): readonly string[] {
    return this.#history;
  }
  /** Fields of the newest events, with values seen in them. */
  get fields(): readonly FieldSample[] {
    return this.#fields;
  }

  /** Takes what was typed; it is asked once typing rests. */
  type(text: string): void {
    this.#text = text;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#check(), REST_MS); // it keeps its own failure
  }

  /** Asks this query at once, and remembers it. */
  async ask(text: string): Promise<void> {
    this.#text = text;
    clearTimeout(this.#timer);
    if (await this.#check()) this.#remember(text.trim());
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#asked++;
    this.#text = '';
    this.#fault = undefined;
    this.#apply('');
  }

  /** Reads what events have now, unless that is known well enough. */
  async sample(feeds: readonly string[]): Promise<void> {
    const key = feeds.join();
    if (this.#sampled?.feeds === key && Date.now() - this.#sampled.at < FRESH_MS) return;
    this.#sampled = { at: Date.now(), feeds: key };
    try {
      this.#fields = await this.#client.fields(feeds);
    } catch {
      this.#sampled = undefined; // suggestions are a help: without them the field works all the same
    }
  }

  async #check(): Promise<boolean> {
    const text = this.#text;
    const asked = ++this.#asked;
    try {
      if (text.trim() !== '') await this.#client.checkQuery(text);
      if (asked !== this.#asked) return false;
      this.#fault = undefined;
      this.#apply(text.trim());
      return true;
    } catch (error) {
      if (asked !== this.#asked) return false;
      const position = error instanceof ApiError ? error.position : undefined;
      this.#fault = {
        sentence: sentenceOf(error),
        range: position === undefined ? undefined : utf16Range(text, position),
      };
      return false;
    }
  }

  #apply(query: string): void {
    if (query === this.#applied) return;
    this.#applied = query;
    this.#onapply();
  }

  #remember(query: string): void {
    if (query === '') return;
    this.#history = [query, ...this.#history.filter((other) => other !== query)].slice(0, MOST_HISTORY);
    remember(HISTORY, this.#history);
  }
}
