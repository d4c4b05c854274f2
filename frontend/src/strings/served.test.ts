import { afterEach, describe, expect, it } from 'vitest';
import { inLanguage, speakServed } from './served.svelte';
import german from './served.de.json';
import japanese from './served.ja.json';

afterEach(() => speakServed(undefined));

function speakTest() {
  speakServed({
    'Give the feed a name.': 'Der Feed braucht einen Namen.',
    '%s did not answer in time.': '{1} hat nicht rechtzeitig geantwortet.',
    '%s has %d events.': '{2} Ereignisse von {1}.',
    "The proxy %s can't be reached. %s": 'Der Proxy {1} ist nicht erreichbar. {2}',
    'it is damaged': 'sie ist beschädigt',
    "This can't be used: %v.": 'Unbrauchbar: {1}.',
    'Is it (text/*) or [a+b]? %q': 'Ist es (text/*) oder [a+b]? {1}',
    '%s is full.': '{1} ist voll.',
    '%s says that it is full.': '{1} sagt, es sei voll.',
    'At most %d%% of it.': 'Höchstens {1} % davon.',
  });
}

describe('a sentence of the server', () => {
  it('is English where English is spoken, or where nothing is known of it', () => {
    expect(inLanguage('Give the feed a name.')).toBe('Give the feed a name.');
    speakTest();
    expect(inLanguage('Nobody knows this.')).toBe('Nobody knows this.');
    expect(inLanguage('')).toBe('');
  });
  it('follows the language', () => {
    speakTest();
    expect(inLanguage('Give the feed a name.')).toBe('Der Feed braucht einen Namen.');
    speakServed(undefined);
    expect(inLanguage('Give the feed a name.')).toBe('Give the feed a name.');
  });
  it('has holes, in any order', () => {
    speakTest();
    expect(inLanguage('example.com did not answer in time.')).toBe(
      'example.com hat nicht rechtzeitig geantwortet.',
    );
    expect(inLanguage('News has 12 events.')).toBe('12 Ereignisse von News.');
    expect(inLanguage('At most 30% of it.')).toBe('Höchstens 30 % davon.');
  });
  it('may stand in the hole of another, and behind another', () => {
    speakTest();
    expect(inLanguage("The proxy p:1 can't be reached. p:1 did not answer in time.")).toBe(
      'Der Proxy p:1 ist nicht erreichbar. p:1 hat nicht rechtzeitig geantwortet.',
    );
    expect(inLanguage("This can't be used: it is damaged.")).toBe('Unbrauchbar: sie ist beschädigt.');
    expect(inLanguage('Give the feed a name. It is damaged.')).toBe(
      'Der Feed braucht einen Namen. Sie ist beschädigt.',
    );
  });
  it('may stand behind the place that it is about', () => {
    speakTest();
    expect(inLanguage("This can't be used: feeds[0]: Give the feed a name.")).toBe(
      'Unbrauchbar: feeds[0]: Der Feed braucht einen Namen.',
    );
  });
  it('may have characters that mean something in a regular expression', () => {
    speakTest();
    expect(inLanguage('Is it (text/*) or [a+b]? "$&{1}\nx"')).toBe('Ist es (text/*) oder [a+b]? "$&{1}\nx"');
  });
  it('is matched by what says most about it', () => {
    speakTest();
    expect(inLanguage('The disk says that it is full.')).toBe('The disk sagt, es sei voll.');
  });
});

describe('the served sentences', () => {
  for (const [language, served] of Object.entries({ german, japanese })) {
    it(`have the holes of the English in ${language}`, () => {
      const numbers = (text: string) => [...new Set(text.match(/\{\d\}/g))].sort();
      for (const [english, translation] of Object.entries(served)) {
        const holes = (english.replaceAll('%%', '').match(/%[-+# 0]*\d*(?:\.\d+)?[a-zA-Z]/g) ?? []).map(
          (_, i) => `{${String(i + 1)}}`,
        );
        expect(numbers(translation), english).toEqual(holes);
      }
    });
  }
  it('are the same in all languages', () => {
    expect(Object.keys(japanese)).toEqual(Object.keys(german));
  });
});
