// The arithmetic of the chart: delays on a logarithmic scale, the newest second at the right.

export const TICKS = [1, 10, 100, 1_000, 10_000];

const LOW = Math.log10(0.5);
const HIGH = Math.log10(20_000);

/** How far from the top a delay stands, in a chart of this height. */
export function heightOf(ms: number, height: number): number {
  const at = (Math.log10(Math.max(0.5, ms)) - LOW) / (HIGH - LOW);
  return height * (1 - Math.min(1, at));
}

/** An SVG path through the seconds that have a value. */
export function pathOf(values: readonly number[], width: number, height: number): string {
  const step = width / Math.max(1, values.length - 1);
  let path = '';
  values.forEach((value, at) => {
    if (Number.isNaN(value)) return;
    path += `${path === '' ? 'M' : 'L'}${(at * step).toFixed(1)} ${heightOf(value, height).toFixed(1)}`;
  });
  return path;
}
