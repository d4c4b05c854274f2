// How a query is drawn behind its field: conditions as chips, the part that can't be understood underlined.
import { tokens, type Token } from '../../../state/queryText';

export interface Part {
  kind: Token['kind'];
  text: string;
  wrong: boolean;
}
export interface Group {
  /** Where it begins: its key. */
  from: number;
  /** Whether it is a condition on a field. */
  chip: boolean;
  parts: Part[];
}

const OF_A_CONDITION: readonly Token['kind'][] = ['operator', 'value', 'phrase', 'comma', 'regex'];

export function drawn(query: string, wrong: readonly [number, number] | undefined): Group[] {
  const groups: Group[] = [];
  for (const token of tokens(query)) {
    const last = groups.at(-1);
    const goesOn = last?.chip === true && OF_A_CONDITION.includes(token.kind);
    const group = goesOn ? last : { from: token.from, chip: token.kind === 'field', parts: [] };
    if (!goesOn) groups.push(group);
    group.parts.push(...split(token, wrong));
  }
  // A fault at the very end has no character of its own.
  if (wrong !== undefined && wrong[0] >= query.length) {
    groups.push({ from: query.length, chip: false, parts: [{ kind: 'space', text: ' ', wrong: true }] });
  }
  return groups;
}

function split(token: Token, wrong: readonly [number, number] | undefined): Part[] {
  const { kind, text, from } = token;
  if (wrong === undefined) return [{ kind, text, wrong: false }];
  const [start, end] = [Math.max(0, wrong[0] - from), Math.min(text.length, wrong[1] - from)];
  if (start >= end) return [{ kind, text, wrong: false }];
  return [
    { kind, text: text.slice(0, start), wrong: false },
    { kind, text: text.slice(start, end), wrong: true },
    { kind, text: text.slice(end), wrong: false },
  ].filter((part) => part.text !== '');
}
