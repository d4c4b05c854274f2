// Finding text in a tree's keys and values.
import type { JsonTree } from './tree';

export const MAX_FOUND = 10_000;

/** The nodes whose own text has the words, in order, upper and lower case alike. */
export function* findInTree(tree: JsonTree, words: string): Generator<undefined, number[]> {
  const found: number[] = [];
  if (words === '') return found;
  const pattern = new RegExp(forms(words).map(literal).join('|'), 'giu');
  let turns = 0;
  for (let match = pattern.exec(tree.text); match !== null; match = pattern.exec(tree.text)) {
    const node = tree.nodeAt(match.index);
    if (found.at(-1) !== node && isWithin(tree, node, match.index, match[0].length)) found.push(node);
    if (found.length === MAX_FOUND) break;
    if (++turns % 200 === 0) yield;
  }
  return found;
}

/** Whether the place is in the node's key or its own text, not in the brackets and commas around others. */
function isWithin(tree: JsonTree, node: number, place: number, length: number): boolean {
  const start = tree.start(node);
  if (place < start) return tree.text.slice(place + length, start).includes('"');
  return !tree.isContainer(node) && place + length <= start + tree.length(node);
}

/** How JSON may write the words: as they are, or with what it escapes. */
function forms(words: string): string[] {
  const escaped = JSON.stringify(words).slice(1, -1);
  const ascii = escaped.replace(
    /[^\0-~]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return [...new Set([words, escaped, ascii])];
}

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
