import { expect, test } from 'vitest';
import { fileName, selection, type ExportChoice } from './exportChoice';

const event = { id: 'k3-41', seq: 41, feed: 'a', type: 'message', receivedAt: '', cut: false };
const all: ExportChoice = { what: 'all', from: { kind: 'open' }, to: { kind: 'open' }, format: 'ndjson' };
const shown = { query: 'a b', feeds: ['x', 'y'] };

test('what the tape shows is its query and its feeds', () => {
  expect(selection({ ...all, what: 'shown' }, shown, undefined)).toBe('format=ndjson&q=a+b&feed=x%2Cy');
  expect(selection(all, shown, event)).toBe('format=ndjson');
  expect(selection({ ...all, what: 'feed x', format: 'csv' }, shown, event)).toBe('format=csv&feed=x');
});

test('what is selected is so of what the tape shows, whatever the range', () => {
  const picked = { ...all, what: 'picked', from: { kind: 'event' } } as const;
  expect(selection(picked, shown, event, 'k3-4..k3-9')).toBe('format=ndjson&q=a+b&feed=x%2Cy&ids=k3-4..k3-9');
});

test('a range from the chosen event to itself is that event', () => {
  const one = { ...all, from: { kind: 'event' }, to: { kind: 'event' } } as const;
  expect(selection(one, shown, event)).toBe('format=ndjson&from=k3-41&to=k3-42');
  expect(selection(one, shown, undefined)).toBe('format=ndjson');
});

test('times are those of the person', () => {
  const range = {
    ...all,
    from: { kind: 'time', at: '2026-11-01T08:30' },
    to: { kind: 'time', at: '' },
  } as const;
  expect(selection(range, shown, undefined)).toBe('format=ndjson&from=2026-11-01T08%3A30');
});

test('a file is named for its day, and its feed', () => {
  const now = new Date(2026, 10, 2);
  expect(fileName(all, now)).toBe('tickertape-2026-11-02.ndjson');
  expect(fileName({ ...all, what: 'feed btc', format: 'csv' }, now)).toBe('tickertape-btc-2026-11-02.csv');
});
