// What went wrong with a request, and the sentence for it.
import { strings } from '../strings/en';

export class ApiError extends Error {
  override name = 'ApiError';
  constructor(
    /** 0 when nothing answered. */
    readonly status: number,
    sentence: string,
    /** Sentences by field, for a form. */
    readonly fields: Record<string, string> = {},
    /** The part of a query that can't be understood, in characters. */
    readonly position?: readonly [number, number],
  ) {
    super(sentence);
  }
}

/** The sentence to show for whatever was thrown. */
export function sentenceOf(error: unknown): string {
  return error instanceof ApiError ? error.message : strings.faults.unexpected;
}

/** As sentenceOf; a failure of the window's own, such as a file that can't be written, comes with its words. */
export function explain(error: unknown): string {
  if (error instanceof ApiError || !(error instanceof Error) || error.message === '')
    return sentenceOf(error);
  const [first = '', ...rest] = error.message;
  return `${first.toUpperCase()}${rest.join('')}${/[.!?]$/.test(error.message) ? '' : '.'}`;
}
