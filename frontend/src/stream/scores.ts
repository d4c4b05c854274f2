// What four readers of the same events make of them: how late each event came by each, and which of them lacks any.
import { VIAS, type Via } from './readers';

/** How many of the newest delays count for the percentiles. */
const RECENT = 1_000;
/** Seconds of the chart. */
export const SECONDS = 60;
/** Events on the way between the fastest and the slowest reader. Beyond it the oldest are settled. */
const MAX_OPEN = 50_000;

export interface Score {
  events: number;
  /** Milliseconds; NaN before the first event. */
  p50: number;
  p95: number;
  missed: number;
  doubled: number;
  broken: number;
  /** The median of each of the last seconds, the newest last; NaN where nothing came. */
  chart: number[];
}

class Lane {
  events = 0;
  missed = 0;
  doubled = 0;
  broken = 0;
  last = 0;
  #delays = new Float64Array(RECENT);
  #seconds = new Map<number, number[]>();

  add(delay: number, now: number): void {
    this.#delays[this.events++ % RECENT] = delay;
    const second = Math.floor(now / 1_000);
    const list = this.#seconds.get(second);
    if (list === undefined) this.#seconds.set(second, [delay]);
    else if (list.length < RECENT) list.push(delay);
    for (const old of this.#seconds.keys()) {
      if (old >= second - SECONDS) break;
      this.#seconds.delete(old);
    }
  }

  score(now: number): Score {
    const sorted = this.#delays.slice(0, Math.min(this.events, RECENT)).sort();
    const newest = Math.floor(now / 1_000);
    const chart = Array.from({ length: SECONDS }, (_, at) => {
      const list = this.#seconds.get(newest - SECONDS + 1 + at);
      return list === undefined ? NaN : share(Float64Array.from(list).sort(), 0.5);
    });
    const { events, missed, doubled, broken } = this;
    return { events, missed, doubled, broken, p50: share(sorted, 0.5), p95: share(sorted, 0.95), chart };
  }
}

/** The value below which so large a share of the sorted list is; NaN of an empty one. */
function share(sorted: Float64Array, part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? NaN;
}

export class Scores {
  #lanes: Record<Via, Lane> = {
    sse: new Lane(),
    websocket: new Lane(),
    longpoll: new Lane(),
    poll: new Lane(),
  };
  /** By seq: who has it, a bit for each. Rising, as each reader's events are. */
  #open = new Map<number, number>();
  #settled = 0;

  /** An event came; delay is how long after the server received it. */
  add(via: Via, seq: number, delay: number, now: number): void {
    const lane = this.#lanes[via];
    const bit = 1 << VIAS.indexOf(via);
    const who = this.#open.get(seq) ?? 0;
    if (seq <= this.#settled || (who & bit) !== 0) {
      lane.doubled++;
      return;
    }
    this.#open.set(seq, who | bit);
    lane.last = Math.max(lane.last, seq);
    lane.add(delay, now);
    this.#settle();
  }

  broken(via: Via): void {
    this.#lanes[via].broken++;
  }

  score(via: Via, now: number): Score {
    return this.#lanes[via].score(now);
  }

  /** What every reader is beyond can't come any more: who lacks it has missed it. */
  #settle(): void {
    const behind = Math.min(...VIAS.map((via) => this.#lanes[via].last));
    if (behind <= this.#settled && this.#open.size <= MAX_OPEN) return;
    for (const [seq, who] of [...this.#open].sort(([a], [b]) => a - b)) {
      if (seq > behind && this.#open.size <= MAX_OPEN) break;
      this.#open.delete(seq);
      this.#settled = seq;
      VIAS.forEach((via, at) => {
        if ((who & (1 << at)) === 0) this.#lanes[via].missed++;
      });
    }
  }
}
