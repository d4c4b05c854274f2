// JSON text laid out for reading, without ever parsing a number: what is shown is what came.
import { skipString } from './json';

export type TokenKind = 'key' | 'string' | 'number' | 'literal' | 'punctuation';

export interface Token {
  kind: TokenKind;
  text: string;
}

export interface Line {
  depth: number;
  tokens: Token[];
}

export interface Layout {
  lines: Line[];
  /** True when there was more than maxLines, or the text ended early. */
  cut: boolean;
}

/** Lays out the JSON value in raw. A text that was cut short is laid out as far as it goes. */
export function layOut(raw: string, maxLines = 5_000): Layout {
  const lines: Line[] = [];
  let line: Line = { depth: 0, tokens: [] };
  let depth = 0;
  let at = 0;
  const feed = () => {
    lines.push(line);
    line = { depth, tokens: [] };
  };
  const put = (kind: TokenKind, text: string) => line.tokens.push({ kind, text });

  while (at < raw.length && lines.length < maxLines) {
    const char = raw.charAt(at);
    if (/\s/.test(char)) at++;
    else if (char === '{' || char === '[') {
      const close = afterSpace(raw, at + 1);
      if (raw.charAt(close) === '}' || raw.charAt(close) === ']') {
        put('punctuation', char + raw.charAt(close));
        at = close + 1;
      } else {
        put('punctuation', char);
        depth++;
        feed();
        at++;
      }
    } else if (char === '}' || char === ']') {
      depth = Math.max(0, depth - 1);
      feed();
      put('punctuation', char);
      at++;
    } else if (char === ',') {
      put('punctuation', ',');
      feed();
      at++;
    } else if (char === ':') {
      put('punctuation', ': ');
      at++;
    } else if (char === '"') {
      const end = stringEnd(raw, at);
      put(raw.charAt(afterSpace(raw, end)) === ':' ? 'key' : 'string', raw.slice(at, end));
      at = end;
    } else {
      let end = at;
      while (end < raw.length && !/[\s,\]}]/.test(raw.charAt(end))) end++;
      const text = raw.slice(at, end);
      put(/^[-\d]/.test(text) ? 'number' : 'literal', text);
      at = end;
    }
  }
  if (line.tokens.length > 0) lines.push(line);
  return { lines, cut: at < raw.length || depth > 0 };
}

/** The laid out text, for the clipboard. */
export function prettyText(raw: string): string {
  return layOut(raw, Infinity)
    .lines.map((line) => '  '.repeat(line.depth) + line.tokens.map((token) => token.text).join(''))
    .join('\n');
}

function afterSpace(raw: string, at: number): number {
  while (at < raw.length && /\s/.test(raw.charAt(at))) at++;
  return at;
}

function stringEnd(raw: string, at: number): number {
  try {
    return skipString(raw, at);
  } catch {
    return raw.length;
  }
}
