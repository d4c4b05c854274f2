import { findInTree } from '../wire/find';
import { inSlices } from '../wire/slices';
import type { JsonTree } from '../wire/tree';
import { openAtFirst, rowOf, visibleRows, type Open } from './treeRows';

/** A JSON tree as it is looked at: what is open, which node is the current one, what was searched for. */
export class TreeView {
  readonly tree: JsonTree;
  #open = $state.raw<Open>(new Uint8Array());
  #rows = $derived.by(() => visibleRows(this.tree, this.#open));
  #current = $state(0);
  #found = $state.raw<readonly number[]>([]);
  #searching: AbortController | undefined;

  constructor(tree: JsonTree) {
    this.tree = tree;
    this.#open = openAtFirst(tree);
  }

  get rows(): Int32Array {
    return this.#rows;
  }
  get current(): number {
    return this.#current;
  }
  /** The row of the current node. */
  get row(): number {
    return rowOf(this.#rows, this.#current);
  }
  get found(): readonly number[] {
    return this.#found;
  }
  /** Which of the found ones is the current node, from 1; 0 for none. */
  get place(): number {
    return this.#found.indexOf(this.#current) + 1;
  }

  isOpen(node: number): boolean {
    return this.#open[node] === 1;
  }

  /** Makes a row's node the current one. */
  toRow(row: number): void {
    this.#current = this.#rows[Math.min(this.#rows.length - 1, Math.max(0, row))] ?? 0;
  }

  toggle(node: number): void {
    if (!this.tree.isContainer(node)) return;
    const open = this.#open.slice();
    open[node] = this.isOpen(node) ? 0 : 1;
    this.#open = open;
    this.#current = node;
  }

  /** Into an open container, or opens a closed one. */
  inward(): void {
    const node = this.#current;
    if (this.tree.count(node) === 0) return;
    if (this.isOpen(node)) this.#current = node + 1;
    else this.toggle(node);
  }

  /** Closes an open container, or goes out to the one around. */
  outward(): void {
    const node = this.#current;
    if (this.isOpen(node) && this.tree.count(node) > 0) this.toggle(node);
    else this.#current = Math.max(0, this.tree.parent(node));
  }

  openAll(): void {
    this.#open = new Uint8Array(this.tree.size).fill(1);
  }

  closeAll(): void {
    this.#open = new Uint8Array(this.tree.size).fill(1, 0, 1);
    this.toRow(this.row);
  }

  /** Finds the words, and goes to the first place at or after the current node. */
  async search(words: string): Promise<void> {
    this.#searching?.abort();
    this.#searching = new AbortController();
    const { signal } = this.#searching;
    try {
      this.#found = await inSlices(findInTree(this.tree, words), signal);
    } catch {
      return; // other words are searched for by now
    }
    const next = this.#found.find((node) => node >= this.#current) ?? this.#found[0];
    if (next !== undefined) this.#reveal(next);
  }

  /** To the next place that was found, or with -1 to the one before. */
  step(step: 1 | -1): void {
    const { length } = this.#found;
    if (length === 0) return;
    const here = this.#found.indexOf(this.#current);
    const at = here === -1 ? (step === 1 ? 0 : length - 1) : (here + step + length) % length;
    const next = this.#found[at];
    if (next !== undefined) this.#reveal(next);
  }

  #reveal(node: number): void {
    const open = this.#open.slice();
    for (let at = this.tree.parent(node); at >= 0; at = this.tree.parent(at)) open[at] = 1;
    this.#open = open;
    this.#current = node;
  }
}
