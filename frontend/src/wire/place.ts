// Where a value stands in its document, as the tree, a mapping and a query write it.
import { stringValue, type JsonTree } from './tree';

/** A member's name, or an element's index. */
export type Step = string | number;

export function placeOf(tree: JsonTree, node: number): Step[] {
  const steps: Step[] = [];
  for (let at = node; tree.parent(at) >= 0; at = tree.parent(at)) steps.push(tree.key(at) ?? tree.order(at));
  return steps.reverse();
}

/** In gjson's syntax, as mappings are written: everything but plain letters is escaped. */
export function toPath(place: readonly Step[]): string {
  if (place.length === 0) return '@this';
  return place
    .map((step) =>
      typeof step === 'number'
        ? String(step)
        : step.replace(/[!-~]/g, (char) => (/[\w:-]/.test(char) ? char : `\\${char}`)),
    )
    .join('.');
}

/** For people: a.b[3]."odd name" */
export function toLabel(place: readonly Step[]): string {
  return place
    .map((step, at) => {
      if (typeof step === 'number') return `[${String(step)}]`;
      const name = /^[\p{L}_$][\p{L}\p{N}_$-]*$/u.test(step) ? step : JSON.stringify(step);
      return at === 0 ? name : `.${name}`;
    })
    .join('');
}

/** How much of a long text is put into a query: its first words. */
const MAX_PHRASE = 80;

/** The query for events with the same value there. An index stands for any element: lists change their order. */
export function toQuery(tree: JsonTree, node: number): string {
  const names = placeOf(tree, node).filter((step) => typeof step === 'string');
  const raw = tree.raw(node, 2_000);
  const kind = tree.kind(node);
  const text = kind === 'string' ? stringValue(raw) : raw;
  if (names.length === 0) return kind === 'object' || kind === 'array' ? 'has:json' : quoted(phrase(text));
  const path = `data.${names.map((name) => (name.includes('.') ? inQuotes(name) : quoted(name))).join('.')}`;
  if (raw === 'null') return `-has:${path}`;
  if (kind === 'object' || kind === 'array' || text.trim() === '') return `has:${path}`;
  return `${path}:${kind === 'string' ? quoted(phrase(text)) : text}`;
}

/** A text of the query language: in quotes unless it is a plain word. */
function quoted(text: string): string {
  const plain = /^[\p{L}\p{N}\p{M}_]+$/u.test(text) && !/^(and|or|not)$/i.test(text);
  return plain ? text : inQuotes(text);
}

/** A text of the query language, whatever is in it. */
export function inQuotes(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

function phrase(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  if (line.length <= MAX_PHRASE) return line;
  const end = line.lastIndexOf(' ', MAX_PHRASE);
  return line.slice(0, end > 0 ? end : MAX_PHRASE);
}
