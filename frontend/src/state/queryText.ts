// A query cut into its parts, to colour it while it is typed and to know what is being typed. The server alone says
// what a query means (GET /query); this only has to be right about where words begin and end.

export type TokenKind =
  | 'space'
  | 'word'
  | 'phrase'
  | 'field'
  | 'operator'
  | 'value'
  | 'regex'
  | 'keyword'
  | 'paren'
  | 'minus'
  | 'comma';

export interface Token {
  kind: TokenKind;
  from: number;
  to: number;
  text: string;
}

const NAMES =
  /^(?:feed|type|key|id|title|text|data|url|severity|value|has|is|since|after|before|until)(?=[:<>=!])/i;
const PATH = /^data(?:\.(?:"(?:\\.|[^"\\])*"|[^\s()".:<>=!,]+))+(?=[:<>=!])/i;
const OPERATOR = /^(?:>=|<=|!=|[:=<>])/;
const KEYWORD = /^(?:OR|AND|NOT)(?=[\s()"]|$)/;
const PHRASE = /^"(?:\\.|[^"\\])*(?:"\*?|$)/;
const REGEX = /^\/(?:\\.|[^/\\])*(?:\/[a-z]*|$)/;
const WORD = /^[^\s()"]+/;
const VALUE = /^[^\s()",]+/;

export function tokens(text: string): Token[] {
  const found: Token[] = [];
  let at = 0;
  const take = (kind: TokenKind, pattern: RegExp): boolean => {
    const match = pattern.exec(text.slice(at))?.[0];
    if (match === undefined || match === '') return false;
    found.push({ kind, from: at, to: at + match.length, text: match });
    at += match.length;
    return true;
  };
  while (at < text.length) {
    if (take('space', /^\s+/) || take('paren', /^[()]/) || take('keyword', KEYWORD)) continue;
    if (/^-(?=[^\s])/.test(text.slice(at)) && take('minus', /^-/)) continue;
    if (take('field', PATH) || take('field', NAMES)) {
      take('operator', OPERATOR);
      if (take('regex', REGEX)) continue;
      while (take('phrase', PHRASE) || take('value', VALUE) || take('comma', /^,/));
      continue;
    }
    if (take('phrase', PHRASE) || take('regex', REGEX)) continue;
    if (!take('word', WORD)) at++;
  }
  return found;
}

/** What is typed at a place: a value of a field, or a word that may become anything. */
export interface Place {
  /** The field whose value it is; empty for a word. */
  field: string;
  /** What of it stands before the place, without its quotes. */
  typed: string;
  /** What a suggestion takes the place of. */
  from: number;
  to: number;
}

/** Undefined where nothing can be suggested: inside a regular expression, behind a number. */
export function placeAt(text: string, caret: number): Place | undefined {
  const all = tokens(text);
  const index = all.findIndex((token) => token.from < caret && caret <= token.to);
  const token = all[index];
  if (token === undefined || token.kind === 'space' || token.kind === 'paren' || token.kind === 'minus') {
    return { field: '', typed: '', from: caret, to: caret };
  }
  const typed = token.text.slice(0, caret - token.from);
  switch (token.kind) {
    case 'word':
    case 'field':
    case 'keyword':
      return { field: '', typed, from: token.from, to: token.to };
    case 'regex':
      return undefined;
    case 'operator':
    case 'comma':
    case 'value':
    case 'phrase': {
      const field = fieldOf(all, index);
      if (field === undefined) return undefined;
      if (token.kind === 'operator' || token.kind === 'comma') {
        const next = all[index + 1];
        const to = next?.kind === 'value' || next?.kind === 'phrase' ? next.to : caret;
        return { field, typed: '', from: caret, to };
      }
      return { field, typed: typed.replace(/^"/, '').replace(/"$/, ''), from: token.from, to: token.to };
    }
  }
}

/** The name before the value at an index; undefined where the value is compared by size, or stands alone. */
function fieldOf(all: readonly Token[], index: number): string | undefined {
  for (let at = index; at >= 0; at--) {
    const token = all[at];
    if (token?.kind === 'field') return token.text;
    if (token?.kind === 'operator' && token.text !== ':' && token.text !== '=') return undefined;
    if (token?.kind === 'space' || token?.kind === 'paren') return undefined;
  }
  return undefined;
}

/** A value as a query has it: in quotes where it would end too early, or mean something else. */
export function quoted(value: string): string {
  if (/^[^\s()",*/-][^\s()",*]*$/.test(value) && !/^(?:OR|AND|NOT)$/.test(value)) return value;
  return `"${value.replace(/["\\]/g, '\\$&')}"`;
}

/** The query and one more condition. */
export function narrowed(query: string, condition: string): string {
  if (query.trim() === '') return condition;
  const alternatives = tokens(query).some((token) => token.kind === 'keyword' && token.text === 'OR');
  return alternatives ? `(${query.trim()}) ${condition}` : `${query.trim()} ${condition}`;
}

/** UTF-16 places of a part that the server counts in characters. */
export function utf16Range(text: string, [from, to]: readonly [number, number]): [number, number] {
  const characters = Array.from(text); // the server's characters: code points
  const start = characters.slice(0, from).join('').length;
  return [start, start + characters.slice(from, to).join('').length];
}
