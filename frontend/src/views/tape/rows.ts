// What stands between rows, and what can be done with them.
import type { GapRow, Order, Row } from '../../state/tapeRows';
import { sourceMoment } from '../../state/tapeRows';
import { strings } from '../../strings/en';
import { dayOf, fullTime, moment, rough } from '../../ui/time';
import type { LostGap } from '../../state/tapeGaps';
import type { TapeEvent } from '../../wire/event';

/** Times less apart than this are one to people. */
const APART_MS = 1_000;

/** The event that stands for a row, where there is one. */
export function eventOf(row: Row | undefined): TapeEvent | undefined {
  if (row?.kind === 'event') return row.event;
  return row?.kind === 'group' ? row.events.at(-1)?.event : undefined;
}

/** The time by which a row has its place. */
export function rowMoment(row: Row | undefined, order: Order): number {
  const event = eventOf(row);
  if (event === undefined) return NaN;
  return order === 'source' ? sourceMoment(event) : moment(event.receivedAt);
}

/** When an event happened, as its row says it: by the time that its place goes by. */
export function timeOf(event: TapeEvent, order: Order): string {
  return order === 'source' ? (event.sourceTime ?? event.receivedAt) : event.receivedAt;
}

/** The same in full and as ago, and the event's other time where that is another one. */
export function timesOf(event: TapeEvent, order: Order, now: number): string {
  const [source, received] = [moment(event.sourceTime), moment(event.receivedAt)];
  const shown = moment(timeOf(event, order));
  const told = `${fullTime(shown)} · ${strings.tapeView.ago(...rough(now - shown))}`;
  if (Number.isNaN(source) || Math.abs(source - received) < APART_MS) return told;
  const { time, received: label } = strings.inspector;
  const other = order === 'source' ? `${label}: ${fullTime(received)}` : `${time}: ${fullTime(source)}`;
  return `${told}\n${other}`;
}

/** The moment that names the day which begins with the row; undefined when none does. */
export function dayBegins(row: Row, before: Row | undefined, order: Order): number | undefined {
  const at = rowMoment(row, order);
  const earlier = rowMoment(before, order);
  if (Number.isNaN(at) || Number.isNaN(earlier)) return undefined;
  return dayOf(at) === dayOf(earlier) ? undefined : at;
}

/** Whether what is unread begins with the row: after the event with that number. */
export function unreadBegins(row: Row, before: Row | undefined, after: number | undefined): boolean {
  if (after === undefined) return false;
  const [seq, earlier] = [eventOf(row)?.seq, eventOf(before)?.seq];
  return seq !== undefined && earlier !== undefined && seq > after && earlier <= after;
}

/** What history lacks right before the row; begins says that no row comes before it. */
export function lostBefore(
  row: Row | undefined,
  before: Row | undefined,
  lost: readonly LostGap[],
  begins = false,
): LostGap | undefined {
  const [seq, earlier] = [eventOf(row)?.seq, begins ? -1 : eventOf(before)?.seq];
  if (seq === undefined || earlier === undefined) return undefined;
  return lost.find((gap) => gap.to < seq && gap.to >= earlier);
}

/** A gap in what came to this page, not in what the server has. */
export function mayFill(row: GapRow): boolean {
  return row.gap.reason === '' && row.gap.from !== '' && row.gap.to !== '' && row.loading !== true;
}
