import { describe, expect, it } from 'vitest';
import { pathStep, readSample, type SampleNode } from './sample';

function paths(node: SampleNode | undefined): string[] {
  if (node === undefined) return [];
  return node.children.length === 0 ? [`${node.path}=${node.raw}`] : node.children.flatMap(paths);
}

describe('a sample', () => {
  it('has a path for each value, and keeps digits', () => {
    expect(paths(readSample('{"a":{"b.c":12.50},"l":[1,{"x":"y"}],"n":9007199254740993}'))).toEqual([
      'a.b\\.c=12.50',
      'l.0=1',
      'l.1.x="y"',
      'n=9007199254740993',
    ]);
  });
  it('is none when it is no object or list', () => {
    for (const data of ['', 'text', '"a"', '12', '{"cut":']) expect(readSample(data), data).toBeUndefined();
  });
  it('is bounded', () => {
    const wide = readSample(JSON.stringify(Array.from({ length: 100 }, (_, i) => i)));
    expect(wide?.children.length).toBe(60);
    expect(wide?.more).toBe(40);
    expect(readSample('['.repeat(50) + ']'.repeat(50))).toBeDefined();
  });
});

it('steps of a path are escaped', () => {
  expect(['plain', 'with space', 'a.b', 'a*b', '#', '@this', 'é'].map(pathStep)).toEqual([
    'plain',
    'with space',
    'a\\.b',
    'a\\*b',
    '\\#',
    '\\@this',
    'é',
  ]);
});
