import { describe, expect, it } from 'vitest';
import { ranked, score } from './fuzzy';
import { CHORD_MS, Keys, stepOf, written, type Press } from './keys';
import { entries } from './table';

const press = (key: string, change: Partial<Press> = {}): Press => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...change,
});

describe('a step', () => {
  it('is named by its key, with Mod for the system’s own', () => {
    expect(stepOf(press(' '), false)).toBe('Space');
    expect(stepOf(press('?', { shiftKey: true }), false)).toBe('?');
    expect(stepOf(press('G', { shiftKey: true }), false)).toBe('Shift+G');
    expect(stepOf(press('J'), false)).toBe('j'); // Caps Lock
    expect(stepOf(press('k', { ctrlKey: true }), false)).toBe('Mod+k');
    expect(stepOf(press('k', { metaKey: true }), true)).toBe('Mod+k');
    expect(stepOf(press('k', { metaKey: true }), false)).toBe('');
    expect(stepOf(press('k', { altKey: true }), false)).toBe('');
    expect(stepOf(press('Shift', { shiftKey: true }), false)).toBe('');
  });
});

describe('keys', () => {
  const table = new Map([
    ['g t', 'tape'],
    ['g g', 'top'],
    ['t', 'theme'],
    ['Mod+k', 'palette'],
  ]);
  it('lead to commands by one step or several', () => {
    const keys = new Keys();
    expect(keys.press('t', table, 0)).toEqual({ kind: 'command', id: 'theme' });
    expect(keys.press('g', table, 10)).toEqual({ kind: 'more' });
    expect(keys.waits(20)).toBe(true);
    expect(keys.press('t', table, 20)).toEqual({ kind: 'command', id: 'tape' });
    expect(keys.press('t', table, 30)).toEqual({ kind: 'command', id: 'theme' });
  });
  it('forget a chord that is not gone on with', () => {
    const keys = new Keys();
    keys.press('g', table, 0);
    expect(keys.press('t', table, CHORD_MS + 1)).toEqual({ kind: 'command', id: 'theme' });
    keys.press('g', table, 10_000);
    expect(keys.press('Mod+k', table, 10_001)).toEqual({ kind: 'command', id: 'palette' });
    keys.press('g', table, 20_000);
    expect(keys.press('q', table, 20_001)).toEqual({ kind: 'none' });
    expect(keys.waits(20_002)).toBe(false);
  });
  it('are written as on the keyboard', () => {
    expect(written('Mod+k', false)).toEqual([['Ctrl', 'K']]);
    expect(written('Mod+k', true)).toEqual([['⌘', 'K']]);
    expect(written('g t', false)).toEqual([['G'], ['T']]);
    expect(written('Space', false)).toEqual([['Space']]);
  });
});

describe('the table', () => {
  it('gives no key to two commands, and no key that begins another chord', () => {
    const all = entries().flatMap((entry) => entry.keys);
    expect(new Set(all).size).toBe(all.length);
    for (const keys of all) expect(all.filter((other) => other.startsWith(`${keys} `))).toEqual([]);
    expect(new Set(entries().map((entry) => entry.id)).size).toBe(entries().length);
  });
});

describe('finding a command', () => {
  it('goes by letters in order, and likes beginnings', () => {
    expect(score('Go to the tape', 'xyz')).toBeUndefined();
    expect(score('Go to the tape', 'gtt')).toBeGreaterThan(0);
    expect(score('Show all feeds', 'saf')).toBeGreaterThan(score('A strange affair', 'saf') ?? 0);
    expect(score('Zeilen: Übersicht', 'ubersicht')).toBeGreaterThan(0);
  });
  it('puts the best first, and recent ones first when nothing is typed', () => {
    const all = ['Theme: Dark', 'Add a feed', 'Show all feeds'].map((title) => ({ id: title, title }));
    expect(ranked(all, 'feed', []).map(({ id }) => id)).toEqual(['Add a feed', 'Show all feeds']);
    expect(ranked(all, '', ['Show all feeds']).map(({ id }) => id)).toEqual([
      'Show all feeds',
      'Theme: Dark',
      'Add a feed',
    ]);
    expect(ranked(all, 'feed', ['Show all feeds'])[0]?.id).toBe('Add a feed');
    expect(ranked(all, 'qqq', [])).toEqual([]);
  });
});
