// The arithmetic of the virtual list. A place in the list is counted in rows on an endless scale (`base` is the number of
// the first row there is), so that it stays true when rows are added or let go above it, or change their height.

export interface Shape {
  /** Number of the first row. */
  base: number;
  count: number;
  rowHeight: number;
  /** Height of the view, in pixels. */
  viewport: number;
  /** Space above the first row, in pixels. */
  lead: number;
}

export interface Range {
  start: number;
  end: number;
}

export function contentHeight(shape: Shape): number {
  return shape.lead + shape.count * shape.rowHeight;
}

/** The largest scroll offset. */
export function bottom(shape: Shape): number {
  return Math.max(0, contentHeight(shape) - shape.viewport);
}

/** The scroll offset that puts the place at the top of the view; undefined is the newest end. */
export function offsetOf(place: number | undefined, shape: Shape): number {
  const end = bottom(shape);
  if (place === undefined) return end;
  return Math.min(end, Math.max(0, (place - shape.base) * shape.rowHeight + shape.lead));
}

/** The place that stands at the top of the view. */
export function placeAt(offset: number, shape: Shape): number {
  return shape.base + (offset - shape.lead) / shape.rowHeight;
}

/** The rows to draw, with some more on both sides. */
export function rangeAt(offset: number, shape: Shape, overscan: number): Range {
  const first = Math.floor((offset - shape.lead) / shape.rowHeight);
  const last = Math.ceil((offset - shape.lead + shape.viewport) / shape.rowHeight);
  return {
    start: Math.min(shape.count, Math.max(0, first - overscan)),
    end: Math.min(shape.count, Math.max(0, last + overscan)),
  };
}

export type Move = 'none' | 'hold' | 'follow';

/**
 * What a scroll means: away from the newest end it holds the view where it is, and back at the newest end it follows
 * again. expected is the offset that the list itself had set, which is no move of the reader's.
 */
export function moveOf(offset: number, expected: number, following: boolean, shape: Shape): Move {
  if (Math.abs(offset - expected) < 2) return 'none';
  const atEnd = offset >= bottom(shape) - shape.rowHeight / 2;
  if (atEnd && (following || offset > expected)) return following ? 'none' : 'follow';
  return 'hold';
}

/** The offset that brings the row fully into view with the least movement. */
export function reveal(index: number, offset: number, shape: Shape): number {
  const top = shape.lead + index * shape.rowHeight;
  if (top < offset) return Math.max(0, top);
  const under = top + shape.rowHeight - shape.viewport;
  return under > offset ? under : offset;
}
