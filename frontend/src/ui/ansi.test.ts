import { describe, expect, it } from 'vitest';
import { parseAnsi, plainText } from './ansi';

const esc = (codes: string) => `\u001b[${codes}m`;

describe('SGR', () => {
  it('colours and styles what comes after it', () => {
    expect(parseAnsi(`a ${esc('1;31')}bad${esc('0')} b`)).toEqual([
      { text: 'a ', style: {} },
      { text: 'bad', style: { bold: true, color: 1 } },
      { text: ' b', style: {} },
    ]);
  });

  it('knows bright colours, backgrounds, and how each style ends', () => {
    const styles = (codes: string) => parseAnsi(`${esc(codes)}x`)[0]?.style;
    expect(styles('92')).toEqual({ color: 10 });
    expect(styles('44;107')).toEqual({ back: 15 });
    expect(styles('1;2;22;3;23;4;24;9;29;31;39;41;49')).toEqual({});
    expect(styles('31;7')).toEqual({ color: 0, back: 1 });
    expect(styles('')).toEqual({});
    expect(styles('1;;3')).toEqual({ italic: true });
  });

  it('brings 256 and true colours down to sixteen', () => {
    const color = (codes: string) => parseAnsi(`${esc(codes)}x`)[0]?.style.color;
    expect([color('38;5;9'), color('38;5;196'), color('38;5;244'), color('38;5;28')]).toEqual([9, 9, 8, 2]);
    expect([color('38;2;20;30;180'), color('38:2:250:250:250'), color('38;9')]).toEqual([4, 15, undefined]);
    expect(parseAnsi(`${esc('38;5;1;4')}x`)[0]?.style).toEqual({ color: 1, underline: true });
  });

  it('takes out what else a terminal would obey', () => {
    expect(plainText('\u001b[2J\u001b[1;1Ha\u001b]0;title\u0007b\u001b(Bc\u0000d\te')).toBe('abcd\te');
    expect(parseAnsi('\u001b[Ka\u001b[1Ab')).toEqual([{ text: 'ab', style: {} }]);
  });

  it('keeps text as it is, and never throws', () => {
    expect(parseAnsi('plain')).toEqual([{ text: 'plain', style: {} }]);
    expect(parseAnsi('')).toEqual([]);
    expect(plainText('a\u001b')).toBe('a\u001b'.replace('\u001b', ''));
    for (const odd of [
      '\u001b[',
      '\u001b[31',
      '\u001b]8;;x',
      '\u001b[999999999999m',
      '\u001b[38m',
      '\u001b[;m',
    ]) {
      expect(() => parseAnsi(`${odd}é`)).not.toThrow();
    }
  });
});
