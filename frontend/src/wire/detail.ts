// What the server knows of one event beside the event itself: /events/{id}/detail.
import { flag, isFields, needText, number, parseFields, text, toFields, toList } from './read';

export interface PageLink {
  text: string;
  url: string;
}

/** The event's HTML as a page of its own, for a frame without rights. */
export interface HtmlPage {
  /** By the numbers, from 1, that stand behind them in the page. */
  links: PageLink[];
  images: number;
  cut: boolean;
  /** To be passed on to the page; empty at the front door. */
  ticket: string;
}

export interface EventDetail {
  storedAt?: string;
  html?: HtmlPage;
}

export function parseDetail(raw: string): EventDetail {
  const fields = parseFields(raw);
  const detail: EventDetail = {};
  const storedAt = text(fields, 'storedAt');
  if (storedAt !== undefined) detail.storedAt = storedAt;
  if (isFields(fields.html)) {
    detail.html = {
      links: toList(fields.html.links, (value) => {
        const link = toFields(value);
        const url = needText(link, 'url');
        return { url, text: text(link, 'text') ?? url };
      }),
      images: number(fields.html, 'images'),
      cut: flag(fields.html, 'cut'),
      ticket: text(fields.html, 'ticket') ?? '',
    };
  }
  return detail;
}
