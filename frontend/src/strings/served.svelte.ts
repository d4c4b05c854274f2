// Sentences of the server in the language that is spoken. It says everything in English, for scripts and logs as well
// as for this window; served.*.json have what each sentence is in another language.

/** By the English sentences, with holes as in Go's formats. A translation names its holes by number: {1}. */
export type Served = Readonly<Record<string, string>>;

/** The holes of a Go format. */
const HOLE = /%[-+# 0]*\d*(?:\.\d+)?[a-zA-Z]/;

/** How deep a sentence may stand in the holes of others. */
const DEEPEST = 4;

/** How many sentences are remembered. The same few are shown again and again. */
const REMEMBERED = 500;

interface Template {
  matches: RegExp;
  /** A part of it that is always there. It tells most of the others apart at once. */
  part: string;
  /** How much of it is words. */
  words: number;
  translation: string;
}

/** A language's sentences. */
class Sentences {
  readonly #exact: ReadonlyMap<string, string>;
  #templates: readonly Template[] | undefined;
  readonly #said = new Map<string, string>();

  constructor(served: Served) {
    this.#exact = new Map(Object.entries(served));
  }

  of(sentence: string): string {
    const said = this.#said.get(sentence);
    if (said !== undefined) return said;
    if (this.#said.size >= REMEMBERED) this.#said.clear();
    const found = this.#find(sentence, 0) ?? sentence;
    this.#said.set(sentence, found);
    return found;
  }

  #find(sentence: string, depth: number): string | undefined {
    if (depth > DEEPEST || !sentence.includes(' ')) return this.#exact.get(sentence);
    return this.#whole(sentence, depth) ?? this.#bare(sentence, depth) ?? this.#several(sentence, depth);
  }

  #whole(sentence: string, depth: number): string | undefined {
    const exact = this.#exact.get(sentence);
    if (exact !== undefined) return exact;
    this.#templates ??= [...this.#exact]
      .filter(([english]) => HOLE.test(english))
      .map(compile)
      .sort(wordiest);
    for (const { matches, part, translation } of this.#templates) {
      const holes = sentence.includes(part) ? matches.exec(sentence) : null;
      if (holes !== null) {
        return translation.replace(/\{(\d)\}/g, (_, number: string) => {
          const hole = holes[Number(number)] ?? '';
          return this.#find(hole, depth + 1) ?? hole;
        });
      }
    }
    return undefined;
  }

  /**
   * An error's text may have been made a sentence, with a capital and a full stop; or a sentence may stand in the hole
   * of one that has the full stop.
   */
  #bare(sentence: string, depth: number): string | undefined {
    const stopped = /[.?!]$/.test(sentence) ? undefined : this.#whole(`${sentence}.`, depth);
    if (stopped !== undefined) return stopped.replace(/[.。]$/, '');
    const [first = '', ...rest] = sentence.replace(/\.$/, '');
    const bare = first.toLowerCase() + rest.join('');
    const found = bare === sentence ? undefined : this.#whole(bare, depth);
    if (found === undefined) return undefined;
    const [initial = '', ...others] = found;
    const capital = initial.toUpperCase() + others.join('');
    return sentence.endsWith('.') ? capital + (/[\u3000-\u9fff]/.test(capital) ? '。' : '.') : capital;
  }

  /** Several sentences one after the other, or one behind where it is about. */
  #several(sentence: string, depth: number): string | undefined {
    // Not by a look behind: WebKit of 2022 can't read those.
    for (const { index } of sentence.matchAll(/[.?!:] (?=\S)/g)) {
      const [first, rest] = [sentence.slice(0, index + 1), sentence.slice(index + 2)];
      if (first.endsWith(':')) {
        const about = first.slice(0, -1);
        const said = this.#find(rest, depth + 1);
        if (said !== undefined) return `${this.#whole(about, depth) ?? about}: ${said}`;
        continue;
      }
      const said = this.#whole(first, depth);
      if (said !== undefined) return `${said} ${this.#find(rest, depth + 1) ?? rest}`;
    }
    return undefined;
  }
}

function compile([english, translation]: [string, string]): Template {
  const parts = english.split(new RegExp(HOLE, 'g'));
  const escaped = parts.map((part) => part.replaceAll('%%', '%').replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return {
    matches: new RegExp(`^${escaped.join('(.*?)')}$`, 's'),
    part: parts
      .reduce((longest, part) => (part.length > longest.length ? part : longest))
      .replaceAll('%%', '%'),
    words: parts.join('').length,
    translation,
  };
}

/** What says more about a sentence comes first: `%s ended.` would fit many that others fit better. */
function wordiest(a: Template, b: Template): number {
  return b.words - a.words;
}

/** The sentences in force; undefined is English. */
let spoken = $state.raw<Sentences | undefined>();

export function speakServed(served: Served | undefined): void {
  spoken = served === undefined ? undefined : new Sentences(served);
}

/** A sentence of the server in the language that is spoken, or as it is where there is none. */
export function inLanguage(sentence: string): string {
  return spoken?.of(sentence) ?? sentence;
}
