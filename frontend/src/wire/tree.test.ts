import { describe, expect, it } from 'vitest';
import { diffTexts, diffTrees, MAX_CHANGES } from './diff';
import { findInTree } from './find';
import { placeOf, toLabel, toPath, toQuery } from './place';
import { atOnce, inSlices } from './slices';
import { growTree, type JsonTree } from './tree';

const grow = (text: string, max?: number) => atOnce(growTree(text, max));

/** The document again, from the tree alone. */
function again(tree: JsonTree, node = 0): unknown {
  const children = [...tree.children(node)];
  if (tree.kind(node) === 'object')
    return Object.fromEntries(children.map((child) => [tree.key(child), again(tree, child)]));
  if (tree.kind(node) === 'array') return children.map((child) => again(tree, child));
  return JSON.parse(tree.raw(node));
}

function nodeOf(tree: JsonTree, path: string): number {
  for (let node = 0; node < tree.size; node++) if (toPath(placeOf(tree, node)) === path) return node;
  throw new Error(`no ${path}`);
}

describe('the tree of a JSON text', () => {
  it.each([
    '{"a":1,"b":[true,null,{"c":"d\\"e"}],"":{},"x":[]}',
    ' [ 1 , "a:b" , { "k" : "v" } , [ [ ] ] ] ',
    '"only a string"',
    '-1.50e3',
    '{"same":1,"k":{"same":2}}',
  ])('has all of %s', (text) => {
    expect(again(grow(text))).toEqual(JSON.parse(text));
    expect(grow(text).cut).toBe(false);
  });

  it('keeps digits and knows its places', () => {
    const tree = grow('{"price":12.500,"list":[9007199254740993,[7]]}');
    expect(tree.raw(nodeOf(tree, 'price'))).toBe('12.500');
    expect(tree.raw(nodeOf(tree, 'list.0'))).toBe('9007199254740993');
    expect(tree.count(nodeOf(tree, 'list'))).toBe(2);
    expect(tree.parent(nodeOf(tree, 'list.1.0'))).toBe(nodeOf(tree, 'list.1'));
    for (let node = 0; node < tree.size; node++) expect(tree.nodeAt(tree.start(node))).toBe(node);
  });

  it('goes as far as a text goes that was cut short, or has too many values', () => {
    for (const text of ['{"a":[1,{"b":"unfin', '[1,[2', '{"a"', '{"a":', '["a\\']) {
      expect(grow(text).cut, text).toBe(true);
    }
    expect(grow('').size).toBe(0);
    const many = grow('[1,2,3,4,5]', 4);
    expect([many.size, many.cut]).toEqual([4, true]);
  });

  it('is as deep as its text', () => {
    const deep = 50_000;
    const tree = grow('['.repeat(deep) + ']'.repeat(deep));
    expect([tree.size, tree.cut, tree.next(0)]).toEqual([deep, false, deep]);
  });

  it('grows in turns, and stops when nobody wants it any more', async () => {
    const text = JSON.stringify(Array.from({ length: 20_000 }, (_, i) => ({ i })));
    let turns = 0;
    for (const _ of growTree(text)) turns++;
    expect(turns).toBeGreaterThan(10);
    await expect(inSlices(growTree(text), AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone');
    expect((await inSlices(growTree(text), new AbortController().signal)).size).toBe(40_001);
  });
});

describe('a place', () => {
  const tree = grow('{"a":{"b.c":[{"d e":"two words"}],"#":null,"@x":"","n":1.50,"o":"OR"},"m":{}}');
  // The server's own tests take these paths as they are (mapping/paths_test.go).
  it.each([
    ['a.b\\.c.0.d e', 'data.a."b.c"."d e":"two words"', 'a."b.c"[0]."d e"'],
    ['a.\\#', '-has:data.a."#"', 'a."#"'],
    ['a.\\@x', 'has:data.a."@x"', 'a."@x"'],
    ['a.n', 'data.a.n:1.50', 'a.n'],
    ['a.o', 'data.a.o:"OR"', 'a.o'],
    ['m', 'has:data.m', 'm'],
  ])('%s has its query and its label', (path, query, label) => {
    const node = nodeOf(tree, path);
    expect(toQuery(tree, node)).toBe(query);
    expect(toLabel(placeOf(tree, node))).toBe(label);
  });

  it('of the document is the document', () => {
    expect(toPath([])).toBe('@this');
    expect(toQuery(grow('"a b"'), 0)).toBe('"a b"');
    expect(toQuery(grow('{}'), 0)).toBe('has:json');
  });
});

describe('search', () => {
  const tree = grow('{"Name":"Alice","list":["alice","x:y",{"k":"caf\\u00e9 \\"q\\""}],"n":12}');
  const found = (words: string) => atOnce(findInTree(tree, words)).map((node) => toPath(placeOf(tree, node)));
  it.each([
    ['ALICE', ['Name', 'list.0']],
    ['name', ['Name']],
    ['café', ['list.2.k']],
    ['"q"', ['list.2.k']],
    ['12', ['n']],
    ['","', []],
    ['[', []],
    ['', []],
    ['nothing', []],
  ])('finds %s', (words, paths) => {
    expect(found(words)).toEqual(paths);
  });
});

describe('what changed', () => {
  const diff = (a: string, b: string) => atOnce(diffTrees(grow(a), grow(b)));
  it('is told field by field', () => {
    const { list } = diff(
      '{"a":1,"b":{"c":"x","gone":[1]},"l":[1,2,3],"k":{"t":1}}',
      '{"b":{"c":"y","new":null},"a":1.0,"l":[1,5],"k":[]}',
    );
    expect(list.map((change) => [toPath(change.place), change.before, change.after])).toEqual([
      ['b.c', '"x"', '"y"'],
      ['b.new', undefined, 'null'],
      ['b.gone', '[1]', undefined],
      ['a', '1', '1.0'],
      ['l.1', '2', '5'],
      ['l.2', '3', undefined],
      ['k', '{"t":1}', '[]'],
    ]);
  });

  it('is nothing between equals, whatever their order and spaces', () => {
    expect(diff('{"a":[1,{"b":2}],"c":3}', '{ "c": 3, "a": [1, {"b": 2}] }').list).toEqual([]);
  });

  it('is bounded', () => {
    const list = (add: number) => JSON.stringify(Array.from({ length: MAX_CHANGES + 5 }, (_, i) => i + add));
    expect(diff(list(0), list(1))).toMatchObject({ cut: true });
    const deep = (inner: string) => '['.repeat(20_000) + inner + ']'.repeat(20_000);
    expect(diff(deep('1'), deep('2')).list).toHaveLength(1);
  });

  it('is told word by word in text, and adds up to both', () => {
    const a = 'the quick brown fox jumps';
    const b = 'the slow brown fox leaps high';
    const pieces = diffTexts(a, b);
    const side = (other: string) =>
      pieces
        .filter((piece) => piece.kind !== other)
        .map((piece) => piece.text)
        .join('');
    expect([side('added'), side('removed')]).toEqual([a, b]);
    expect(pieces.find((piece) => piece.kind === 'same')?.text).toBe('the ');
    expect(diffTexts('', 'x')).toEqual([{ kind: 'added', text: 'x' }]);
    expect(diffTexts('x', 'x')).toEqual([{ kind: 'same', text: 'x' }]);
  });

  it('of long texts is told line by line', () => {
    const lines = Array.from({ length: 2_000 }, (_, i) => `line ${String(i)} of it`);
    const before = lines.join('\n');
    const after = lines.map((line, i) => (i === 1_000 ? 'another' : line)).join('\n');
    expect(diffTexts(before, after).filter((piece) => piece.kind !== 'same')).toEqual([
      { kind: 'removed', text: 'line 1000 of it\n' },
      { kind: 'added', text: 'another\n' },
    ]);
  });
});
