import { expect, it } from 'vitest';
import { isAddress, unwrapLink } from './feedInput';

it('addresses are told from searches', () => {
  const addresses = [
    'https://example.com/events',
    'wss://a.example',
    'feed:https://a.example/rss',
    'tickertape:add?url=https%3A%2F%2Fa.example',
    'curl -N https://a.example',
    '<?xml version="1.0"?><opml/>',
    'localhost:8000',
    '127.0.0.1:5000/x',
    'nas:9000/e',
    'example.com/feed',
  ];
  for (const text of addresses) expect(isAddress(text), text).toBe(true);
  for (const text of ['', 'bitcoin', 'hacker news', 'node.js', 'http', 'time: now']) {
    expect(isAddress(text), text).toBe(false);
  }
});

it('our own links name a feed', () => {
  expect(unwrapLink('tickertape:add?url=https%3A%2F%2Fa.example%2Fx%3Fy')).toBe('https://a.example/x?y');
  expect(unwrapLink('tickertape://add?name=A&url=https://a.example')).toBe('https://a.example');
  expect(unwrapLink('tickertape:https://a.example/x')).toBe('https://a.example/x');
  expect(unwrapLink(' https://a.example ')).toBe('https://a.example');
  expect(unwrapLink('tickertape:add?url=%E0%A4')).toBe('%E0%A4');
});
