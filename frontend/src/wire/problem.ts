// RFC 9457 problem documents: every refusal of the server.
import { isFields, text } from './read';

export interface Problem {
  status: number;
  /** A sentence that a person can act on. */
  detail: string;
  /** Sentences by field, for a form. */
  errors: Record<string, string>;
  /** The part of a query that can't be understood, in characters (not UTF-16 units). */
  position?: [number, number];
}

/** Reads a refusal's body. A body of another kind gives a problem without a sentence. */
export function parseProblem(status: number, body: string): Problem {
  const problem: Problem = { status, detail: '', errors: {} };
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return problem;
  }
  if (!isFields(value)) return problem;
  // /healthz answers with its own document, whose sentence is the fault.
  problem.detail = text(value, 'detail') ?? text(value, 'fault') ?? text(value, 'title') ?? '';
  if (isFields(value.errors)) {
    for (const [field, sentence] of Object.entries(value.errors)) {
      if (typeof sentence === 'string') problem.errors[field] = sentence;
    }
  }
  if (Array.isArray(value.position)) {
    const position: unknown[] = value.position;
    const [from, to] = position;
    if (typeof from === 'number' && typeof to === 'number') problem.position = [from, to];
  }
  return problem;
}
