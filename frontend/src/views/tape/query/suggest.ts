// What may be meant by the beginning of a word.
import type { FieldSample } from '../../../wire/fields';
import { placeAt, quoted } from '../../../state/queryText';

export interface Known {
  feeds: readonly { id: string; name: string }[];
  fields: readonly FieldSample[];
  /** Queries of before, the newest first. */
  recent: readonly string[];
  views: readonly { name: string; query: string }[];
}

export interface Suggestion {
  kind: 'field' | 'value' | 'recent' | 'view';
  /** What is put in the place of what was typed. */
  text: string;
  /** What is told beside it: a feed's name, a view's query. */
  detail: string;
  /** How many of the newest events have it. */
  count: number;
  /** Whether the query is whole with it. */
  whole: boolean;
}

export interface Suggestions {
  from: number;
  to: number;
  items: Suggestion[];
}

const MOST = 9;
const FIELDS = [
  'feed',
  'type',
  'key',
  'severity',
  'title',
  'text',
  'url',
  'id',
  'value',
  'has',
  'is',
  'since',
  'before',
];
const HAS = ['title', 'text', 'url', 'key', 'value', 'severity', 'time', 'json', 'id', 'revises'];
const IS = ['starred', 'unread'];
const SEVERITIES = ['debug', 'info', 'warning', 'error', 'critical'];
const TIMES = ['5m', '30m', '1h', '6h', '1d', '1w'];
/** Fields in whose values a bare word is looked for. */
const NAMING = ['type', 'key', 'severity'];

export function suggest(query: string, caret: number, known: Known): Suggestions {
  if (query.trim() === '') {
    return { from: 0, to: query.length, items: [...queries(known), ...fieldNames('', known)].slice(0, MOST) };
  }
  const place = placeAt(query, caret);
  if (place === undefined) return { from: caret, to: caret, items: [] };
  const { field, typed, from, to } = place;
  const items = field === '' ? words(typed, known) : valuesOf(field, typed, known);
  const now = query.slice(from, to);
  return { from, to, items: items.filter((item) => item.text !== now).slice(0, MOST) };
}

function queries(known: Known): Suggestion[] {
  const views = known.views.map((view): Suggestion => ({
    ...item('view', view.query),
    detail: view.name,
    whole: true,
  }));
  const recent = known.recent
    .filter((query) => known.views.every((view) => view.query !== query))
    .slice(0, 5)
    .map((query): Suggestion => ({ ...item('recent', query), whole: true }));
  return [...recent, ...views.slice(0, 3)];
}

function words(typed: string, known: Known): Suggestion[] {
  const word = typed.toLowerCase();
  if (word === '') return fieldNames('', known);
  const feeds = known.feeds
    .filter((feed) => matches(feed.id, word) || matches(feed.name, word))
    .map((feed) => ({
      ...item('value', `feed:${quoted(feed.id)}`),
      detail: feed.name === feed.id ? '' : feed.name,
    }));
  const named = known.fields
    .filter((field) => NAMING.includes(field.name))
    .flatMap((field) =>
      field.values
        .filter(({ value }) => matches(value, word))
        .map(({ value, count }) => item('value', `${field.name}:${quoted(value)}`, count)),
    );
  return [...fieldNames(word, known), ...feeds.slice(0, 4), ...named.slice(0, 5)];
}

function fieldNames(word: string, known: Known): Suggestion[] {
  const seen = known.fields.filter((field) => field.name.startsWith('data'));
  const names = [...FIELDS, ...(word === '' ? [] : seen.map((field) => field.name))];
  const counts = new Map(known.fields.map((field) => [field.name, field.count]));
  const score = (name: string) => (name.startsWith(word) ? 0 : 1);
  return names
    .filter((name) => name.toLowerCase().includes(word))
    .sort((a, b) => score(a) - score(b))
    .map((name) => item('field', `${name}:`, counts.get(name) ?? 0));
}

function valuesOf(field: string, typed: string, known: Known): Suggestion[] {
  const word = typed.toLowerCase();
  switch (field.toLowerCase()) {
    case 'feed':
      return known.feeds
        .filter((feed) => matches(feed.id, word) || matches(feed.name, word))
        .map((feed) => ({
          ...item('value', quoted(feed.id)),
          detail: feed.name === feed.id ? '' : feed.name,
        }));
    case 'has':
      return from(
        [...HAS, ...known.fields.map(({ name }) => name).filter((name) => name.startsWith('data.'))],
        word,
      );
    case 'is':
      return from(IS, word);
    case 'severity':
      return from(SEVERITIES, word);
    case 'since':
    case 'before':
    case 'after':
    case 'until':
      return from(TIMES, word);
  }
  const values = known.fields.find(({ name }) => name.toLowerCase() === field.toLowerCase())?.values ?? [];
  return values
    .filter(({ value }) => matches(value, word))
    .map(({ value, count }) => item('value', quoted(value), count));
}

function from(list: readonly string[], word: string): Suggestion[] {
  return list.filter((value) => matches(value, word)).map((value) => item('value', value));
}

function item(kind: Suggestion['kind'], text: string, count = 0): Suggestion {
  return { kind, text, detail: '', count, whole: false };
}

function matches(value: string, word: string): boolean {
  return value.toLowerCase().includes(word);
}

/** The query with a suggestion taken, and where the caret then is. */
export function taken(
  query: string,
  { from, to }: Suggestions,
  chosen: Suggestion,
): { text: string; caret: number } {
  if (chosen.whole) return { text: chosen.text, caret: chosen.text.length };
  const rest = query.slice(to);
  // Behind a value the next word follows; behind a field its value.
  const end = chosen.kind === 'field' || rest.startsWith(' ') || rest.startsWith(')') ? '' : ' ';
  const before = query.slice(0, from) + chosen.text + end;
  return { text: before + rest, caret: before.length };
}
