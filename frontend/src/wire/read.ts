// Small readers for what has been through JSON.parse and is still unknown.
import { WireError } from './json';

export type Fields = Record<string, unknown>;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function parseFields(raw: string): Fields {
  return toFields(JSON.parse(raw));
}

export function toFields(value: unknown): Fields {
  if (!isFields(value)) throw new WireError('an object was expected');
  return value;
}

export function toList<T>(value: unknown, each: (item: unknown) => T): T[] {
  if (value === null || value === undefined) return [];
  if (!Array.isArray(value)) throw new WireError('a list was expected');
  return value.map(each);
}

export function text(fields: Fields, key: string): string | undefined {
  const value = fields[key];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function needText(fields: Fields, key: string): string {
  const value = text(fields, key);
  if (value === undefined) throw new WireError(`${key} is missing`);
  return value;
}

export function number(fields: Fields, key: string, fallback = 0): number {
  const value = fields[key];
  return typeof value === 'number' && Number.isFinite(value) ? value : fallback;
}

export function flag(fields: Fields, key: string): boolean {
  return fields[key] === true;
}

/** The value when it is one of the choices, else the fallback: an unknown word from a newer server must not break the page. */
export function choice<T extends string>(fields: Fields, key: string, choices: readonly T[], fallback: T): T {
  const value = fields[key];
  return choices.find((known) => known === value) ?? fallback;
}
