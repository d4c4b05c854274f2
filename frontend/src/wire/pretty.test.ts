import { describe, expect, it } from 'vitest';
import { layOut, prettyText } from './pretty';

describe('JSON laid out', () => {
  it('is what JSON.stringify gives, where digits allow to compare', () => {
    for (const value of [
      {},
      [],
      { a: 1, b: [true, null, 'x,y:{}'], c: { d: {}, e: [[]] } },
      [{ 'k"': '\\"' }, -1.5, 'é\u0000'],
      'text',
      42,
    ]) {
      expect(prettyText(JSON.stringify(value))).toBe(JSON.stringify(value, null, 2));
    }
  });

  it('keeps digits and escapes as they came', () => {
    expect(prettyText(String.raw`{"n":9007199254740993.10,"u":"\u00e9"}`)).toBe(
      '{\n  "n": 9007199254740993.10,\n  "u": "\\u00e9"\n}',
    );
  });

  it('tells keys from strings, also with space before the colon', () => {
    const kinds = layOut('{"a" : "b","c":1e5,"d":false}').lines.flatMap((line) =>
      line.tokens.map((t) => t.kind),
    );
    expect(kinds.filter((kind) => kind !== 'punctuation')).toEqual([
      'key',
      'string',
      'key',
      'number',
      'key',
      'literal',
    ]);
  });

  it('ends at the greatest number of lines and says so', () => {
    const layout = layOut(JSON.stringify(Array.from({ length: 100 }, (_, i) => i)), 10);
    expect(layout.lines.length).toBeLessThanOrEqual(11);
    expect(layout.cut).toBe(true);
    expect(layOut('[1]').cut).toBe(false);
  });

  it('goes as far as a text goes that was cut short', () => {
    expect(layOut('{"a":{"b":"unfin').cut).toBe(true);
    expect(prettyText('{"a":[1,')).toBe('{\n  "a": [\n    1,');
  });
});
