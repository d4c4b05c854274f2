// When an event was where, and how long each step took.
import type { Moment } from '../../../state/moments';
import { exactTime, fullTime } from '../../../ui/time';
import type { TapeEvent } from '../../../wire/event';

export interface Timing {
  step: 'source' | 'received' | 'stored' | 'arrived' | 'shown';
  time: string;
  /** Milliseconds after the step before it that is known. */
  later?: number;
}

export function timings(
  event: Pick<TapeEvent, 'sourceTime' | 'receivedAt'>,
  storedAt: string | undefined,
  moment: Moment | undefined,
): Timing[] {
  const known = [
    { step: 'source', at: exactly(event.sourceTime) },
    { step: 'received', at: exactly(event.receivedAt) },
    { step: 'stored', at: exactly(storedAt) },
    { step: 'arrived', at: moment?.arrived ?? NaN },
    { step: 'shown', at: moment?.shown ?? NaN },
  ] as const;
  const list: Timing[] = [];
  let before = NaN;
  for (const { step, at } of known) {
    if (Number.isNaN(at)) continue;
    const sameDay = new Date(at).toDateString() === new Date(before).toDateString();
    const timing: Timing = { step, time: sameDay ? exactTime(at) : fullTime(at) };
    if (!Number.isNaN(before)) timing.later = at - before;
    list.push(timing);
    before = at;
  }
  return list;
}

/** Milliseconds with their fraction, which Date leaves out. */
function exactly(iso: string | undefined): number {
  if (iso === undefined) return NaN;
  const fraction = /\.\d{3}(\d+)/.exec(iso)?.[1] ?? '';
  return Date.parse(iso) + (fraction === '' ? 0 : Number(`0.${fraction}`));
}
