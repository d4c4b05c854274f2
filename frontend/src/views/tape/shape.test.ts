import { describe, expect, it } from 'vitest';
import type { EventRow } from '../../state/tapeRows';
import type { TapeEvent } from '../../wire/event';
import { changeOf, fieldsOf, shapeOf } from './shape';

const event: TapeEvent = { id: 'a-1', seq: 1, feed: 'f', type: 'message', receivedAt: '', cut: false };
const row = (change: Partial<TapeEvent>, before?: string): EventRow => ({
  kind: 'event',
  key: 'a-1',
  event: { ...event, ...change },
  ...(before === undefined ? {} : { before }),
});

describe('the shape of a row', () => {
  it('is news where there is a title', () => {
    expect(shapeOf(row({ title: 'A\n title', text: 'and\ttext' }))).toEqual({
      kind: 'news',
      title: 'A title',
      text: 'and text',
    });
    expect(shapeOf(row({ title: 'Same', text: 'Same', value: '1' }))).toMatchObject({
      kind: 'news',
      text: '',
    });
  });

  it('is a tick where a key has a value', () => {
    expect(shapeOf(row({ key: 'MOSS', title: 'Moss & Fern', value: '9.27' }, '9.30'))).toEqual({
      kind: 'tick',
      key: 'MOSS',
      title: 'Moss & Fern',
    });
    expect(shapeOf(row({ key: 'search', text: 'retrying', value: '35' })).kind).toBe('text');
  });

  it('is a line of fields for JSON without words', () => {
    const data = '{"id":"x1","price":12.50,"deep":{"a":1},"tags":["a","b"],"none":null,"at_url":"https://x"}';
    expect(shapeOf(row({ data }))).toEqual({
      kind: 'fields',
      fields: [
        { name: 'price', value: '12.50' },
        { name: 'tags', value: '["a","b"]' },
      ],
    });
  });

  it('is text otherwise, in its own colours where it has some', () => {
    expect(shapeOf(row({ data: '"plain \\"text\\""' }))).toEqual({
      kind: 'text',
      text: 'plain "text"',
      spans: undefined,
    });
    const colored = shapeOf(row({ text: '\u001b[31mred\u001b[0m line' }));
    expect(colored).toMatchObject({ kind: 'text', text: 'red line', spans: [{ style: { color: 1 } }, {}] });
    expect(shapeOf(row({}))).toMatchObject({ kind: 'text', text: '' });
  });
});

describe('fields', () => {
  it('are what there is, when nothing is telling or the payload was cut', () => {
    expect(fieldsOf({ ...event, data: '{"id":7}' })).toEqual([{ name: 'id', value: '7' }]);
    expect(fieldsOf({ ...event, data: '{"a":1,"b":"unfini' })).toEqual([{ name: 'a', value: '1' }]);
    expect(fieldsOf({ ...event, data: '[1, 2]' })).toEqual([{ name: '', value: '[1, 2]' }]);
    expect(fieldsOf({ ...event, data: '{}' })).toEqual([{ name: '', value: '{}' }]);
  });
  it('leave out what the row says anyway, and cut what is long', () => {
    const data = JSON.stringify({ sensor: 'north', level: 'error', note: 'x'.repeat(100) });
    const fields = fieldsOf({ ...event, key: 'north', severity: 'error', data });
    expect(fields.map((field) => field.name)).toEqual(['note']);
    expect(fields[0]?.value).toHaveLength(61);
  });
});

it('a change has the digits of its values', () => {
  const of = (value: string, before?: string) => changeOf(row({ key: 'MOSS', value }, before));
  expect(of('9.27', '9.30')).toEqual({ direction: 'down', by: '0.03' });
  expect(of('100', '99.5')).toEqual({ direction: 'up', by: '0.5' });
  expect(of('0.30000', '0.1')).toEqual({ direction: 'up', by: '0.20000' });
  expect(of('5', '5')).toEqual({ direction: 'same', by: '0' });
  expect(of('"1-0"', '"0-0"')).toBeUndefined();
  expect(of('5')).toBeUndefined();
  expect(changeOf(row({ value: '5' }, '4'))).toBeUndefined(); // of nothing in particular
});
