// What goes out of the settings and comes in: earlier versions, exports, lists of feeds, and what each would change.
import { flag, needText, text, toFields, toList } from './read';

export interface EarlierVersion {
  id: string;
  saved: string;
  /** The names of its feeds. */
  feeds: string[];
}

export interface FeedChange {
  id: string;
  name: string;
  /** Its name in the import, where that was taken. */
  was: string;
  /** The members that change. */
  members: string[];
  /** A password or key is missing. */
  lacks: boolean;
}

export interface Changes {
  added: FeedChange[];
  changed: FeedChange[];
  removed: FeedChange[];
  same: FeedChange[];
  /** Of the rest of the settings: front, appearance, … */
  parts: string[];
  /** It has secrets, which only its passphrase opens. */
  sealed: boolean;
}

export interface Outline {
  name: string;
  group: string;
  url: string;
  /** Of a duplicate: the feed that there is. */
  of: string;
  /** Of a refused one: a sentence. */
  reason: string;
}

export interface ListChanges {
  title: string;
  added: Outline[];
  duplicates: Outline[];
  refused: Outline[];
}

export const LOG_LEVELS = ['DEBUG', 'INFO', 'WARN', 'ERROR'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface Log {
  level: LogLevel;
  lines: string[];
}

export function toVersions(value: unknown): EarlierVersion[] {
  return toList(toFields(value).versions, (item) => {
    const fields = toFields(item);
    return {
      id: needText(fields, 'id'),
      saved: text(fields, 'saved') ?? '',
      feeds: toList(fields.feeds, String),
    };
  });
}

export function toChanges(value: unknown): Changes {
  const fields = toFields(value);
  return {
    added: toList(fields.added, toFeedChange),
    changed: toList(fields.changed, toFeedChange),
    removed: toList(fields.removed, toFeedChange),
    same: toList(fields.same, toFeedChange),
    parts: toList(fields.parts, String),
    sealed: flag(fields, 'sealed'),
  };
}

/** Nothing would be different. */
export function isNothing(changes: Changes): boolean {
  const { added, changed, removed, parts } = changes;
  return added.length + changed.length + removed.length + parts.length === 0;
}

function toFeedChange(value: unknown): FeedChange {
  const fields = toFields(value);
  const id = needText(fields, 'id');
  return {
    id,
    name: text(fields, 'name') ?? id,
    was: text(fields, 'was') ?? '',
    members: toList(fields.members, String),
    lacks: flag(fields, 'lacks'),
  };
}

export function toListChanges(value: unknown): ListChanges {
  const fields = toFields(value);
  return {
    title: text(fields, 'title') ?? '',
    added: toList(fields.added, toOutline),
    duplicates: toList(fields.duplicates, toOutline),
    refused: toList(fields.refused, toOutline),
  };
}

function toOutline(value: unknown): Outline {
  const fields = toFields(value);
  return {
    name: text(fields, 'name') ?? '',
    group: text(fields, 'group') ?? '',
    url: text(fields, 'url') ?? '',
    of: text(fields, 'of') ?? '',
    reason: text(fields, 'reason') ?? '',
  };
}

/** A list of feeds as programs that read feeds hand it on (OPML 2.0). */
export function toOpml(feeds: readonly { name: string; kind: string; url: string }[]): string {
  const lines = feeds.map(({ name, kind, url }) => {
    const address = kind === 'rss' ? `xmlUrl="${escaped(url)}"` : `url="${escaped(url)}"`;
    return `<outline text="${escaped(name)}" type="${escaped(kind)}" ${address}/>`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<opml version="2.0"><body>\n${lines.join('\n')}\n</body></opml>\n`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;').replace(/\s/g, ' ');
}

export function toLog(value: unknown): Log {
  const fields = toFields(value);
  const level = text(fields, 'level')?.toUpperCase();
  return {
    level: LOG_LEVELS.find((known) => known === level) ?? 'INFO',
    lines: toList(fields.lines, String),
  };
}
