import { expect, it } from 'vitest';
import { findSettings, type Setting } from './search';

const all: Setting[] = [
  { id: 'theme', section: 'appearance', name: 'Theme', also: 'dark light colour' },
  { id: 'tokens', section: 'sharing', name: 'Access tokens', also: 'api key password' },
  { id: 'dark', section: 'about', name: 'Dark matter', also: '' },
];
const ids = (typed: string) => findSettings(all, typed).map((setting) => setting.id);

it('a setting is found by the beginnings of its words, its name first', () => {
  expect(ids('dar')).toEqual(['dark', 'theme']);
  expect(ids('API key')).toEqual(['tokens']);
  expect(ids('acc key')).toEqual(['tokens']);
  expect(ids('hem')).toEqual([]);
  expect(ids(' ')).toEqual([]);
});
