// What to export, as the dialogue asks for it, and as the server is asked.
import type { TapeEvent } from '../wire/event';

export const FORMATS = ['ndjson', 'csv'] as const;
export type Format = (typeof FORMATS)[number];

/** Where a range begins or ends: nowhere, at the chosen event, or at a local time. */
export type Bound = { kind: 'open' } | { kind: 'event' } | { kind: 'time'; at: string };

/** All there is, what the tape shows, what is selected of that, or one feed. */
export type What = 'shown' | 'picked' | 'all' | `feed ${string}`;

export interface ExportChoice {
  what: What;
  from: Bound;
  to: Bound;
  format: Format;
}

/** What the tape shows. */
export interface Shown {
  query: string;
  feeds: readonly string[];
}

/**
 * The parameters of GET /export. The chosen event belongs to the range at both of its ends; ids are those of what is
 * selected.
 */
export function selection(
  choice: ExportChoice,
  shown: Shown,
  event: TapeEvent | undefined,
  ids = '',
): string {
  const params = new URLSearchParams({ format: choice.format });
  if (choice.what === 'shown' || choice.what === 'picked') {
    if (shown.query !== '') params.set('q', shown.query);
    if (shown.feeds.length > 0) params.set('feed', shown.feeds.join(','));
    if (choice.what === 'picked') {
      params.set('ids', ids);
      return params.toString();
    }
  } else if (choice.what !== 'all') params.set('feed', choice.what.slice('feed '.length));
  const from = boundOf(choice.from, event?.id);
  const to = boundOf(choice.to, event?.id.replace(/\d+$/, String(event.seq + 1)));
  if (from !== undefined) params.set('from', from);
  if (to !== undefined) params.set('to', to);
  return params.toString();
}

function boundOf(bound: Bound, event: string | undefined): string | undefined {
  switch (bound.kind) {
    case 'open':
      return undefined;
    case 'event':
      return event;
    case 'time':
      return bound.at === '' ? undefined : bound.at;
  }
}

/** A name to propose: tickertape-2026-11-22.csv */
export function fileName(choice: ExportChoice, now: Date): string {
  const pad = (n: number) => String(n).padStart(2, '0');
  const day = `${String(now.getFullYear())}-${pad(now.getMonth() + 1)}-${pad(now.getDate())}`;
  const part = choice.what.startsWith('feed ') ? `${choice.what.slice('feed '.length)}-` : '';
  return `tickertape-${part}${day}.${choice.format}`;
}
