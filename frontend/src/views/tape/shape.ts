// How an event is shown in its row, by what its feed sends: news, ticks, JSON, or lines of plain text.
import type { EventRow } from '../../state/tapeRows';
import { hasAnsi, parseAnsi, plainText, type Span } from '../../ui/ansi';
import type { TapeEvent } from '../../wire/event';
import { eachMember } from '../../wire/json';
import { isStructured, payload } from './summary';

export interface Field {
  name: string;
  /** As it was sent, digits untouched. */
  value: string;
}

export type Shape =
  | { kind: 'news'; title: string; text: string }
  | { kind: 'tick'; key: string; title: string }
  | { kind: 'fields'; fields: Field[] }
  /** Lines of text; spans when they bring their own colours. */
  | { kind: 'text'; text: string; spans: Span[] | undefined };

export interface Change {
  direction: 'up' | 'down' | 'same';
  /** Without a sign. */
  by: string;
}

/** What fits into a row, with room to spare. */
const ENOUGH = 400;
const MOST_FIELDS = 8;
const LONG_VALUE = 60;
/** What is of use to machines, or is said elsewhere in the row. */
const DULL =
  /^(_.*|.*id|uuid|guid|hash|etag|cursor|url|uri|href|link|links|.*_url|time|timestamp|ts|date|.*_at|created.*|updated.*|published|version|schema|\$.*)$/i;

export function shapeOf(row: EventRow): Shape {
  const { event } = row;
  const title = oneLine(event.title ?? '');
  const text = oneLine(event.text ?? '');
  if (event.value !== undefined && event.key !== undefined && text === '') {
    return { kind: 'tick', key: event.key, title: title === event.key ? '' : title };
  }
  if (title !== '') return { kind: 'news', title, text: text === title ? '' : text };
  if (text === '' && isStructured(event.data)) return { kind: 'fields', fields: fieldsOf(event) };
  const lines = (event.text ?? payload(event.data)).slice(0, ENOUGH).trimEnd();
  return { kind: 'text', text: plainText(lines), spans: hasAnsi(lines) ? parseAnsi(lines) : undefined };
}

/** What stands at the top of a JSON object, the telling parts first; of anything else its text. */
export function fieldsOf(event: TapeEvent): Field[] {
  const all: Field[] = [];
  const data = event.data ?? '';
  if (!data.startsWith('{')) return [{ name: '', value: oneLine(data) }];
  try {
    eachMember(data, (name, raw) => {
      const value = short(raw);
      if (value !== undefined) all.push({ name, value });
    });
  } catch {
    // It was cut short: what came before that is enough.
  }
  const said = new Set([event.key, event.value, event.severity]);
  const telling = all.filter(({ name, value }) => !DULL.test(name) && !said.has(value));
  const fields = (telling.length > 0 ? telling : all).slice(0, MOST_FIELDS);
  return fields.length > 0 ? fields : [{ name: '', value: oneLine(data) }];
}

/** A value on one line; undefined for what says nothing there. */
function short(raw: string): string | undefined {
  if (raw === 'null' || raw === '""') return undefined;
  if (raw.startsWith('"')) return clip(oneLine(payload(raw)));
  if (raw.startsWith('{')) return undefined;
  if (raw.startsWith('[')) return raw.length <= 40 && !raw.includes('{') ? raw : undefined;
  return raw;
}

function clip(text: string): string {
  return text.length > LONG_VALUE ? `${text.slice(0, LONG_VALUE)}…` : text;
}

/** By how much a key's value differs from the one before, with the digits that the two have. */
export function changeOf({ event, before }: EventRow): Change | undefined {
  if (event.key === undefined || event.value === undefined || before === undefined) return undefined;
  const by = Number(event.value) - Number(before);
  if (!Number.isFinite(by)) return undefined;
  const digits = Math.min(12, Math.max(decimals(event.value), decimals(before)));
  const direction = by === 0 ? 'same' : by > 0 ? 'up' : 'down';
  return { direction, by: Math.abs(by).toFixed(digits) };
}

function decimals(number: string): number {
  return /\.(\d+)$/.exec(number)?.[1]?.length ?? 0;
}

function oneLine(text: string): string {
  return text.slice(0, ENOUGH).replace(/\s+/g, ' ').trim();
}
