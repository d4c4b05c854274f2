// What a person types into the settings, made ready to be sent.

/** The port that was typed; undefined when it is none. */
export function readPort(typed: string): number | undefined {
  if (!/^\d{1,5}$/.test(typed.trim())) return undefined;
  const port = Number(typed);
  return port >= 1 && port <= 65_535 ? port : undefined;
}

/** The origin of what was typed or pasted, as a browser writes it; the server says what is wrong with what is none. */
export function toOrigin(typed: string): string {
  const text = typed.trim();
  try {
    const { origin } = new URL(text);
    return origin === 'null' ? text : origin;
  } catch {
    return text;
  }
}

/** A file's name with the day. */
export function dated(name: string, ending: string): string {
  return `${name}-${new Date().toISOString().slice(0, 10)}.${ending}`;
}

/** Who reaches a listening address. */
export type Reach = 'here' | 'network' | 'other';

export function reachOf(address: string): Reach {
  if (/^127\.|^::1$|^\[::1\]$/.test(address)) return 'here';
  return address === '0.0.0.0' || address === '::' ? 'network' : 'other';
}
