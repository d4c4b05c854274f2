// A feed's settings as a form edits them: every value a text or a switch, and back again. Members that the form doesn't
// know are kept.
import { flag, isFields, text, toFields, type Fields } from './read';

export const KINDS = [
  'sse',
  'websocket',
  'ndjson',
  'rss',
  'poll',
  'longpoll',
  'push',
  'simulator',
  'clock',
] as const;
export type Kind = (typeof KINDS)[number];

export const AUTHS = ['none', 'bearer', 'basic', 'header', 'query'] as const;
export type AuthType = (typeof AUTHS)[number];

export const SCENES = ['ticker', 'league', 'newsroom', 'burst'] as const;

/** The fields of an event that a mapping finds, in the order of the form. */
export const MAPPED = ['title', 'text', 'key', 'value', 'time', 'url', 'severity', 'id', 'type'] as const;
export type Mapped = (typeof MAPPED)[number];
export type Mapping = Record<Mapped, string>;

export interface Pair {
  name: string;
  value: string;
}

export interface ScriptStep {
  waitFor: string;
  send: string;
}

/** Members of a feed that are single texts in its form. */
export const TEXTS = [
  'name',
  'url',
  'method',
  'body',
  'userAgent',
  'items',
  'heartbeat',
  'delta',
  'proxy',
  'ca',
  'clientCert',
  'clientKey',
  'ipv6',
  'group',
  'scene',
] as const;
/** Members that are times to wait; empty means the default. */
export const TIMES = ['interval', 'connectTimeout', 'answerTimeout'] as const;
/** Members that are numbers; empty means the default. */
export const NUMBERS = ['rate', 'seed', 'maxEvent', 'maxBody', 'maxItems', 'maxRedirects'] as const;

export type FeedForm = Record<
  (typeof TEXTS)[number] | (typeof TIMES)[number] | (typeof NUMBERS)[number],
  string
> & {
  /** Empty until it is known. */
  kind: Kind | '';
  color: number;
  headers: Pair[];
  authType: AuthType;
  authName: string;
  authUser: string;
  authSecret: string;
  cursorPath: string;
  cursorHeader: string;
  cursorParam: string;
  /** Separated by spaces. */
  subprotocols: string;
  /** Separated by spaces. */
  secretNames: string;
  script: ScriptStep[];
  keepAge: string;
  keepEvents: string;
  keepMegabytes: string;
  insecure: boolean;
  share: boolean;
  mapping: Mapping;
};

/** An empty text is no duration. */
const NO_TIME = '0s';

const MEGABYTE = 1_000_000;

export function toForm(whole: Fields): FeedForm {
  const auth = part(whole, 'auth');
  const cursor = part(whole, 'cursor');
  const mapping = part(whole, 'mapping');
  const retention = part(whole, 'retention');
  const kind = whole.kind;
  const color = whole.color;
  return {
    ...record(TEXTS, (name) => text(whole, name) ?? ''),
    ...record(TIMES, (name) => {
      const value = text(whole, name) ?? '';
      return value === NO_TIME ? '' : value;
    }),
    ...record(NUMBERS, (name) => shown(whole[name])),
    kind: KINDS.find((known) => known === kind) ?? '',
    color: typeof color === 'number' ? color : 0,
    headers: Object.entries(part(whole, 'headers')).map(([name, value]) => ({ name, value: String(value) })),
    authType: AUTHS.find((known) => known === auth.type) ?? 'none',
    authName: text(auth, 'name') ?? '',
    authUser: text(auth, 'user') ?? '',
    authSecret: text(auth, 'secret') ?? '',
    cursorPath: text(cursor, 'path') ?? '',
    cursorHeader: text(cursor, 'header') ?? '',
    cursorParam: text(cursor, 'param') ?? '',
    subprotocols: list(whole.subprotocols).map(String).join(' '),
    secretNames: list(whole.secretNames).map(String).join(' '),
    keepAge: text(retention, 'age') ?? '',
    keepEvents: shown(retention.events),
    keepMegabytes: typeof retention.bytes === 'number' ? shown(retention.bytes / MEGABYTE) : '',
    script: list(whole.script).map((step) => ({
      waitFor: text(toFields(step), 'waitFor') ?? '',
      send: text(toFields(step), 'send') ?? '',
    })),
    insecure: flag(whole, 'insecure'),
    share: flag(whole, 'share'),
    mapping: record(MAPPED, (name) => text(mapping, name) ?? ''),
  };
}

