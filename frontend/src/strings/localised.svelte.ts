// One catalogue for what the window says, in the language that is spoken now. Components read `strings` as if it were
// the English catalogue; what they read follows the language by itself. A key that a language hasn't is English.

/** A catalogue's shape without its words: texts, and functions that make texts. */
export type Catalogue<T> = {
  readonly [K in keyof T]: T[K] extends string
    ? string
    : T[K] extends (...args: infer A) => string
      ? (...args: A) => string
      : Catalogue<T[K]>;
};

/** What a language has of it so far. */
export type Translation<T> = {
  readonly [K in keyof T]?: T[K] extends string
    ? string
    : T[K] extends (...args: infer A) => string
      ? (...args: A) => string
      : Translation<T[K]>;
};

/** The translation in force; undefined is English. */
let spoken = $state.raw<object | undefined>();

export function speak(translation: object | undefined): void {
  spoken = translation;
}

/** The catalogue in the language that is spoken. `const words = strings.feeds` stays in step, too. */
export function localised<T extends object>(english: T, path: readonly string[] = []): T {
  const parts = new Map<string | symbol, object>();
  return new Proxy(english, {
    get(target, key) {
      const own: unknown = Reflect.get(target, key);
      if (typeof own === 'object' && own !== null) {
        const known = parts.get(key);
        if (known !== undefined) return known;
        const part = localised(own, [...path, String(key)]);
        parts.set(key, part);
        return part;
      }
      return member(path, key) ?? own;
    },
  });
}

function member(path: readonly string[], key: string | symbol): unknown {
  let at: unknown = spoken;
  for (const step of [...path, key]) {
    if (typeof at !== 'object' || at === null) return undefined;
    at = Reflect.get(at, step);
  }
  return at;
}
