import { expect, it } from 'vitest';
import type { TapeEvent } from '../../wire/event';
import { payload, summarise } from './summary';

const event: TapeEvent = { id: 'a-1', seq: 1, feed: 'f', type: 'message', receivedAt: '', cut: false };

it('a row has the title and the text, each on one line', () => {
  expect(summarise({ ...event, title: 'A\n title', text: 'and\ttext' })).toEqual({
    title: 'A title',
    text: 'and text',
  });
});

it('a text that repeats the title is left out', () => {
  expect(summarise({ ...event, title: 'Same', text: 'Same' })).toEqual({ title: 'Same', text: '' });
});

it('without either, the payload is shown', () => {
  expect(summarise({ ...event, data: '{"a":1.0}' }).text).toBe('{"a":1.0}');
  expect(summarise({ ...event, data: '"plain \\"text\\""' }).text).toBe('plain "text"');
  expect(summarise(event)).toEqual({ title: '', text: '' });
});

it('a payload that was cut short is shown as far as it goes', () => {
  expect(payload('"unfinished')).toBe('"unfinished');
});
