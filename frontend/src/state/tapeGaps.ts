// What history lacks: each page of it says what of its stretch is no longer kept. Pages that follow on each other tell of
// one gap in parts.
import { seqOf, type Gap } from '../wire/event';

/** Of the events with from < seq <= to some are gone for good. Others may stand among them. */
export interface LostGap {
  from: number;
  to: number;
  reason: string;
}

/** More than that are never told apart: each has reasons or limits of its own. */
const MOST = 200;

/** Puts what pages told together with what is known; the same array when that is nothing new. */
export function addGaps(known: readonly LostGap[], gaps: readonly Gap[]): readonly LostGap[] {
  for (const { from, to, reason } of gaps) {
    const next = { from: seqOf(from), to: seqOf(to), reason };
    if (next.to > next.from) known = add(known, next);
  }
  return known;
}

function add(known: readonly LostGap[], next: LostGap): readonly LostGap[] {
  if (known.some((gap) => gap.from <= next.from && gap.to >= next.to)) return known;
  const touches = (gap: LostGap) => gap.reason === next.reason && gap.from <= next.to && gap.to >= next.from;
  const joined = known.filter(touches);
  return [
    ...known.filter((gap) => !touches(gap)),
    {
      from: Math.min(next.from, ...joined.map((gap) => gap.from)),
      to: Math.max(next.to, ...joined.map((gap) => gap.to)),
      reason: next.reason,
    },
  ].slice(-MOST);
}
