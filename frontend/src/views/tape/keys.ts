// Where a key leads to in the tape.

export interface Where {
  rows: { base: number; count: number };
  /** How many rows fit into the view, and the last one that is in it. */
  page: number;
  lastInView: number;
}

/** The place to go to; undefined when the key isn't one for moving, or there is nowhere to go. */
export function step(key: string, here: number | undefined, where: Where): number | undefined {
  const { base, count } = where.rows;
  if (count === 0) return undefined;
  const steps = new Map([
    ['ArrowDown', 1],
    ['ArrowUp', -1],
    ['PageDown', where.page],
    ['PageUp', -where.page],
    ['Home', -count],
  ]);
  const by = steps.get(key);
  if (by === undefined) return undefined;
  // Nothing is chosen yet: the first key chooses what is in view.
  const to = here === undefined ? (key === 'Home' ? base : where.lastInView) : here + by;
  return Math.min(base + count - 1, Math.max(base, to));
}
