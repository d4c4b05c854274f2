import { describe, expect, it } from 'vitest';
import { atOnce } from '../wire/slices';
import { growTree } from '../wire/tree';
import { openAtFirst, rowOf, visibleRows } from './treeRows';
import { TreeView } from './treeView.svelte';

const grow = (value: unknown) => atOnce(growTree(JSON.stringify(value)));

describe('the rows of a tree', () => {
  const tree = grow({ a: { b: [1, 2] }, c: 3 }); // 0 {}, 1 a, 2 b, 3 1, 4 2, 5 c

  it('are those outside of closed nodes', () => {
    const rows = (...open: number[]) => visibleRows(tree, Uint8Array.from(open));
    expect([...rows(0, 0, 0, 0, 0, 0)]).toEqual([0]);
    expect([...rows(1, 0, 0, 0, 0, 0)]).toEqual([0, 1, 5]);
    expect([...rows(1, 1, 0, 0, 0, 0)]).toEqual([0, 1, 2, 5]);
    expect(rowOf(rows(1, 0, 0, 0, 0, 0), 4)).toBe(1); // a, around it
  });

  it('are not too many at first', () => {
    expect([...openAtFirst(tree)]).toEqual([1, 1, 1, 0, 0, 0]);
    const large = grow({ list: Array.from({ length: 5_000 }, (_, i) => ({ i })), small: [1] });
    expect(visibleRows(large, openAtFirst(large))).toHaveLength(4);
    expect(openAtFirst(atOnce(growTree('')))).toHaveLength(0);
  });
});

describe('the view of a tree', () => {
  const view = () => new TreeView(grow({ a: { b: [1, 2] }, c: 'find me' }));

  it('moves in and out', () => {
    const it = view();
    it.inward();
    expect(it.current).toBe(1);
    it.outward();
    expect([it.isOpen(1), it.current, [...it.rows]]).toEqual([false, 1, [0, 1, 5]]);
    it.outward();
    expect(it.current).toBe(0);
    it.toRow(99);
    expect(it.current).toBe(5);
    it.inward();
    expect(it.current).toBe(5);
  });

  it('opens what hides a place that was found', async () => {
    const it = view();
    it.closeAll();
    await it.search('2');
    expect([it.current, it.row, it.place, it.isOpen(2)]).toEqual([4, 4, 1, true]);
    await it.search('FIND');
    expect(it.current).toBe(5);
    it.step(1);
    expect(it.current).toBe(5);
    await it.search('nothing');
    expect([it.found, it.current]).toEqual([[], 5]);
    it.step(-1);
  });
});
