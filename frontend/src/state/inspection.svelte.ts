import { sentenceOf, type Client } from '../api/client';
import type { EventDetail } from '../wire/detail';
import { diffTexts, diffTrees, type Changes, type Piece } from '../wire/diff';
import type { TapeEvent } from '../wire/event';
import { inQuotes } from '../wire/place';
import { inSlices } from '../wire/slices';
import { growTree } from '../wire/tree';
import { recall, remember } from './stored';

export const TABS = ['event', 'page', 'data', 'changes', 'frame'] as const;
export type InspectorTab = (typeof TABS)[number];

const KEY = 'tickertape.inspector';

/** How an event differs from the one before it. */
export type Comparison =
  | { kind: 'none' }
  | { kind: 'failed'; sentence: string }
  | { kind: 'fields'; before: TapeEvent; changes: Changes }
  | { kind: 'words'; before: TapeEvent; pieces: Piece[] };

/** What is looked at of the event whose detail is open, and what the server adds to it. */
export class Inspection {
  readonly #client: Client;
  #tab = $state<InspectorTab>(TABS.find((tab) => tab === recalledTab()) ?? 'event');
  #whole = $state.raw<TapeEvent | undefined>();
  #detail = $state.raw<EventDetail | undefined>();
  #id = $state('');

  constructor(client: Client) {
    this.#client = client;
  }

  get tab(): InspectorTab {
    return this.#tab;
  }
  /** The whole of an event of which the tape keeps the beginning; the event itself until that is here. */
  whole(event: TapeEvent): TapeEvent {
    return this.#whole !== undefined && this.#whole.id === event.id ? this.#whole : event;
  }
  /** What the server knows of the event; undefined until it has said. */
  detail(event: TapeEvent): EventDetail | undefined {
    return this.#id === event.id ? this.#detail : undefined;
  }

  choose(tab: InspectorTab): void {
    this.#tab = tab;
    remember(KEY, tab);
  }

  /** Fetches what there is about an event. What fails leaves the event as the tape has it. */
  async open(event: TapeEvent, signal: AbortSignal): Promise<void> {
    const whole = event.cut && this.#whole?.id !== event.id ? this.#client.event(event.id) : undefined;
    const [found, detail] = await Promise.allSettled([whole, this.#client.detail(event.id)]);
    if (signal.aborted) return;
    if (found.status === 'fulfilled' && found.value !== undefined) this.#whole = found.value;
    this.#detail = detail.status === 'fulfilled' ? detail.value : undefined;
    this.#id = event.id;
  }

  /** Compares an event with the one it revises, or the one before it of its key, or of its feed. */
  async compare(event: TapeEvent, signal: AbortSignal): Promise<Comparison> {
    try {
      const before = await this.#before(event);
      if (before === undefined) return { kind: 'none' };
      if (!isStructured(event.data) || !isStructured(before.data)) {
        return { kind: 'words', before, pieces: diffTexts(textOf(before), textOf(event)) };
      }
      const trees = [
        await inSlices(growTree(before.data), signal),
        await inSlices(growTree(event.data), signal),
      ] as const;
      return { kind: 'fields', before, changes: await inSlices(diffTrees(...trees), signal) };
    } catch (error) {
      return { kind: 'failed', sentence: sentenceOf(error) };
    }
  }

  async #before(event: TapeEvent): Promise<TapeEvent | undefined> {
    if (event.revises !== undefined) return this.#client.event(event.revises);
    const q = event.key === undefined ? '' : `key:${inQuotes(event.key)}`;
    const page = await this.#client.events({ feeds: [event.feed], before: event.id, limit: 1, q });
    const before = page.events[0];
    return before?.cut === true ? this.#client.event(before.id) : before;
  }
}

function recalledTab(): unknown {
  try {
    return JSON.parse(recall(KEY) ?? '""');
  } catch {
    return undefined;
  }
}

function isStructured(data: string | undefined): data is string {
  return data !== undefined && (data.startsWith('{') || data.startsWith('['));
}

function textOf(event: TapeEvent): string {
  if (event.data?.startsWith('"') !== true) return event.data ?? event.text ?? '';
  const value: unknown = JSON.parse(event.data);
  return String(value);
}
