import { afterEach, describe, expect, it } from 'vitest';
import { german } from './de';
import { english, strings } from './en';
import { japanese } from './ja';
import { languageOf } from './language';
import { speak } from './localised.svelte';

/** The paths of a catalogue's words, each with its kind. */
function paths(catalogue: object, before = ''): string[] {
  return Object.entries(catalogue).flatMap(([key, value]: [string, unknown]) =>
    typeof value === 'object' && value !== null
      ? paths(value, `${before}${key}.`)
      : [`${before}${key} ${typeof value}`],
  );
}

describe('each language', () => {
  const wanted = paths(english);
  for (const [language, catalogue] of Object.entries({ german, japanese })) {
    it(`has all of the catalogue: ${language}`, () => {
      const has = new Set(paths(catalogue));
      expect(wanted.filter((path) => !has.has(path))).toEqual([]);
      expect([...has].filter((path) => !wanted.includes(path))).toEqual([]);
    });
  }
});

describe('strings', () => {
  afterEach(() => speak(undefined));

  it('follow the language, also where a part was taken before', () => {
    const { tabs } = strings;
    expect(tabs.tape).toBe('Tape');
    speak(german);
    expect(tabs.tape).toBe('Band');
    expect(strings.feeds.unreadLong(1_234)).toBe('1.234 ungelesen');
    speak(japanese);
    expect(strings.settings.feeds.removed('A')).toBe('A を削除しました。履歴は残ります。');
    speak(undefined);
    expect(tabs.tape).toBe('Tape');
  });
  it('are English key by key where a language lacks them', () => {
    speak({ tabs: { tape: 'Band' } });
    expect([strings.tabs.tape, strings.tabs.settings, strings.link.cut]).toEqual([
      'Band',
      'Settings',
      'The connection was cut.',
    ]);
  });
});

describe('the system’s language', () => {
  it('is the first of its own that there is a catalogue of', () => {
    expect(languageOf('system', ['fr-FR', 'de-AT', 'en'])).toBe('de');
    expect(languageOf('system', ['ja'])).toBe('ja');
    expect(languageOf('system', ['fr', 'system'])).toBe('en');
    expect(languageOf('ja', ['de'])).toBe('ja');
  });
});
