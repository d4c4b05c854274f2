/** How long a feed's name may be. */
const MOST = 60;

/** The name, with a number when there is one like it already. */
export function freeName(name: string, taken: readonly string[]): string {
  const used = new Set(taken.map((other) => other.toLowerCase()));
  const base = name.trim().slice(0, MOST - 4);
  if (base === '') return '';
  let free = name.trim().slice(0, MOST);
  for (let n = 2; used.has(free.toLowerCase()); n++) free = `${base} ${String(n)}`;
  return free;
}
