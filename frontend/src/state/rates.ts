// How many events each feed brought in each of the last seconds, for its sparkline.

export const SECONDS = 60;

interface Series {
  received: number;
  /** The second of the last sample. */
  second: number;
  /** Events a second, the newest last. */
  samples: number[];
}

export class Rates {
  readonly #series = new Map<string, Series>();

  /** Takes what feeds say they have received in all. Forgets those that are gone. */
  take(feeds: readonly { id: string; counts: { received: number } }[], now: number): void {
    const second = Math.floor(now / 1_000);
    for (const { id, counts } of feeds) {
      const series = this.#series.get(id);
      if (series === undefined) {
        this.#series.set(id, { received: counts.received, second, samples: [] });
        continue;
      }
      advance(series, second);
      // A feed that was restarted counts anew.
      const fresh = Math.max(0, counts.received - series.received);
      const last = series.samples.length - 1;
      series.samples[last] = (series.samples[last] ?? 0) + fresh;
      series.received = counts.received;
    }
    const ids = new Set(feeds.map((feed) => feed.id));
    for (const id of this.#series.keys()) if (!ids.has(id)) this.#series.delete(id);
  }

  /** Events in each of the last seconds up to now, the newest last; undefined while nothing is known. */
  of(id: string, now: number): readonly number[] | undefined {
    const series = this.#series.get(id);
    if (series === undefined || series.samples.length === 0) return undefined;
    const silent = Math.max(0, Math.floor(now / 1_000) - series.second);
    return [...series.samples, ...new Array<number>(Math.min(silent, SECONDS)).fill(0)].slice(-SECONDS);
  }
}

function advance(series: Series, second: number): void {
  const passed = Math.min(Math.max(second - series.second, series.samples.length === 0 ? 1 : 0), SECONDS);
  series.samples = [...series.samples, ...new Array<number>(passed).fill(0)].slice(-SECONDS);
  series.second = second;
}

/** The line of a sparkline in a box of 1 by 1, the newest at the right; y grows downwards. */
export function sparkline(samples: readonly number[]): string {
  const buckets = smoothed(samples);
  const peak = Math.max(1, ...buckets);
  const step = 1 / (BUCKETS - 1);
  const first = BUCKETS - buckets.length;
  return buckets
    .map(
      (value, i) =>
        `${i === 0 ? 'M' : 'L'}${((first + i) * step).toFixed(3)} ${(1 - value / peak).toFixed(3)}`,
    )
    .join('');
}

const BUCKETS = 20;

/** Sums of three seconds each, so that a feed that speaks every other second is no comb. */
function smoothed(samples: readonly number[]): number[] {
  const size = SECONDS / BUCKETS;
  const known = Math.max(2, Math.ceil(samples.length / size));
  const padded = [...new Array<number>(Math.max(0, known * size - samples.length)).fill(0), ...samples];
  return Array.from({ length: known }, (_, i) =>
    padded.slice(i * size, (i + 1) * size).reduce((sum, value) => sum + value, 0),
  );
}
