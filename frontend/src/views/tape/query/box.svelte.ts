import type { Session } from '../../../state/session.svelte';
import { suggest, taken, type Suggestion, type Suggestions } from './suggest';

const NONE: Suggestions = { from: 0, to: 0, items: [] };

/** The field's own life: where its caret is, whether suggestions are shown, and which one the keyboard is on. */
export class QueryBox {
  readonly #session: Session;
  input = $state<HTMLInputElement>();
  #open = $state(false);
  #caret = $state(0);
  #scroll = $state(0);
  #active = $state(-1);
  #found = $derived.by(() => {
    if (!this.#open) return NONE;
    const { query, feeds, views } = this.#session;
    const known = { feeds: feeds.list, fields: query.fields, recent: query.history, views: views.list };
    return suggest(query.text, this.#caret, known);
  });

  constructor(session: Session) {
    this.#session = session;
  }

  get items(): readonly Suggestion[] {
    return this.#found.items;
  }
  get shown(): boolean {
    return this.#found.items.length > 0;
  }
  /** The index of the suggestion that the keyboard is on; -1 while it is in the field. */
  get active(): number {
    return this.#active;
  }
  /** How far the text has scrolled out at its left. */
  get scroll(): number {
    return this.#scroll;
  }

  focus(): void {
    this.input?.focus();
    this.input?.select();
  }

  clear(): void {
    this.#session.query.clear();
    this.close();
  }

  close(): void {
    this.#open = false;
    this.#active = -1;
  }

  /** The caret may have moved, and with it what can be suggested. */
  look(): void {
    this.#caret = this.input?.selectionStart ?? 0;
    this.#scroll = this.input?.scrollLeft ?? 0;
  }

  unfold(): void {
    this.#open = true;
    this.look();
    const { query, feeds } = this.#session;
    void query.sample([...(feeds.chosen ?? [])]); // a help, which keeps its own failure
  }

  typed(): void {
    this.#session.query.type(this.input?.value ?? '');
    this.#active = -1;
    this.unfold();
  }

  pick(item: Suggestion): void {
    const { query } = this.#session;
    const next = taken(query.text, this.#found, item);
    this.#active = -1;
    if (item.whole) {
      void query.ask(next.text); // it keeps its own failure
      this.close();
      return;
    }
    query.type(next.text);
    if (this.input === undefined) return;
    this.input.value = next.text;
    this.input.setSelectionRange(next.caret, next.caret);
    this.unfold();
  }

  pressed(event: KeyboardEvent): void {
    const chosen = this.items[this.#active];
    if (event.key === 'ArrowDown') this.#step(1);
    else if (event.key === 'ArrowUp') this.#step(-1);
    else if ((event.key === 'Enter' || event.key === 'Tab') && chosen !== undefined) this.pick(chosen);
    else if (event.key === 'Enter') {
      this.close();
      void this.#session.query.ask(this.#session.query.text); // it keeps its own failure
    } else if (event.key === 'Escape') this.#escape();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #step(by: 1 | -1): void {
    if (!this.#open) {
      this.unfold();
      return;
    }
    const count = this.items.length + 1; // one of them is the field itself
    this.#active = ((this.#active + 1 + by + count) % count) - 1;
  }

  #escape(): void {
    if (this.shown) this.close();
    else if (this.#session.query.text !== '') this.clear();
    else this.input?.blur();
  }
}
