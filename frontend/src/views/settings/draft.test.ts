import { describe, expect, it } from 'vitest';
import { completeUrl, guessName, readPort } from './draft';

describe('an address', () => {
  it('is kept when it is whole', () => {
    expect(completeUrl(' https://example.com/events?a=b ')).toEqual({
      url: 'https://example.com/events?a=b',
      error: '',
    });
  });
  it('gets the scheme that fits', () => {
    const urls = ['example.com/x', 'localhost:8000', '127.0.0.1:8001/stream', '192.168.1.4/e', 'nas:9000/e'];
    expect(urls.map((url) => completeUrl(url).url)).toEqual([
      'https://example.com/x',
      'http://localhost:8000',
      'http://127.0.0.1:8001/stream',
      'http://192.168.1.4/e',
      'http://nas:9000/e',
    ]);
  });
  it('is refused with a sentence when it can be none', () => {
    for (const bad of ['', '   ', 'ftp://example.com', 'http://', 'two words', 'https://a b/']) {
      expect(completeUrl(bad).error, bad).not.toBe('');
    }
  });
});

describe('a name that nobody gave', () => {
  it('is the host', () => {
    expect(guessName('https://www.example.com/x', [])).toBe('example.com');
    expect(guessName('http://127.0.0.1:8001/stream', [])).toBe('127.0.0.1:8001');
    expect(guessName('', [])).toBe('');
  });
  it('has a number when it is taken', () => {
    expect(guessName('https://example.com/', ['Example.com', 'example.com 2'])).toBe('example.com 3');
  });
});

it('a port is a whole number from 1 to 65535', () => {
  expect(['5000', ' 80 ', '65535'].map(readPort)).toEqual([5000, 80, 65535]);
  expect(['0', '65536', '-1', '80.5', '', 'http'].map(readPort)).toEqual(Array(6).fill(undefined));
});
