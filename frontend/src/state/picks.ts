// Which events are selected together. They are known by their numbers, so that they stay selected wherever the view
// goes and whatever comes; a range of any length is two of them.

/** The events between two numbers, both included. count is undefined where nobody has counted them. */
export interface Range {
  from: number;
  to: number;
  count: number | undefined;
}

export interface Picks {
  range: Range | undefined;
  /** Single events: selected outside of the range, left out of it inside. */
  single: ReadonlySet<number>;
}

export const NONE: Picks = { range: undefined, single: new Set() };

/** So many events can be picked one by one: each is a word in the address of the export, which takes no more than 500. */
export const MOST_SINGLE = 400;

export function isPicked(picks: Picks, seq: number): boolean {
  return inRange(picks.range, seq) !== picks.single.has(seq);
}

/** How many are selected; undefined when that isn't known. */
export function countOf({ range, single }: Picks): number | undefined {
  let count = range === undefined ? 0 : range.count;
  if (count === undefined) return undefined;
  for (const seq of single) count += inRange(range, seq) ? -1 : 1;
  return count;
}

/** Selects these events, or leaves them out when all of them were selected. Undefined when they are too many. */
export function toggled(picks: Picks, seqs: readonly number[]): Picks | undefined {
  const off = seqs.every((seq) => isPicked(picks, seq));
  const single = new Set(picks.single);
  for (const seq of seqs) {
    if (isPicked(picks, seq) !== off) continue;
    if (!single.delete(seq)) single.add(seq);
  }
  return single.size > MOST_SINGLE ? undefined : { ...picks, single };
}

/** As the server takes them: `k3-4,k3-6..k3-9`, with what stands before each number. */
export function idList({ range, single }: Picks, prefix: string): string {
  const sorted = [...single].sort((a, b) => a - b);
  const parts: [number, number][] = sorted
    .filter((seq) => !inRange(range, seq))
    .map((seq): [number, number] => [seq, seq]);
  if (range !== undefined) {
    let from = range.from;
    for (const seq of [...sorted.filter((one) => inRange(range, one)), range.to + 1]) {
      if (seq > from) parts.push([from, seq - 1]);
      from = seq + 1;
    }
  }
  const id = (seq: number) => prefix + String(seq);
  return parts
    .sort(([a], [b]) => a - b)
    .map(([from, to]) => (from === to ? id(from) : `${id(from)}..${id(to)}`))
    .join(',');
}

function inRange(range: Range | undefined, seq: number): boolean {
  return range !== undefined && seq >= range.from && seq <= range.to;
}
