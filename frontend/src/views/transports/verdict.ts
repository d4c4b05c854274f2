// When to prefer which transport, from what was just measured.
import { VIAS, type Conditions, type Result, type Via } from '../../state/trial.svelte';
import { strings } from '../../strings/en';

/** Below this there is too little to tell. */
const ENOUGH_EVENTS = 5;
const ENOUGH_SECONDS = 5;

const words = strings.transports.verdict;
const ms = (value: number) => strings.transports.ms(value); // in the language of the moment
const whole = (value: number) => strings.transports.whole(value);

export function bytesOf({ usage }: Result): number {
  return usage.bytesIn + usage.bytesOut;
}

export function verdict(
  result: (via: Via) => Result | undefined,
  seconds: number,
  conditions: Pick<Conditions, 'interval'>,
): string[] {
  const [sse, websocket, longpoll, poll] = VIAS.map(result);
  if (!sse || !websocket || !longpoll || !poll) return [words.wait];
  const all = [sse, websocket, longpoll, poll];
  if (seconds < ENOUGH_SECONDS || all.some(({ score }) => score.events < ENOUGH_EVENTS)) return [words.wait];
  return [
    pushed(sse, websocket),
    longPolled(sse, longpoll, seconds),
    polled(all, poll, seconds, conditions),
    kept(all),
  ];
}

function pushed(sse: Result, websocket: Result): string {
  const [a, b] = [sse.score.p50, websocket.score.p50];
  const near = Math.abs(a - b) <= Math.max(3, 0.25 * Math.min(a, b));
  return (near ? words.equal : a < b ? words.sseFirst : words.wsFirst)(ms(a), ms(b));
}

function longPolled(sse: Result, longpoll: Result, seconds: number): string {
  const near = longpoll.score.p50 <= 1.5 * sse.score.p50 + 10;
  const each = (result: Result) => bytesOf(result) / Math.max(1, result.score.events);
  const times = strings.transports.times(each(longpoll) / Math.max(1, each(sse)));
  const say = near ? words.longpollNear : words.longpollFar;
  return say(ms(longpoll.score.p50), times, whole((longpoll.usage.requests / seconds) * 60));
}

function polled(
  all: readonly Result[],
  poll: Result,
  seconds: number,
  conditions: Pick<Conditions, 'interval'>,
): string {
  const interval = strings.transports.seconds(conditions.interval / 1_000);
  const thrifty = all.every((other) => other === poll || bytesOf(other) > bytesOf(poll));
  if (thrifty) return words.pollThrifty(interval, ms(poll.score.p50));
  return words.poll(interval, ms(poll.score.p50), whole((poll.usage.requests / seconds) * 60));
}

function kept(all: readonly Result[]): string {
  const at = all.findIndex(({ score }) => score.missed + score.doubled > 0);
  const via = VIAS[at];
  const bad = all[at];
  if (via !== undefined && bad !== undefined) {
    return words.lost(strings.transports.names[via], whole(bad.score.missed), whole(bad.score.doubled));
  }
  const broken = all.reduce((sum, { score }) => sum + score.broken, 0);
  return broken === 0 ? words.whole : words.wholeDespiteCuts(whole(broken));
}
