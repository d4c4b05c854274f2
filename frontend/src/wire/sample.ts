// A JSON sample as a tree whose values can be pointed at: each has its path in gjson's syntax, and numbers keep their
// digits.
import { eachElement, eachMember } from './json';

export interface SampleNode {
  /** The member's name or the item's place; empty for the whole. */
  name: string;
  path: string;
  kind: 'object' | 'list' | 'text' | 'other';
  /** Of a text or another scalar: JSON as it came. */
  raw: string;
  children: SampleNode[];
  /** Children that are left out. */
  more: number;
}

const MOST_CHILDREN = 60;
const MOST_DEPTH = 8;

/** The tree of a JSON object or list; undefined for anything else. */
export function readSample(data: string): SampleNode | undefined {
  const text = data.trim();
  if (!text.startsWith('{') && !text.startsWith('[')) return undefined;
  try {
    JSON.parse(text);
    return read('', '', text, 0);
  } catch {
    return undefined; // it was cut, or is no JSON
  }
}

function read(name: string, path: string, raw: string, depth: number): SampleNode {
  const node: SampleNode = { name, path, kind: 'other', raw, children: [], more: 0 };
  const add = (child: string, step: string, text: string) => {
    if (node.children.length >= MOST_CHILDREN || depth >= MOST_DEPTH) node.more++;
    else node.children.push(read(child, path === '' ? step : `${path}.${step}`, text, depth + 1));
  };
  if (raw.startsWith('{')) {
    node.kind = 'object';
    eachMember(raw, (key, text) => {
      add(key, pathStep(key), text);
    });
  } else if (raw.startsWith('[')) {
    node.kind = 'list';
    let at = 0;
    eachElement(raw, (text) => {
      add(String(at), String(at), text);
      at++;
    });
  } else if (raw.startsWith('"')) {
    node.kind = 'text';
  }
  return node;
}

/** A member's name as a step of a gjson path: what has a meaning there is escaped. */
export function pathStep(key: string): string {
  return key.replace(/[^\w\-: \u0080-\u{10ffff}]/gu, '\\$&');
}
