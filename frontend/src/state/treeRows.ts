// Which nodes of a tree are rows on the screen. Rows rise in number, so that a node's row is found by halving.
import type { JsonTree } from '../wire/tree';

/** How many rows a tree has at first, unless its own members are more. */
const FIRST_ROWS = 200;

/** Which nodes are open: a flag for each. */
export type Open = Uint8Array;

/** The nodes that are not inside of a closed one. */
export function visibleRows(tree: JsonTree, open: Open): Int32Array {
  const rows = new Int32Array(tree.size);
  let count = 0;
  for (let node = 0; node < tree.size;) {
    rows[count++] = node;
    node = open[node] === 1 ? node + 1 : tree.next(node);
  }
  return rows.subarray(0, count);
}

/** Opens level by level, as long as that is not too much to look at. */
export function openAtFirst(tree: JsonTree): Open {
  const open = new Uint8Array(tree.size);
  open.fill(1, 0, 1);
  let rows = 1 + tree.count(0);
  let level = [0];
  while (level.length > 0 && rows < FIRST_ROWS) {
    const inner: number[] = [];
    for (const parent of level) {
      for (const child of tree.children(parent)) {
        if (tree.count(child) === 0 || rows + tree.count(child) > FIRST_ROWS) continue;
        rows += tree.count(child);
        open[child] = 1;
        inner.push(child);
      }
    }
    level = inner;
  }
  return open;
}

/** The row of a node, or of the nearest one around it that has a row. */
export function rowOf(rows: Int32Array, node: number): number {
  let low = 0;
  let high = rows.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((rows[middle] ?? 0) <= node) low = middle;
    else high = middle - 1;
  }
  return low;
}

export function depthOf(tree: JsonTree, node: number): number {
  let depth = 0;
  for (let at = tree.parent(node); at >= 0; at = tree.parent(at)) depth++;
  return depth;
}
