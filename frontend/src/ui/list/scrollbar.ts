/** How far a view is scrolled, and how much it shows of how much, in pixels. */
export interface Extent {
  offset: number;
  viewport: number;
  total: number;
}

/** The shortest thumb that can be hit. */
const THUMB_MIN = 24;

/** Where a scrollbar's thumb stands in its track, and how long it is: 0 where all is in view. */
export function thumbOf({ offset, viewport, total }: Extent, track: number): { top: number; length: number } {
  if (total <= viewport || track <= THUMB_MIN) return { top: 0, length: 0 };
  const length = Math.max(THUMB_MIN, (track * viewport) / total);
  return { top: (track - length) * Math.min(offset / (total - viewport), 1), length };
}

/** The offset to scroll to when the thumb is moved there. */
export function offsetUnder(top: number, extent: Extent, track: number): number {
  const most = track - thumbOf(extent, track).length;
  return (Math.min(Math.max(top, 0), most) / most) * (extent.total - extent.viewport);
}
