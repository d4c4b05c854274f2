// Events, pages and gaps as the server writes them. See the table of routes in design section 4.
import { detached, eachElement, eachMember, eachPlace, WireError } from './json';
import { parseFields } from './read';

export type Severity = 'debug' | 'info' | 'warning' | 'error' | 'critical';

const SEVERITIES: readonly string[] = ['debug', 'info', 'warning', 'error', 'critical'] satisfies Severity[];

/** One event. `data` and `value` are JSON text as it came, digits untouched. */
export interface TapeEvent {
  id: string;
  seq: number;
  feed: string;
  type: string;
  receivedAt: string;
  sourceId?: string;
  key?: string;
  title?: string;
  text?: string;
  url?: string;
  value?: string;
  severity?: Severity;
  sourceTime?: string;
  revises?: string;
  data?: string;
  /** True when `text` or `data` was shortened to bound memory; the whole is at /events/{id}. */
  cut: boolean;
}

export interface EventPage {
  events: TapeEvent[];
  next?: string;
  left?: Left;
  /** What is missing among them for good: too old to be kept, or cleared. */
  gaps?: readonly Gap[];
}

/** Events that the stream left out, before those of its frame, because too many came at once. They are in history. */
export interface Left {
  count: number;
  /** How many of each feed. */
  feeds: ReadonlyMap<string, number>;
  /** The event before them, where known. */
  after?: string | undefined;
}

export interface Gap {
  from: string;
  to: string;
  reason: string;
}

/** How much of one event the tape keeps, in characters. */
export interface Limits {
  text: number;
  data: number;
}

export const TAPE_LIMITS: Limits = { text: 4_000, data: 16_000 };
export const WHOLE: Limits = { text: Infinity, data: Infinity };

/** The type of an event to which the sender gave no name. */
export const UNNAMED = 'message';

// Every member that is a string, but for the four that each event has and the severity, which is one of a few words.
const OPTIONAL = ['sourceId', 'key', 'title', 'text', 'url', 'sourceTime', 'revises'] as const;

/** Throws WireError when the text isn't an event. */
export function parseEvent(raw: string, limits: Limits = WHOLE): TapeEvent {
  let value: string | undefined;
  let data: string | undefined;
  let cut = false;
  // What is left without value and data is parsed in one go: member by member it made three times the garbage.
  let rest = '';
  let from = 0;
  eachPlace(raw, (keyAt, _keyEnd, at, end) => {
    if (raw.startsWith('"value"', keyAt)) {
      value = raw.startsWith('null', at) ? undefined : detached(raw.slice(at, end));
    } else if (raw.startsWith('"data"', keyAt)) {
      cut ||= end - at > limits.data;
      data = detached(raw.slice(at, Math.min(end, at + limits.data)));
    } else return;
    rest += `${raw.slice(from, at)}null`;
    from = end;
  });
  const fields = parseFields(rest + raw.slice(from));
  const { id, feed, seq, type, receivedAt, severity } = fields;
  if (typeof id !== 'string' || typeof feed !== 'string' || !isSeq(seq)) {
    throw new WireError('an event needs id, feed and seq');
  }
  const event: TapeEvent = {
    id,
    feed,
    seq,
    type: typeof type === 'string' ? type : UNNAMED,
    receivedAt: typeof receivedAt === 'string' ? receivedAt : '',
    cut,
  };
  for (const name of OPTIONAL) {
    const field = fields[name];
    if (typeof field === 'string') event[name] = field;
  }
  if (event.text !== undefined && event.text.length > limits.text) {
    event.text = detached(event.text.slice(0, limits.text));
    event.cut = true;
  }
  if (value !== undefined) event.value = value;
  if (data !== undefined) event.data = data;
  if (isSeverity(severity)) event.severity = severity;
  return event;
}

/** Reads {"events":[…],"next":"…"}: a frame of the stream, or a page of history. */
export function parsePage(raw: string, limits: Limits = TAPE_LIMITS): EventPage {
  const page: Partial<EventPage> = {};
  eachMember(raw, (key, text) => {
    if (key === 'events') {
      const events: TapeEvent[] = [];
      if (text !== 'null') eachElement(text, (element) => events.push(parseEvent(element, limits)));
      page.events = events;
    } else if (key === 'next') {
      const next: unknown = JSON.parse(text);
      if (typeof next === 'string' && next !== '') page.next = next;
    } else if (key === 'left') page.left = parseLeft(text);
    else if (key === 'gaps') {
      const gaps: Gap[] = [];
      if (text !== 'null') eachElement(text, (element) => gaps.push(parseGap(element)));
      page.gaps = gaps;
    }
  });
  const { events } = page;
  if (events === undefined) throw new WireError('a page needs events');
  return { ...page, events };
}

function parseLeft(raw: string): Left {
  const feeds = new Map<string, number>();
  let count = 0;
  eachMember(raw, (feed, text) => {
    const left = Number(text);
    if (!Number.isSafeInteger(left) || left < 0) throw new WireError('what was left out must be counted');
    feeds.set(feed, left);
    count += left;
  });
  return { count, feeds };
}

/** The event as JSON text again, its sender's digits untouched. */
export function eventJson(event: TapeEvent): string {
  const { cut: _cut, data, value, ...rest } = event;
  const members = Object.entries(rest).map(
    ([key, field]) => `${JSON.stringify(key)}:${JSON.stringify(field)}`,
  );
  if (value !== undefined) members.push(`"value":${value}`);
  if (data !== undefined) members.push(`"data":${data}`);
  return `{${members.join(',')}}`;
}

export function parseGap(raw: string): Gap {
  const gap: Gap = { from: '', to: '', reason: '' };
  eachMember(raw, (key, text) => {
    const value: unknown = JSON.parse(text);
    if ((key === 'from' || key === 'to' || key === 'reason') && typeof value === 'string') gap[key] = value;
  });
  return gap;
}

/** The number in an event's id, to tell which of two is newer; -1 when it has none. */
export function seqOf(id: string): number {
  const seq = Number(id.slice(id.lastIndexOf('-') + 1));
  return id !== '' && Number.isSafeInteger(seq) ? seq : -1;
}

function isSeq(seq: unknown): seq is number {
  return Number.isSafeInteger(seq);
}

function isSeverity(text: unknown): text is Severity {
  return typeof text === 'string' && SEVERITIES.includes(text);
}
