// JSON text as a tree of places in it. Nothing is parsed into values: what is shown, copied and compared is what came,
// digit by digit; and a document of megabytes costs some numbers a value instead of an object each.
import { skipSpace, skipString, WireError } from './json';

export const MAX_NODES = 1_000_000;

/** Yields once in so many values. */
const STRETCH = 2_000;

export type Kind = 'object' | 'array' | 'string' | 'number' | 'literal';

/** Nodes are numbered in the order in which they stand in the text; the document is node 0. */
export class JsonTree {
  readonly text: string;
  /** The text ended early, or has more than MAX_NODES values. */
  cut = false;
  #size = 0;
  #starts = new Int32Array(64);
  #ends = new Int32Array(64);
  #keys = new Int32Array(64);
  #parents = new Int32Array(64);
  #nexts = new Int32Array(64);
  #orders = new Int32Array(64);
  #counts = new Int32Array(64);

  constructor(text: string) {
    this.text = text;
  }

  get size(): number {
    return this.#size;
  }
  start(node: number): number {
    return this.#starts[node] ?? 0;
  }
  /** The node's text, without what is beyond the limit. */
  raw(node: number, limit = Infinity): string {
    const start = this.start(node);
    return this.text.slice(start, Math.min(this.#ends[node] ?? start, start + limit));
  }
  length(node: number): number {
    return (this.#ends[node] ?? 0) - this.start(node);
  }
  /** -1 for the document. */
  parent(node: number): number {
    return this.#parents[node] ?? -1;
  }
  /** The first node behind all that is inside of this one. */
  next(node: number): number {
    return this.#nexts[node] ?? this.#size;
  }
  /** How many members or elements. */
  count(node: number): number {
    return this.#counts[node] ?? 0;
  }
  /** The place among its siblings, from 0. */
  order(node: number): number {
    return this.#orders[node] ?? 0;
  }
  kind(node: number): Kind {
    const char = this.text.charAt(this.start(node));
    if (char === '{') return 'object';
    if (char === '[') return 'array';
    if (char === '"') return 'string';
    return char === '-' || (char >= '0' && char <= '9') ? 'number' : 'literal';
  }
  isContainer(node: number): boolean {
    const char = this.text.charAt(this.start(node));
    return char === '{' || char === '[';
  }
  /** The name of a member; undefined for an element or the document. */
  key(node: number): string | undefined {
    const at = this.#keys[node] ?? -1;
    return at < 0 ? undefined : stringValue(this.text.slice(at, skipString(this.text, at)));
  }
  /** The members or elements of a node. */
  *children(node: number): Generator<number> {
    for (let child = node + 1; child < this.next(node); child = this.next(child)) yield child;
  }
  /** The smallest node at a place in the text: with its key, a member begins there. */
  nodeAt(place: number): number {
    let low = 0;
    let high = this.#size - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#from(middle) <= place) low = middle;
      else high = middle - 1;
    }
    return low;
  }
  #from(node: number): number {
    const key = this.#keys[node] ?? -1;
    return key < 0 ? this.start(node) : key;
  }

  /** For who builds the tree: adds a value that ends there, or a container that is still open. */
  add(start: number, end: number, key: number, parent: number): number {
    const node = this.#size++;
    if (node === this.#starts.length) this.#grow();
    this.#starts[node] = start;
    this.#ends[node] = end;
    this.#keys[node] = key;
    this.#parents[node] = parent;
    this.#nexts[node] = this.#size;
    if (parent >= 0) {
      this.#orders[node] = this.count(parent);
      this.#counts[parent] = this.count(parent) + 1;
    }
    return node;
  }
  close(node: number, end: number): void {
    this.#ends[node] = end;
    this.#nexts[node] = this.#size;
  }
  #grow(): void {
    this.#starts = doubled(this.#starts);
    this.#ends = doubled(this.#ends);
    this.#keys = doubled(this.#keys);
    this.#parents = doubled(this.#parents);
    this.#nexts = doubled(this.#nexts);
    this.#orders = doubled(this.#orders);
    this.#counts = doubled(this.#counts);
  }
}

function doubled(list: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(list.length * 2);
  larger.set(list);
  return larger;
}

/** The string that its JSON text means. */
export function stringValue(raw: string): string {
  try {
    return String(JSON.parse(raw));
  } catch {
    return raw; // it was cut short
  }
}

/** Finds the values of the JSON in text. One that was cut short gives what is there. */
export function* growTree(text: string, maxNodes = MAX_NODES): Generator<undefined, JsonTree> {
  const tree = new JsonTree(text);
  let open = -1;
  let key = -1;
  let at = 0;
  while ((at = skipSpace(text, at)) < text.length) {
    if (tree.size % STRETCH === STRETCH - 1) yield;
    const char = text.charAt(at);
    if (char === '}' || char === ']') {
      if (open < 0) break;
      tree.close(open, ++at);
      open = tree.parent(open);
    } else if (char === ',') at++;
    else {
      const end = valueEnd(text, at);
      const colon = char === '"' && key < 0 && open >= 0 ? skipSpace(text, end) : -1;
      if (colon >= 0 && text.charAt(colon) === ':') {
        key = at;
        at = colon + 1;
        continue;
      }
      if (tree.size === maxNodes) break;
      const node = tree.add(at, end, key, open);
      if (char === '{' || char === '[') open = node;
      key = -1;
      at = end;
    }
  }
  tree.cut = open >= 0;
  for (; open >= 0; open = tree.parent(open)) tree.close(open, text.length);
  return tree;
}

/** Where a value ends; a container's is the place behind its bracket. */
function valueEnd(text: string, at: number): number {
  const char = text.charAt(at);
  if (char === '{' || char === '[') return at + 1;
  if (char === '"') {
    try {
      return skipString(text, at);
    } catch (error) {
      if (error instanceof WireError) return text.length;
      throw error;
    }
  }
  let end = at + 1;
  while (end < text.length && !' \n\r\t,]}:"'.includes(text.charAt(end))) end++;
  return end;
}
