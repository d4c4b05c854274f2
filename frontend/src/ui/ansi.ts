// The colours and styles that programs give their terminal output: SGR sequences (ECMA-48, 8.3.117). Everything else a
// terminal would obey (cursor movement, titles, links) is taken out.

export interface Style {
  /** 0 to 15: black, red, green, yellow, blue, magenta, cyan, white, and the same bright. */
  color?: number;
  back?: number;
  bold?: boolean;
  dim?: boolean;
  italic?: boolean;
  underline?: boolean;
  strike?: boolean;
}
export interface Span {
  text: string;
  style: Style;
}

const ESC = '\u001b';
// CSI … final byte; OSC … BEL or ST; one-character and charset sequences; stray control characters but tab and line break.
const SEQUENCE =
  // eslint-disable-next-line no-control-regex -- control characters are what this is about
  /\u001b\[([\x30-\x3f]*)[\x20-\x2f]*([\x40-\x7e])|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|\u001b[\x20-\x2f]*[\x30-\x7e]|[\u0000-\u0008\u000b-\u001f\u007f]/g;

export function hasAnsi(text: string): boolean {
  return text.includes(ESC);
}

/** The text in pieces of one style each. Without any sequence it is one piece. */
export function parseAnsi(text: string): Span[] {
  if (!hasAnsi(text)) return text === '' ? [] : [{ text, style: {} }];
  const spans: Span[] = [];
  let style: Style = {};
  let at = 0;
  const add = (end: number) => {
    if (end <= at) return;
    const piece = text.slice(at, end);
    const last = spans.at(-1);
    if (last?.style === style) last.text += piece;
    else spans.push({ text: piece, style });
  };
  for (const match of text.matchAll(SEQUENCE)) {
    add(match.index);
    at = match.index + match[0].length;
    // A sequence without a final byte before the end of the text matches shorter; what is left of it is text.
    if (match[2] === 'm') style = styled(style, match[1] ?? '');
  }
  add(text.length);
  return spans;
}

/** The text without any sequence. */
export function plainText(text: string): string {
  return hasAnsi(text) ? text.replace(SEQUENCE, '') : text;
}

function styled(before: Style, parameters: string): Style {
  const codes = parameters.split(/[;:]/).map((code) => (code === '' ? 0 : Number(code)));
  let style = { ...before };
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i] ?? 0;
    if (code === 38 || code === 48) {
      const [color, used] = extended(codes.slice(i + 1));
      if (color !== undefined) style[code === 38 ? 'color' : 'back'] = color;
      i += used;
    } else if (code === 0) style = {};
    else apply(style, code);
  }
  return style;
}

function apply(style: Style, code: number): void {
  if (code === 1) style.bold = true;
  else if (code === 2) style.dim = true;
  else if (code === 3) style.italic = true;
  else if (code === 4) style.underline = true;
  else if (code === 9) style.strike = true;
  else if (code === 22) {
    delete style.bold;
    delete style.dim;
  } else if (code === 23) delete style.italic;
  else if (code === 24) delete style.underline;
  else if (code === 29) delete style.strike;
  else if (code === 7) [style.color, style.back] = [style.back ?? 0, style.color ?? 7];
  else if (code === 39 || code === 27) delete style.color;
  if (code === 49 || code === 27) delete style.back;
  if (code >= 30 && code <= 37) style.color = code - 30;
  else if (code >= 40 && code <= 47) style.back = code - 40;
  else if (code >= 90 && code <= 97) style.color = code - 82;
  else if (code >= 100 && code <= 107) style.back = code - 92;
}

/** 256 colours and true colour, as the nearest of the sixteen: those are legible on either theme. */
function extended(codes: readonly number[]): [color: number | undefined, used: number] {
  const [mode, a = 0, g = 0, b = 0] = codes;
  if (mode === 2) return [nearest(a, g, b), 4];
  if (mode !== 5) return [undefined, 1];
  if (a < 16) return [a, 2];
  if (a >= 232) return [nearest(8 + (a - 232) * 10, 8 + (a - 232) * 10, 8 + (a - 232) * 10), 2];
  const level = (n: number) => (n === 0 ? 0 : 55 + 40 * n);
  const cube = a - 16;
  return [nearest(level(Math.floor(cube / 36)), level(Math.floor(cube / 6) % 6), level(cube % 6)), 2];
}

function nearest(red: number, green: number, blue: number): number {
  const most = Math.max(red, green, blue);
  if (most - Math.min(red, green, blue) < 40) return most < 64 ? 0 : most < 160 ? 8 : most < 224 ? 7 : 15;
  const half = most / 2;
  const hue = (red > half ? 1 : 0) + (green > half ? 2 : 0) + (blue > half ? 4 : 0);
  return most > 200 ? hue + 8 : hue;
}
