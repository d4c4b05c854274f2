import { expect, it } from 'vitest';
import { fromProxy, toProxy } from './proxy';

it('a proxy is taken apart and put together again', () => {
  for (const text of [
    '',
    'system',
    'none',
    'http://proxy.example:8080',
    'socks5://me:p%40ss%2F@proxy.example:1080',
    'http://me:••••••@proxy:3128',
    'https://me@[::1]:8443',
    'not a url',
  ]) {
    expect(fromProxy(toProxy(text))).toBe(text);
  }
  expect(toProxy('socks5://me:p%40ss@host:1')).toEqual({
    mode: 'url',
    address: 'socks5://host:1',
    user: 'me',
    password: 'p@ss',
  });
});

it('a host alone is one of HTTP', () => {
  expect(fromProxy({ mode: 'url', address: ' proxy:8080 ', user: 'a:b', password: 'c' })).toBe(
    'http://a%3Ab:c@proxy:8080',
  );
});
