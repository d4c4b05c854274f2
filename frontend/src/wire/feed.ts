// Feeds and their health, as /feeds and the stream's `status` say them.
import { choice, needText, number, parseFields, text, toFields, toList, type Fields } from './read';

export const FEED_STATES = [
  'connecting',
  'live',
  'quiet',
  'stalled',
  'retrying',
  'paused',
  'needs auth',
  'ended',
  'failed',
] as const;
export type FeedState = (typeof FEED_STATES)[number];

export interface Counts {
  received: number;
  duplicates: number;
  bad: number;
  revised: number;
  bytes: number;
}

export interface Feed {
  id: string;
  name: string;
  kind: string;
  /** 1 to 12. */
  color: number;
  url?: string;
  /** The heading under which it stands. */
  group?: string;
  state: FeedState;
  cause?: string;
  since?: string;
  nextAttempt?: string;
  attempt?: number;
  lastEventAt?: string;
  /** Events per second over the last minute. */
  rate: number;
  counts: Counts;
  /** How many events came since the last one that was seen; absent where the server doesn't count them. */
  unread?: number;
  /** The last event of it that was looked at. */
  seen?: string;
}

/** A saved view; how many events of it came unseen, and since when, where the server tells. */
export interface ViewStatus {
  id: string;
  name: string;
  query: string;
  unread: number;
  since?: string;
}

export interface Status {
  feeds: Feed[];
  /** Rises when the settings change. */
  settings: number;
  views: readonly ViewStatus[];
  /** A sentence, while events can't be stored. */
  fault?: string;
}

export function toFeed(value: unknown): Feed {
  const fields = toFields(value);
  const id = needText(fields, 'id');
  const feed: Feed = {
    id,
    name: text(fields, 'name') ?? id,
    kind: text(fields, 'kind') ?? '',
    color: toColor(fields),
    state: choice(fields, 'state', FEED_STATES, 'connecting'),
    rate: number(fields, 'rate'),
    counts: toCounts(fields.counts),
  };
  for (const key of ['url', 'group', 'cause', 'since', 'nextAttempt', 'lastEventAt', 'seen'] as const) {
    const found = text(fields, key);
    if (found !== undefined) feed[key] = found;
  }
  const attempt = number(fields, 'attempt');
  if (attempt > 0) feed.attempt = attempt;
  if (typeof fields.unread === 'number') feed.unread = number(fields, 'unread');
  return feed;
}

export function parseStatus(raw: string): Status {
  const fields = parseFields(raw);
  const status: Status = {
    feeds: toList(fields.feeds, toFeed),
    settings: number(fields, 'settings'),
    views: toList(fields.views, toViewStatus),
  };
  const fault = text(fields, 'fault');
  if (fault !== undefined) status.fault = fault;
  return status;
}

function toViewStatus(value: unknown): ViewStatus {
  const fields = toFields(value);
  const id = needText(fields, 'id');
  const view: ViewStatus = {
    id,
    name: text(fields, 'name') ?? id,
    query: text(fields, 'query') ?? '',
    unread: number(fields, 'unread'),
  };
  const since = text(fields, 'since');
  if (since !== undefined) view.since = since;
  return view;
}

export function toColor(fields: Fields): number {
  const color = number(fields, 'color', 1);
  return Number.isInteger(color) && color >= 1 && color <= 12 ? color : 1;
}

function toCounts(value: unknown): Counts {
  const fields = value === undefined ? {} : toFields(value);
  return {
    received: number(fields, 'received'),
    duplicates: number(fields, 'duplicates'),
    bad: number(fields, 'bad'),
    revised: number(fields, 'revised'),
    bytes: number(fields, 'bytes'),
  };
}

/** Whether asking for a new connection at once makes sense. */
export function mayRetry(feed: Feed): boolean {
  return feed.state === 'retrying' || feed.state === 'stalled' || isOver(feed);
}

function isOver(feed: Feed): boolean {
  return feed.state === 'needs auth' || feed.state === 'ended' || feed.state === 'failed';
}
