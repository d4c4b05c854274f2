// What POST /api/exports tells, line by line.
import { number, parseFields, text } from './read';

export type ExportTold =
  | { kind: 'progress'; events: number; bytes: number; share: number }
  | { kind: 'done'; events: number; bytes: number }
  | { kind: 'failed'; sentence: string };

export function parseExportLine(raw: string): ExportTold {
  const fields = parseFields(raw);
  const sentence = text(fields, 'problem');
  if (sentence !== undefined) return { kind: 'failed', sentence };
  const [events, bytes] = [number(fields, 'events'), number(fields, 'bytes')];
  if (fields.done === true) return { kind: 'done', events, bytes };
  return { kind: 'progress', events, bytes, share: Math.min(1, Math.max(0, number(fields, 'share'))) };
}
