import { expect, it } from 'vitest';
import { reachOf, readPort, toOrigin } from './draft';

it('a port is a whole number from 1 to 65535', () => {
  expect(['5000', ' 80 ', '65535'].map(readPort)).toEqual([5000, 80, 65535]);
  expect(['0', '65536', '-1', '80.5', '', 'http'].map(readPort)).toEqual(Array(6).fill(undefined));
});

it('an address says who reaches it', () => {
  expect(['127.0.0.1', '127.3.2.1', '::1'].map(reachOf)).toEqual(['here', 'here', 'here']);
  expect(['0.0.0.0', '::'].map(reachOf)).toEqual(['network', 'network']);
  expect(['192.168.1.4', 'fd00::1', '1.127.0.1'].map(reachOf)).toEqual(['other', 'other', 'other']);
});

it('an address of a page is its origin', () => {
  expect(['https://Example.com/a?b', ' http://localhost:8080 ', 'example.com'].map(toOrigin)).toEqual([
    'https://example.com',
    'http://localhost:8080',
    'example.com',
  ]);
});
