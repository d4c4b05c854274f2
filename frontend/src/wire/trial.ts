// What the server counted of a comparison of transports: /transports/runs/{run}.
import { isFields, number, parseFields, text } from './read';

export interface Usage {
  requests: number;
  cuts: number;
  bytesIn: number;
  bytesOut: number;
}

export interface TrialRun {
  /** The server's clock, in milliseconds; NaN when it doesn't say. */
  now: number;
  usage: Map<string, Usage>;
}

export function parseTrial(raw: string): TrialRun {
  const fields = parseFields(raw);
  const usage = new Map<string, Usage>();
  for (const [via, value] of Object.entries(isFields(fields.transports) ? fields.transports : {})) {
    if (!isFields(value)) continue;
    usage.set(via, {
      requests: number(value, 'requests'),
      cuts: number(value, 'cuts'),
      bytesIn: number(value, 'bytesIn'),
      bytesOut: number(value, 'bytesOut'),
    });
  }
  return { now: Date.parse(text(fields, 'now') ?? ''), usage };
}
