import { isFields, choice, flag } from '../wire/read';
import { recall, remember } from './stored';
import type { Tape } from './tape.svelte';
import { ORDERS, type Order } from './tapeRows';

const KEY = 'tickertape.tape';

export const TIMES = ['clock', 'relative'] as const;
export type Time = (typeof TIMES)[number];

export interface Options {
  order: Order;
  group: boolean;
  time: Time;
}

/** How the tape is laid out. Remembered from one launch to the next. */
export class TapeOptions {
  readonly #tape: Tape;
  #options = $state.raw<Options>(readOptions(recall(KEY)));

  constructor(tape: Tape) {
    this.#tape = tape;
    this.#tape.lay({ order: this.order, group: this.group });
  }

  get order(): Order {
    return this.#options.order;
  }
  get group(): boolean {
    return this.#options.group;
  }
  get time(): Time {
    return this.#options.time;
  }

  change(part: Partial<Options>): void {
    this.#options = { ...this.#options, ...part };
    remember(KEY, this.#options);
    if (part.order !== undefined || part.group !== undefined)
      this.#tape.lay({ order: this.order, group: this.group });
  }
}

export function readOptions(raw: string | null): Options {
  let value: unknown;
  try {
    value = JSON.parse(raw ?? '{}');
  } catch {
    value = {};
  }
  const fields = isFields(value) ? value : {};
  return {
    order: choice(fields, 'order', ORDERS, 'arrival'),
    group: flag(fields, 'group'),
    time: choice(fields, 'time', TIMES, 'clock'),
  };
}
