// The front door's guests: its access tokens, who reads now, and where others find it.
import { needText, number, text, toFields, toList } from './read';

export const SCOPES = ['read', 'publish'] as const;
export type Scope = (typeof SCOPES)[number];

export interface Token {
  id: string;
  name: string;
  scope: string;
  created: string;
  /** When it was used last; undefined for never. */
  used?: string;
}

/** A token that was just made: the only time that it can be shown. */
export interface NewToken extends Token {
  secret: string;
}

export interface SharingState {
  readers: number;
  publishers: number;
  /** Addresses for other computers; none when the door is open for this one alone. */
  addresses: string[];
  /** Ids of the feeds that the front door serves. */
  feeds: string[];
}

export function toToken(value: unknown): Token {
  const fields = toFields(value);
  const token: Token = {
    id: needText(fields, 'id'),
    name: text(fields, 'name') ?? '',
    scope: text(fields, 'scope') ?? '',
    created: text(fields, 'created') ?? '',
  };
  const used = text(fields, 'used');
  if (used !== undefined) token.used = used;
  return token;
}

export function toNewToken(value: unknown): NewToken {
  return { ...toToken(value), secret: needText(toFields(value), 'secret') };
}

export function toSharing(value: unknown): SharingState {
  const fields = toFields(value);
  return {
    readers: number(fields, 'readers'),
    publishers: number(fields, 'publishers'),
    addresses: toList(fields.addresses, String),
    feeds: toList(fields.feeds, String),
  };
}
