// How much history there is, and how much is kept.
import { isFields, needText, number, text, toFields, toList } from './read';

/** What is kept; empty texts and 0 mean any. */
export interface Retention {
  /** Such as 90d, 2w or 12h. */
  age: string;
  events: number;
  bytes: number;
}

export interface FeedHistory {
  id: string;
  events: number;
  bytes: number;
  stars: number;
  oldest: string;
  /** Until then what was cleared can be brought back; empty when nothing was. */
  clearedUntil: string;
}

export interface HistoryState {
  events: number;
  bytes: number;
  oldest: string;
  /** Of all files together. */
  onDisk: number;
  feeds: FeedHistory[];
}

export function toRetention(value: unknown): Retention {
  const fields = isFields(value) ? value : {};
  return { age: text(fields, 'age') ?? '', events: number(fields, 'events'), bytes: number(fields, 'bytes') };
}

export function toHistory(value: unknown): HistoryState {
  const fields = toFields(value);
  return {
    events: number(fields, 'events'),
    bytes: number(fields, 'bytes'),
    oldest: text(fields, 'oldest') ?? '',
    onDisk: toList(fields.files, (file) => number(toFields(file), 'bytes')).reduce((sum, n) => sum + n, 0),
    feeds: toList(fields.feeds, (item) => {
      const feed = toFields(item);
      return {
        id: needText(feed, 'id'),
        events: number(feed, 'events'),
        bytes: number(feed, 'bytes'),
        stars: number(feed, 'stars'),
        oldest: text(feed, 'oldest') ?? '',
        clearedUntil: text(feed, 'clearedUntil') ?? '',
      };
    }),
  };
}
