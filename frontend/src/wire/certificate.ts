// A certificate that a server has shown, for a person to judge.
import { isFields, text, toList } from './read';

export interface Certificate {
  host: string;
  subject: string;
  issuer: string;
  names: string[];
  notBefore: string;
  notAfter: string;
  sha256: string;
  /** Why it isn't valid, in a sentence; empty when it is. */
  problem: string;
}

export function toCertificate(value: unknown): Certificate | undefined {
  if (!isFields(value)) return undefined;
  return {
    host: text(value, 'host') ?? '',
    subject: text(value, 'subject') ?? '',
    issuer: text(value, 'issuer') ?? '',
    names: toList(value.names, String),
    notBefore: text(value, 'notBefore') ?? '',
    notAfter: text(value, 'notAfter') ?? '',
    sha256: text(value, 'sha256') ?? '',
    problem: text(value, 'problem') ?? '',
  };
}

/** As programs show it for comparison: AB:CD:… */
export function fingerprint(sha256: string): string {
  return (sha256.toUpperCase().match(/../g) ?? []).join(':');
}
