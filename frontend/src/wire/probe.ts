// What the private door says of a probe: its steps as it takes them, then its result.
import { toCertificate, type Certificate } from './certificate';
import { parseEvent, type TapeEvent } from './event';
import { eachElement, eachMember } from './json';
import { isFields, number, parseFields, text, toFields, toList, type Fields } from './read';

export interface ProbeStep {
  name: string;
  detail: string;
  /** Since the start. */
  ms: number;
}

export interface ProbeOffer {
  title: string;
  url: string;
  kind: string;
  /** The id of a preset in the catalogue; empty for none. */
  preset: string;
}

/** An event as it came. */
export interface ProbedRaw {
  type: string;
  id: string;
  data: string;
}

export interface ProbeError {
  code: string;
  reason: string;
  next: string;
  /** How the server wants to be signed in to, as it says; empty when it doesn't. */
  auth: string;
}

export interface ProbeTimings {
  dns: number;
  connect: number;
  tls: number;
  firstByte: number;
  firstEvent: number;
}

export interface ProbeResult {
  kind: string;
  name: string;
  note: string;
  preset: string;
  timings: ProbeTimings;
  redirects: string[];
  raws: ProbedRaw[];
  /** The same events as they would be stored. */
  events: TapeEvent[];
  /** The feed to save, with its secrets; undefined when there is none. */
  feed?: Fields;
  offers: ProbeOffer[];
  /** What a server showed that isn't valid, or was accepted unseen. */
  certificate: Certificate | undefined;
  error?: ProbeError;
}

/** Reads one line of a probe's answer. */
export function parseProbeLine(raw: string): ProbeStep | ProbeResult {
  const fields = parseFields(raw);
  if (!isFields(fields.result)) {
    return {
      name: text(fields, 'step') ?? '',
      detail: text(fields, 'detail') ?? '',
      ms: number(fields, 'ms'),
    };
  }
  let result = '{}';
  eachMember(raw, (key, value) => {
    if (key === 'result') result = value;
  });
  return toResult(fields.result, result);
}

export function isStep(line: ProbeStep | ProbeResult): line is ProbeStep {
  return 'ms' in line;
}

/** fields are raw, parsed: only the events are read from its text, as their digits count. */
function toResult(fields: Fields, raw: string): ProbeResult {
  const timings = isFields(fields.timings) ? fields.timings : {};
  const result: ProbeResult = {
    kind: text(fields, 'kind') ?? '',
    name: text(fields, 'name') ?? '',
    note: text(fields, 'note') ?? '',
    preset: text(fields, 'preset') ?? '',
    timings: {
      dns: number(timings, 'dns'),
      connect: number(timings, 'connect'),
      tls: number(timings, 'tls'),
      firstByte: number(timings, 'firstByte'),
      firstEvent: number(timings, 'firstEvent'),
    },
    redirects: toList(fields.redirects, String),
    raws: toList(fields.events, (item) => toRaw(toFields(item).raw)),
    events: [],
    offers: toList(fields.feeds, toOffer),
    certificate: toCertificate(fields.certificate),
  };
  eachMember(raw, (key, value) => {
    if (key === 'events' && value !== 'null')
      eachElement(value, (item) => result.events.push(...eventOf(item)));
  });
  if (isFields(fields.feed)) result.feed = fields.feed;
  if (isFields(fields.error)) {
    result.error = {
      code: text(fields.error, 'code') ?? 'other',
      reason: text(fields.error, 'reason') ?? '',
      next: text(fields.error, 'next') ?? '',
      auth: text(fields.error, 'auth') ?? '',
    };
  }
  return result;
}

/** Reads the answer of a preview: {"events": […]}. */
export function parsePreview(raw: string): TapeEvent[] {
  const events: TapeEvent[] = [];
  eachMember(raw, (key, value) => {
    if (key === 'events' && value !== 'null') eachElement(value, (item) => events.push(parseEvent(item)));
  });
  return events;
}

function eventOf(probed: string): TapeEvent[] {
  const events: TapeEvent[] = [];
  eachMember(probed, (key, value) => {
    if (key === 'event' && value !== 'null') events.push(parseEvent(value));
  });
  return events;
}

function toRaw(value: unknown): ProbedRaw {
  const fields = toFields(value);
  return { type: text(fields, 'type') ?? '', id: text(fields, 'id') ?? '', data: text(fields, 'data') ?? '' };
}

function toOffer(value: unknown): ProbeOffer {
  const fields = toFields(value);
  return {
    title: text(fields, 'title') ?? '',
    url: text(fields, 'url') ?? '',
    kind: text(fields, 'kind') ?? '',
    preset: text(fields, 'preset') ?? '',
  };
}
