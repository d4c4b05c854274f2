// Reading JSON without losing digits. JSON.parse turns 12.50 into 12.5 and rounds 9007199254740993, so the parts of an
// event that belong to its sender (`data`, `value`) are kept as the text that came, found by scanning.

export class WireError extends Error {
  override name = 'WireError';
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

export function skipSpace(text: string, at: number): number {
  while (at < text.length && isSpace(text.charCodeAt(at))) at++;
  return at;
}

/** The index after the closing quote of the string that opens at `at`. */
export function skipString(text: string, at: number): number {
  for (let end = text.indexOf('"', at + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === BACKSLASH) slashes++;
    if (slashes % 2 === 0) return end + 1;
  }
  throw new WireError('a string without an end');
}

function skipContainer(text: string, at: number): number {
  let depth = 0;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = skipString(text, at);
      continue;
    }
    if (code === 0x7b || code === 0x5b) depth++;
    else if (code === 0x7d || code === 0x5d) {
      depth--;
      if (depth === 0) return at + 1;
    }
    at++;
  }
  throw new WireError('a list or object without an end');
}

/** The index after the value that starts at `at`. */
function skipValue(text: string, at: number): number {
  const code = text.charCodeAt(at);
  if (code === QUOTE) return skipString(text, at);
  if (code === 0x7b || code === 0x5b) return skipContainer(text, at);
  const start = at;
  while (at < text.length && !isSpace(text.charCodeAt(at)) && !',]}:'.includes(text.charAt(at))) at++;
  if (at === start) throw new WireError(`a value was expected at ${String(start)}`);
  return at;
}

/** Calls visit with each member of the object in text: its key, and the text of its value. */
export function eachMember(text: string, visit: (key: string, raw: string) => void): void {
  eachPlace(text, (keyAt, keyEnd, at, end) => {
    visit(String(JSON.parse(text.slice(keyAt, keyEnd))), text.slice(at, end));
  });
}

/** Calls visit with where each member of the object in text stands: its key with the quotes, and its value. */
export function eachPlace(
  text: string,
  visit: (keyAt: number, keyEnd: number, at: number, end: number) => void,
): void {
  let at = skipSpace(text, 0);
  if (text.charAt(at) !== '{') throw new WireError('an object was expected');
  at = skipSpace(text, at + 1);
  while (text.charAt(at) !== '}') {
    if (text.charCodeAt(at) !== QUOTE) throw new WireError(`a key was expected at ${String(at)}`);
    const keyAt = at;
    const keyEnd = skipString(text, at);
    at = skipSpace(text, keyEnd);
    if (text.charAt(at) !== ':') throw new WireError(`a colon was expected at ${String(at)}`);
    at = skipSpace(text, at + 1);
    const end = skipValue(text, at);
    visit(keyAt, keyEnd, at, end);
    at = skipSeparator(text, end, '}');
  }
}

/** Calls visit with the text of each element of the array in text. */
export function eachElement(text: string, visit: (raw: string) => void): void {
  let at = skipSpace(text, 0);
  if (text.charAt(at) !== '[') throw new WireError('a list was expected');
  at = skipSpace(text, at + 1);
  while (text.charAt(at) !== ']') {
    const end = skipValue(text, at);
    visit(text.slice(at, end));
    at = skipSeparator(text, end, ']');
  }
}

function skipSeparator(text: string, at: number, close: string): number {
  at = skipSpace(text, at);
  if (text.charAt(at) === close) return at;
  if (text.charAt(at) !== ',') throw new WireError(`a comma was expected at ${String(at)}`);
  return skipSpace(text, at + 1);
}

/**
 * A copy that shares no memory with the text it was cut from. Engines keep the whole parent of a slice alive, so that
 * a small field would hold a frame of megabytes.
 */
export function detached(text: string): string {
  return ` ${text}`.slice(1);
}
