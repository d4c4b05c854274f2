import { describe, expect, it } from 'vitest';
import { narrowed, placeAt, quoted, tokens, utf16Range } from '../../../state/queryText';
import { suggest, taken, type Known } from './suggest';

const kinds = (text: string) =>
  tokens(text)
    .filter((token) => token.kind !== 'space')
    .map((token) => `${token.kind} ${token.text}`);

describe('a query cut into parts', () => {
  it('has words, phrases, fields with lists, comparisons and what joins them', () => {
    expect(kinds('btc -"New York" OR feed:a,"b c" value>=1.5 /x y/i (data.user."full name":bob)')).toEqual([
      'word btc',
      'minus -',
      'phrase "New York"',
      'keyword OR',
      'field feed',
      'operator :',
      'value a',
      'comma ,',
      'phrase "b c"',
      'field value',
      'operator >=',
      'value 1.5',
      'regex /x y/i',
      'paren (',
      'field data.user."full name"',
      'operator :',
      'value bob',
      'paren )',
    ]);
  });
  it('knows no other fields, and takes what is unfinished as it is', () => {
    expect(kinds('sine:2h ORDER "open')).toEqual(['word sine:2h', 'word ORDER', 'phrase "open']);
    expect(kinds('feed: x')).toEqual(['field feed', 'operator :', 'word x']);
  });
  it('covers every character', () => {
    for (const text of [
      '',
      ' a',
      '""',
      '-',
      '--a',
      'a:b:c',
      '/',
      '(()',
      'data.:x',
      'feed:,,',
      '日本 feed:東京',
    ]) {
      expect(
        tokens(text)
          .map((token) => token.text)
          .join(''),
      ).toBe(text);
    }
  });
});

describe('what is typed at a place', () => {
  it('is a word, a value of a field, or nothing that can be suggested', () => {
    expect(placeAt('a fe', 4)).toEqual({ field: '', typed: 'fe', from: 2, to: 4 });
    expect(placeAt('feed:cl', 7)).toEqual({ field: 'feed', typed: 'cl', from: 5, to: 7 });
    expect(placeAt('is:st', 5)).toEqual({ field: 'is', typed: 'st', from: 3, to: 5 });
    expect(placeAt('feed:', 5)).toEqual({ field: 'feed', typed: '', from: 5, to: 5 });
    expect(placeAt('feed:a,"b c', 11)).toEqual({ field: 'feed', typed: 'b c', from: 7, to: 11 });
    expect(placeAt('feed:a ', 7)).toEqual({ field: '', typed: '', from: 7, to: 7 });
    expect(placeAt('/regex', 6)).toBeUndefined();
    expect(placeAt('value>1', 7)).toBeUndefined();
    expect(placeAt('"a phrase', 9)).toBeUndefined();
  });
});

describe('small helpers', () => {
  it('quote what would end too early or mean something else', () => {
    expect(['BTC-USD', 'a b', 'OR', '-x', 'say "hi"', 'a,b', '/x', ''].map(quoted)).toEqual([
      'BTC-USD',
      '"a b"',
      '"OR"',
      '"-x"',
      '"say \\"hi\\""',
      '"a,b"',
      '"/x"',
      '""',
    ]);
  });
  it('narrow a query without changing what it meant', () => {
    expect(narrowed('', 'feed:a')).toBe('feed:a');
    expect(narrowed('btc', 'feed:a')).toBe('btc feed:a');
    expect(narrowed('btc OR eth', 'feed:a')).toBe('(btc OR eth) feed:a');
    expect(narrowed('"x OR y"', 'feed:a')).toBe('"x OR y" feed:a');
  });
  it('find the part that the server counts in characters', () => {
    expect(utf16Range('😀 sine:2h', [2, 7])).toEqual([3, 8]);
  });
});

const known: Known = {
  feeds: [
    { id: 'clock', name: 'Clock' },
    { id: 'league', name: 'Scores of today' },
  ],
  fields: [
    {
      name: 'type',
      count: 9,
      values: [
        { value: 'score', count: 6 },
        { value: 'two words', count: 3 },
      ],
    },
    { name: 'data.home.team', count: 6, values: [{ value: 'Ajax', count: 4 }] },
  ],
  recent: ['goal', 'severity:error'],
  views: [{ name: 'Errors', query: 'severity:error' }],
};
const texts = (query: string, caret = query.length) =>
  suggest(query, caret, known).items.map((item) => item.text);

describe('suggestions', () => {
  it('are earlier queries and views where nothing is typed, each once', () => {
    expect(texts('').slice(0, 2)).toEqual(['goal', 'severity:error']);
    expect(suggest('', 0, known).items[1]).toMatchObject({ kind: 'view', detail: 'Errors', whole: true });
  });
  it('are fields, feeds and values for a word', () => {
    expect(texts('sc')).toEqual(['feed:league', 'type:score']);
    expect(texts('te')).toEqual(['text:', 'data.home.team:']);
  });
  it('are the values of the field that is being typed', () => {
    expect(texts('feed:')).toEqual(['clock', 'league']);
    expect(texts('type:')).toEqual(['score', '"two words"']);
    expect(texts('data.home.team:a')).toEqual(['Ajax']);
    expect(texts('severity:err')).toEqual(['error']);
    expect(texts('has:data')).toEqual(['data.home.team']);
  });
  it('are not what stands there already', () => {
    expect(texts('feed:clock')).toEqual([]);
  });
  it('take the place of what was typed', () => {
    const at = suggest('btc ty rest', 6, known);
    const [first] = at.items;
    expect(first).toBeDefined();
    if (first !== undefined)
      expect(taken('btc ty rest', at, first)).toEqual({ text: 'btc type: rest', caret: 9 });
    const value = suggest('type:sc', 7, known);
    const [score] = value.items;
    if (score !== undefined)
      expect(taken('type:sc', value, score)).toEqual({ text: 'type:score ', caret: 11 });
  });
});
