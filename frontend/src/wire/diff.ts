// What changed between two payloads: field by field for JSON, word by word or line by line for text.
import type { Step } from './place';
import type { JsonTree } from './tree';

/** One field that differs; before or after is missing where it wasn't there. JSON text, as it came. */
export interface Change {
  place: Step[];
  before?: string;
  after?: string;
}

export interface Changes {
  list: Change[];
  /** There are more than MAX_CHANGES. */
  cut: boolean;
}

export const MAX_CHANGES = 1_000;
/** What is nested deeper is compared as a whole. */
const MAX_DEPTH = 100;

export function* diffTrees(before: JsonTree, after: JsonTree): Generator<undefined, Changes> {
  const changes: Changes = { list: [], cut: false };
  if (before.size > 0 && after.size > 0) yield* compare(before, 0, after, 0, [], changes);
  return changes;
}

function* compare(
  a: JsonTree,
  from: number,
  b: JsonTree,
  to: number,
  place: Step[],
  changes: Changes,
): Generator<undefined, void> {
  yield;
  if (changes.cut || (a.length(from) === b.length(to) && a.raw(from) === b.raw(to))) return;
  const kind = a.kind(from);
  if (kind !== b.kind(to) || !a.isContainer(from) || place.length === MAX_DEPTH) {
    note(changes, { place, before: a.raw(from), after: b.raw(to) });
    return;
  }
  const left = new Map<Step, number>();
  for (const child of a.children(from)) left.set(a.key(child) ?? a.order(child), child);
  for (const child of b.children(to)) {
    const step = b.key(child) ?? b.order(child);
    const old = left.get(step);
    left.delete(step);
    if (old === undefined) note(changes, { place: [...place, step], after: b.raw(child) });
    else yield* compare(a, old, b, child, [...place, step], changes);
  }
  for (const [step, gone] of left) note(changes, { place: [...place, step], before: a.raw(gone) });
}

function note(changes: Changes, change: Change): void {
  if (changes.list.length === MAX_CHANGES) changes.cut = true;
  else changes.list.push(change);
}

export interface Piece {
  kind: 'same' | 'removed' | 'added';
  text: string;
}

/** Beyond so many words, lines are compared. */
const MAX_WORDS = 3_000;
/** Beyond so many cells, what differs is told as a whole. */
const MAX_CELLS = 4_000_000;

export function diffTexts(before: string, after: string): Piece[] {
  const words = [before, after].map((text) => text.split(/(\s+)/).filter((word) => word !== ''));
  if (words.every((list) => list.length <= MAX_WORDS)) return diffLists(words[0] ?? [], words[1] ?? []);
  return diffLists(linesOf(before), linesOf(after));
}

/** Each with its line break. Not by a look behind: WebKit of 2022 can't read those, nor the file they stand in. */
function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+/g) ?? [];
}

/** The shortest way from one list to the other, by their longest common part. */
function diffLists(a: readonly string[], b: readonly string[]): Piece[] {
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a.at(-1 - tail) === b.at(-1 - tail)) tail++;
  const pieces: Piece[] = [];
  put(pieces, 'same', a.slice(0, head));
  middle(pieces, a.slice(head, a.length - tail), b.slice(head, b.length - tail));
  put(pieces, 'same', a.slice(a.length - tail));
  return pieces;
}

function middle(pieces: Piece[], a: readonly string[], b: readonly string[]): void {
  const width = b.length + 1;
  const small = (a.length + 1) * width <= MAX_CELLS;
  // common[i, j]: how long the common part of a from i and b from j is.
  const common = new Uint16Array(small ? (a.length + 1) * width : 0);
  const at = (i: number, j: number) => common[i * width + j] ?? 0;
  for (let i = a.length - 1; small && i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      common[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  let i = 0;
  let j = 0;
  while (small && i < a.length && j < b.length) {
    if (a[i] === b[j]) {
      put(pieces, 'same', a.slice(i, ++i));
      j++;
    } else if (at(i + 1, j) >= at(i, j + 1)) put(pieces, 'removed', a.slice(i, ++i));
    else put(pieces, 'added', b.slice(j, ++j));
  }
  put(pieces, 'removed', a.slice(i));
  put(pieces, 'added', b.slice(j));
}

function put(pieces: Piece[], kind: Piece['kind'], parts: readonly string[]): void {
  if (parts.length === 0) return;
  const last = pieces.at(-1);
  if (last?.kind === kind) last.text += parts.join('');
  else pieces.push({ kind, text: parts.join('') });
}
