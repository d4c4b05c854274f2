// Where the view was held when the page went away, for the page that comes after it in the same window.
import { isFields, text, type Fields } from '../wire/read';
import type { Place } from './tape.svelte';

const KEY = 'tickertape.place';

/** Undefined: the view followed. */
export function keepPlace(place: Place | undefined): void {
  try {
    if (place === undefined) sessionStorage.removeItem(KEY);
    else sessionStorage.setItem(KEY, JSON.stringify(place));
  } catch {
    // Storage may be switched off or full; then the next page follows.
  }
}

export function takePlace(): Place | undefined {
  try {
    const raw = sessionStorage.getItem(KEY);
    sessionStorage.removeItem(KEY);
    return readPlace(raw);
  } catch {
    return undefined;
  }
}

export function readPlace(raw: string | null): Place | undefined {
  let value: unknown;
  try {
    value = JSON.parse(raw ?? '');
  } catch {
    return undefined;
  }
  if (!isFields(value)) return undefined;
  const [id, newest] = [text(value, 'id'), text(value, 'newest')];
  const { px, newestSeq } = value;
  if (id === undefined || newest === undefined || typeof px !== 'number' || typeof newestSeq !== 'number')
    return undefined;
  const end = readEnd(value);
  return { id, px, newest, newestSeq, ...(end && { end }) };
}

function readEnd({ end }: Fields): Place['end'] {
  if (!isFields(end)) return undefined;
  const { seq, beyond } = end;
  return typeof seq === 'number' && typeof beyond === 'number' ? { seq, beyond } : undefined;
}
