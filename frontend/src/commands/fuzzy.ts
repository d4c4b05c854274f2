// Finding a command by a few of its letters.

/**
 * How well a text matches what was typed: its letters in order, better at the beginnings of words and next to one
 * another. Undefined when it doesn't.
 */
export function score(text: string, typed: string): number | undefined {
  const [where, what] = [plain(text), plain(typed)];
  const whole = where.indexOf(what);
  if (whole !== -1) return 1_000 - whole + (isStart(where, whole) ? 500 : 0);
  let total = 0;
  let at = -1;
  for (const letter of what.replace(/\s+/g, '')) {
    const next = nextOf(where, letter, at + 1);
    if (next === -1) return undefined;
    total += isStart(where, next) ? 10 : next === at + 1 ? 8 : 1;
    at = next;
  }
  return total;
}

/** The letter's next place, at the beginning of a word if there is one that leaves it in order. */
function nextOf(where: string, letter: string, from: number): number {
  const first = where.indexOf(letter, from);
  if (first === -1 || first === from || isStart(where, first)) return first;
  for (let at = first; at !== -1; at = where.indexOf(letter, at + 1)) if (isStart(where, at)) return at;
  return first;
}

function isStart(text: string, at: number): boolean {
  return at === 0 || !/[\p{L}\p{N}]/u.test(text.charAt(at - 1));
}

function plain(text: string): string {
  return text.trim().toLowerCase().normalize('NFD').replace(/\p{M}/gu, '');
}

/** Those that match, the best first; all of them, the recent ones first, when nothing is typed. */
export function ranked<T extends { id: string; title: string }>(
  all: readonly T[],
  typed: string,
  recent: readonly string[],
): T[] {
  const place = (id: string) => {
    const at = recent.indexOf(id);
    return at === -1 ? recent.length : at;
  };
  if (typed.trim() === '') return [...all].sort((a, b) => place(a.id) - place(b.id));
  return all
    .map((item) => ({ item, score: score(item.title, typed) }))
    .filter((found): found is { item: T; score: number } => found.score !== undefined)
    .sort((a, b) => b.score - a.score || place(a.item.id) - place(b.item.id))
    .map(({ item }) => item);
}
