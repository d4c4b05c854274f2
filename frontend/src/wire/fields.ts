// What the events of a selection can be asked for, as GET /fields says it.
import { needText, number, text, toFields, toList } from './read';

export interface FieldSample {
  /** As a query has it: type, data.user.name. */
  name: string;
  /** How many of the sampled events have it. */
  count: number;
  /** The most frequent first. */
  values: { value: string; count: number }[];
}

export function toFieldSample(value: unknown): FieldSample {
  const fields = toFields(value);
  return {
    name: needText(fields, 'name'),
    count: number(fields, 'count'),
    values: toList(fields.values, (item) => {
      const member = toFields(item);
      return { value: text(member, 'value') ?? '', count: number(member, 'count') };
    }),
  };
}
