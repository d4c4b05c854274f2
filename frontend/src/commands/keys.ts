// From keys pressed to commands: single keys, keys with modifiers, and chords of several steps.

/** What is used of a KeyboardEvent. */
export interface Press {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
}

export type Found = { kind: 'command'; id: string } | { kind: 'more' } | { kind: 'none' };

/** How long a chord waits for its next step. */
export const CHORD_MS = 1_500;

/** The step's name in the table: `k`, `Mod+k`, `Space`; empty for a modifier alone. */
export function stepOf(press: Press, mac: boolean): string {
  if (['Control', 'Meta', 'Shift', 'Alt', 'AltGraph', 'Dead', 'Process', 'Unidentified'].includes(press.key))
    return '';
  const mod = mac ? press.metaKey : press.ctrlKey;
  const other = mac ? press.ctrlKey : press.metaKey;
  if (press.altKey || other) return '';
  const letter = press.key.length === 1 && press.key.toUpperCase() !== press.key.toLowerCase();
  // A keyboard may need Shift for ? or /, so only letters are told apart by it.
  const name = press.key === ' ' ? 'Space' : letter ? press.key.toLowerCase() : press.key;
  if (mod) return `Mod+${name}`;
  return letter && press.shiftKey ? `Shift+${name.toUpperCase()}` : name;
}

export class Keys {
  #chord: string[] = [];
  #at = -Infinity;

  /** What this step leads to, after those before it. now is in ms. */
  press(step: string, table: ReadonlyMap<string, string>, now: number): Found {
    if (now - this.#at > CHORD_MS) this.#chord = [];
    this.#at = now;
    // A step that goes on with nothing may begin something new.
    for (const chord of this.#chord.length > 0 ? [[...this.#chord, step], [step]] : [[step]]) {
      const keys = chord.join(' ');
      const id = table.get(keys);
      if (id !== undefined) {
        this.#chord = [];
        return { kind: 'command', id };
      }
      if ([...table.keys()].some((other) => other.startsWith(`${keys} `))) {
        this.#chord = chord;
        return { kind: 'more' };
      }
    }
    this.#chord = [];
    return { kind: 'none' };
  }

  /** Whether a step would go on with a chord. */
  waits(now: number): boolean {
    return this.#chord.length > 0 && now - this.#at <= CHORD_MS;
  }
}

/** Whether the keyboard is a Mac's. */
export function isMac(): boolean {
  return navigator.platform.startsWith('Mac');
}

/** A chord as it is written on keys, step by step: [['Ctrl', 'K']]. */
export function written(chord: string, mac: boolean): string[][] {
  const names: Record<string, string> = {
    Mod: mac ? '⌘' : 'Ctrl',
    Shift: mac ? '⇧' : 'Shift',
    Escape: 'Esc',
  };
  return chord
    .split(' ')
    .map((step) =>
      (step === '+' ? ['+'] : step.split('+')).map(
        (key) => names[key] ?? (key.length === 1 ? key.toUpperCase() : key),
      ),
    );
}
