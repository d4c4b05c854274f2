import { expect, it } from 'vitest';
import { freeName } from './names';

it('a name that is taken gets a number', () => {
  expect(freeName(' Clock ', [])).toBe('Clock');
  expect(freeName('Clock', ['clock'])).toBe('Clock 2');
  expect(freeName('Clock', ['Clock', 'Clock 2'])).toBe('Clock 3');
  expect(freeName('', ['a'])).toBe('');
  const long = 'x'.repeat(70);
  expect(freeName(long, ['x'.repeat(60)])).toBe(`${'x'.repeat(56)} 2`);
});
