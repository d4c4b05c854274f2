// What somebody types or pastes to add a feed, told apart.

/** What is to be looked at: an address, a command, a list of feeds. Anything else may be a search. */
export function isAddress(typed: string): boolean {
  const text = typed.trim();
  if (/^curl(\.exe)?\s/i.test(text) || /^<(\?xml|opml)/i.test(text)) return true;
  if (/^(https?|wss?|feed|webcal|tickertape):/i.test(text)) return text.length > 'http://'.length;
  // A host: with a dot and a path, or a port. "node.js" may be a search.
  return /^[^\s/@]+(:\d{2,5}(\/\S*)?|\.[a-z]{2,}\/\S*)$/i.test(text) || /^(\d{1,3}\.){3}\d{1,3}/.test(text);
}

export type InputKind = 'curl' | 'opml' | 'text';

/** What an input that is no plain address is called. */
export function inputKind(input: string): InputKind {
  if (/^curl/i.test(input)) return 'curl';
  return input.startsWith('<') ? 'opml' : 'text';
}

/** The feed that a link of ours names: tickertape:add?url=… or tickertape:https://…; anything else as it is. */
export function unwrapLink(input: string): string {
  const text = input.trim();
  if (!/^tickertape:/i.test(text)) return text;
  const rest = text.replace(/^tickertape:(\/\/)?/i, '');
  const query = /[?&]url=([^&]+)/.exec(rest);
  if (query?.[1] === undefined) return rest;
  try {
    return decodeURIComponent(query[1]);
  } catch {
    return query[1];
  }
}
