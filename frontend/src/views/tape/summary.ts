// What one row says about an event.
import type { TapeEvent } from '../../wire/event';

export interface Summary {
  title: string;
  text: string;
}

const ENOUGH = 400;

/** The title and text of an event; when its mapping found neither, its payload on one line. */
export function summarise(event: TapeEvent): Summary {
  const title = oneLine(event.title ?? '');
  const text = oneLine(event.text ?? '');
  if (title === '' && text === '') return { title: '', text: oneLine(payload(event.data)) };
  return { title, text: text === title ? '' : text };
}

/** The payload as its sender meant it: the text of a JSON string, else the JSON text. */
export function payload(data: string | undefined): string {
  if (data === undefined) return '';
  if (!data.startsWith('"')) return data;
  try {
    return String(JSON.parse(data));
  } catch {
    return data; // it was cut short
  }
}

export function isStructured(data: string | undefined): boolean {
  return data !== undefined && (data.startsWith('{') || data.startsWith('['));
}

function oneLine(text: string): string {
  return text.slice(0, ENOUGH).replace(/\s+/g, ' ').trim();
}
