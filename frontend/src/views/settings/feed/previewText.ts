import type { TapeEvent } from '../../../wire/event';

const ENOUGH = 300;

/** The title and text of an event, each on a line; its payload when its mapping found neither. */
export function previewText(event: TapeEvent): { title: string; text: string } {
  const title = oneLine(event.title ?? event.key ?? '');
  const text = oneLine(event.text ?? (title === '' ? (event.data ?? '') : ''));
  return { title, text: text === title ? '' : text };
}

function oneLine(text: string): string {
  return text.slice(0, ENOUGH).replace(/\s+/g, ' ').trim();
}
