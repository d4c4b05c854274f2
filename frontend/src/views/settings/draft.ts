// What a person types for a feed, made ready to be sent.
import { strings } from '../../strings/en';

export interface Address {
  url: string;
  error: string;
}

const HERE = /^(localhost|127\.|10\.|192\.168\.|\[::1\]|0\.0\.0\.0|[^./]+:\d)/i;

/** Completes an address without a scheme: plain http for this computer and its neighbours, https for the rest. */
export function completeUrl(typed: string): Address {
  const words = strings.settings.feeds;
  const text = typed.trim();
  if (text === '') return { url: '', error: words.needUrl };
  const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(text)
    ? text
    : `${HERE.test(text) ? 'http' : 'https'}://${text}`;
  try {
    const { protocol, hostname } = new URL(url);
    const ok = (protocol === 'http:' || protocol === 'https:') && hostname !== '' && !/\s/.test(text);
    return { url, error: ok ? '' : words.badUrl };
  } catch {
    return { url, error: words.badUrl };
  }
}

/** A name for a feed whose person gave none: its host, with a number when there is one of that name already. */
export function guessName(url: string, taken: readonly string[]): string {
  let host: string;
  try {
    host = new URL(url).host.replace(/^www\./, '');
  } catch {
    return '';
  }
  const used = new Set(taken.map((name) => name.toLowerCase()));
  let name = host.slice(0, 56);
  for (let n = 2; used.has(name.toLowerCase()); n++) name = `${host.slice(0, 56)} ${String(n)}`;
  return name;
}

/** The port that was typed; undefined when it is none. */
export function readPort(typed: string): number | undefined {
  if (!/^\d{1,5}$/.test(typed.trim())) return undefined;
  const port = Number(typed);
  return port >= 1 && port <= 65_535 ? port : undefined;
}