/** The feed to send: what the form says over what it doesn't know. */
export function fromForm(form: FeedForm, whole: Fields): Fields {
  const feed: Fields = { ...whole, kind: form.kind, insecure: form.insecure, share: form.share };
  for (const name of TEXTS) feed[name] = form[name].trim();
  for (const name of TIMES) feed[name] = form[name].trim() || NO_TIME;
  for (const name of NUMBERS) feed[name] = amount(form[name]);
  feed.body = form.body;
  feed.headers = Object.fromEntries(
    form.headers
      .filter((pair) => pair.name.trim() !== '')
      .map((pair) => [pair.name.trim(), pair.value.trim()]),
  );
  feed.auth = authOf(form);
  feed.cursor = {
    path: form.cursorPath.trim(),
    header: form.cursorHeader.trim(),
    param: form.cursorParam.trim(),
  };
  feed.subprotocols = words(form.subprotocols);
  feed.secretNames = words(form.secretNames);
  feed.retention = {
    age: form.keepAge.trim(),
    events: amount(form.keepEvents),
    bytes: Math.round(amount(form.keepMegabytes) * MEGABYTE),
  };
  feed.script = form.script.filter((step) => step.waitFor.trim() !== '' || step.send.trim() !== '');
  feed.mapping = record(MAPPED, (name) => form.mapping[name].trim());
  if (form.color > 0) feed.color = form.color;
  return feed;
}

function authOf(form: FeedForm): Fields {
  switch (form.authType) {
    case 'none':
      // A script or a URL may have the mark {{secret}} without any of the usual ways to sign in.
      return form.authSecret === '' ? {} : { secret: form.authSecret };
    case 'basic':
      return { type: 'basic', user: form.authUser.trim(), secret: form.authSecret };
    case 'bearer':
      return { type: 'bearer', secret: form.authSecret.trim() };
    case 'header':
    case 'query':
      return { type: form.authType, name: form.authName.trim(), secret: form.authSecret.trim() };
  }
}

/** What a kind of feed has; what it has not is neither shown nor sent. */
export interface Traits {
  /** It comes from an address. */
  remote: boolean;
  /** Its requests have a method and a body. */
  http: boolean;
  webSocket: boolean;
  /** It is asked now and then. */
  polled: boolean;
  cursor: boolean;
}

export function traitsOf(kind: Kind | ''): Traits {
  const remote = kind !== 'push' && kind !== 'simulator' && kind !== 'clock';
  const webSocket = kind === 'websocket';
  return {
    remote,
    http: remote && !webSocket,
    webSocket,
    polled: kind === 'rss' || kind === 'poll' || kind === '',
    cursor: remote && kind !== 'rss' && kind !== '',
  };
}

/** What only a feed has that goes out and connects. */
const CONNECTION = [
  'ca',
  'clientCert',
  'clientKey',
  'ipv6',
  'connectTimeout',
  'answerTimeout',
  'insecure',
  'maxEvent',
  'maxBody',
  'maxItems',
  'maxRedirects',
];

/** The feed without what its kind doesn't have: a value that nobody sees must not keep it from being saved. */
export function fitting(feed: Fields): Fields {
  const kind = KINDS.find((known) => known === feed.kind) ?? '';
  const traits = traitsOf(kind);
  const drop = [
    ...(traits.remote
      ? ['scene', 'rate', 'seed']
      : [
          'url',
          'method',
          'headers',
          'body',
          'userAgent',
          'auth',
          'cursor',
          'items',
          'heartbeat',
          'delta',
          'proxy',
          'secretNames',
        ]),
    ...(traits.remote ? [] : CONNECTION),
    ...(traits.webSocket ? ['method', 'body'] : ['subprotocols', 'script']),
    ...(kind === 'sse' ? [] : ['delta']),
    ...(traits.polled || kind === 'clock' ? [] : ['interval']),
    ...(kind === 'simulator' ? [] : ['scene', 'rate', 'seed']),
  ];
  const kept = { ...feed };
  for (const name of drop) {
    if (name in kept) kept[name] = TIMES.some((time) => time === name) ? NO_TIME : empty(kept[name]);
  }
  return kept;
}

function empty(value: unknown): unknown {
  if (typeof value === 'string') return '';
  if (typeof value === 'number') return 0;
  if (typeof value === 'boolean') return false;
  return Array.isArray(value) ? [] : {};
}

function shown(value: unknown): string {
  return typeof value === 'number' && value !== 0 ? String(value) : '';
}

/** What isn't a number is sent as it is, for the server to say so. */
function amount(typed: string): number {
  return typed.trim() === '' ? 0 : Number(typed);
}

function words(typed: string): string[] {
  return typed.split(/[\s,]+/).filter(Boolean);
}

function part(whole: Fields, name: string): Fields {
  return isFields(whole[name]) ? whole[name] : {};
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function record<K extends string>(names: readonly K[], value: (name: K) => string): Record<K, string> {
  return Object.fromEntries(names.map((name) => [name, value(name)])) as Record<K, string>;
}
