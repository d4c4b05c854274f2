// The arithmetic of the virtual list. A place is a row's number on an endless scale (`base` is the number of the first row
// there is), so that it stays true when rows are added or let go above it. Rows are as high as they were measured, and as
// high as most are until then; what stands at the top of the view is held by its row, never by a distance from above.

import type { Anchor, Heights } from './heights';

export interface Range {
  start: number;
  end: number;
}

export interface Shape {
  /** Number of the first row. */
  base: number;
  count: number;
  heights: Heights;
  /** Height of the view, in pixels. */
  viewport: number;
  /** Space above the first row, in pixels. */
  lead: number;
  /** The same below the last row; so much of the view's end is no place for a row that is to be seen. */
  tail: number;
}

export function contentHeight(shape: Shape): number {
  return shape.lead + topOf(shape.base + shape.count, shape) + shape.tail;
}

/** The distance of a row from the first one. */
export function topOf(place: number, shape: Shape): number {
  return shape.heights.between(shape.base, place);
}

/** The largest scroll offset. */
export function bottom(shape: Shape): number {
  return Math.max(0, contentHeight(shape) - shape.viewport);
}

/** The scroll offset that puts the anchor at the top of the view; undefined is the newest end. */
export function offsetOf(anchor: Anchor | undefined, shape: Shape): number {
  const end = bottom(shape);
  if (anchor === undefined) return end;
  return Math.min(end, Math.max(0, shape.lead + topOf(anchor.place, shape) + anchor.px));
}

/** What stands at the top of the view. */
export function anchorAt(offset: number, shape: Shape): Anchor {
  const down = offset - shape.lead;
  if (down < 0) return { place: shape.base, px: down };
  return shape.heights.placeAt(shape.base, down, shape.base + shape.count);
}

/** The places of the rows to draw: those in view with some more on both sides, and `least` in all where there are as many. */
export function rangeAt(
  offset: number,
  shape: Shape,
  more: { above: number; below: number },
  least = 0,
): Range {
  const { base, count } = shape;
  const first = anchorAt(Math.max(shape.lead, offset), shape).place - more.above;
  const last = anchorAt(Math.max(shape.lead, offset + shape.viewport), shape).place + more.below;
  const start = Math.max(base, Math.min(first, base + count - least));
  return { start, end: Math.min(base + count, Math.max(last + 1, start + least)) };
}

export type Move = 'none' | 'hold' | 'end';

/**
 * What a scroll means: elsewhere it holds the view there, at the very end it asks for the newest. expected is the offset
 * that the list itself had set, which is no move of the reader's; end is the largest that the page had room for then.
 */
export function moveOf(offset: number, expected: number, following: boolean, end: number): Move {
  if (Math.abs(offset - expected) < 2) return 'none';
  if (offset >= end - 2 && (following || offset > expected)) return following ? 'none' : 'end';
  return 'hold';
}

/** The offset that brings the row fully into view with the least movement. */
export function reveal(place: number, offset: number, shape: Shape): number {
  const top = shape.lead + topOf(place, shape);
  if (top < offset) return Math.max(0, top);
  const under = top + shape.heights.of(place) + shape.tail - shape.viewport;
  return under > offset ? under : offset;
}
