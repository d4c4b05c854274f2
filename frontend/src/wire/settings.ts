// The settings document of the private door, and the bodies that change it.
import { choice, flag, isFields, needText, number, text, toFields, toList } from './read';
import { toColor } from './feed';

import { toRetention, type Retention } from './history';

/** Stands in the place of a password or key that is known and not shown. */
export const MASK = '••••••';

/** `contrast` is the system's light or dark, with high contrast. */
export const THEMES = ['system', 'light', 'dark', 'contrast'] as const;
export type Theme = (typeof THEMES)[number];

export const DENSITIES = ['compact', 'comfortable'] as const;
export type Density = (typeof DENSITIES)[number];

export const LANGUAGES = ['system', 'en', 'de', 'ja'] as const;
export type Language = (typeof LANGUAGES)[number];

export const TLS_MODES = ['off', 'own', 'files'] as const;
export type TlsMode = (typeof TLS_MODES)[number];

/** How the front door encrypts; cert and key are files, for the mode `files`. */
export interface Tls {
  mode: TlsMode;
  cert: string;
  key: string;
}

export interface Front {
  enabled: boolean;
  address: string;
  port: number;
  /** Web sites whose pages may read. */
  origins: string[];
  tls: Tls;
}

/** How feeds reach the outside, unless they say otherwise. */
export interface Network {
  proxy: string;
  bypass: string;
  ca: string;
  ipv6: string;
  connectTimeout: string;
  answerTimeout: string;
}

export const NETWORK_FIELDS = [
  'proxy',
  'bypass',
  'ca',
  'ipv6',
  'connectTimeout',
  'answerTimeout',
] as const satisfies readonly (keyof Network)[];

/** Where passwords and keys are kept. */
export interface Keeping {
  place: 'keyring' | 'file';
  text: string;
  notice: string;
  /** A passphrase opens it, which nobody has given yet. */
  locked: boolean;
}

export interface Appearance {
  theme: Theme;
  density: Density;
  language: Language;
}

/** A query that was saved under a name. */
export interface SavedView {
  /** Empty for one that is new: the server gives it one. */
  id: string;
  name: string;
  query: string;
}

/** The front door as it stands; computed by the server. */
export interface Door {
  state: 'open' | 'closed' | 'failed';
  url?: string;
  note?: string;
  /** Of the certificate: SHA-256, and until when it is valid; with TLS. */
  fingerprint?: string;
  expires?: string;
  /** The file of the certificate that it has made for itself. */
  certificate?: string;
}

export interface FeedSettings {
  id: string;
  name: string;
  kind: string;
  url?: string;
  interval?: string;
  color: number;
  paused: boolean;
  /** Every field as it came, so that undoing a removal brings back what this page doesn't know. */
  whole: Record<string, unknown>;
}

export interface Settings {
  history: Retention;
  revision: number;
  front: Front;
  network: Network;
  secrets: Keeping;
  appearance: Appearance;
  feeds: FeedSettings[];
  views: SavedView[];
  door: Door;
  version: string;
  dataDir: string;
  /** Why the settings file isn't in force as it stands; empty when it is. */
  fileNotice: string;
  /** What its owner should know about the settings file or the history, such as damage. */
  notices: string[];
}

/** What is sent to add or change a feed. */
export type FeedDraft = Record<string, unknown> & { name: string; kind: string };

export const DEFAULT_APPEARANCE: Appearance = {
  theme: 'system',
  density: 'comfortable',
  language: 'system',
};

export function toSettings(value: unknown): Settings {
  const fields = toFields(value);
  const front = toFields(fields.front);
  const tls = isFields(front.tls) ? front.tls : {};
  const appearance = isFields(fields.appearance) ? fields.appearance : {};
  const app = isFields(fields.app) ? fields.app : {};
  return {
    revision: number(fields, 'revision'),
    history: toRetention(fields.history),
    front: {
      enabled: flag(front, 'enabled'),
      address: text(front, 'address') ?? '127.0.0.1',
      port: number(front, 'port', 5000),
      origins: toList(front.origins, String),
      tls: {
        mode: choice(tls, 'mode', TLS_MODES, 'off'),
        cert: text(tls, 'cert') ?? '',
        key: text(tls, 'key') ?? '',
      },
    },
    network: toNetwork(fields.network),
    secrets: toKeeping(fields.secrets),
    appearance: toAppearance(appearance),
    feeds: toList(fields.feeds, toFeedSettings),
    views: toList(fields.views, toView),
    door: toDoor(fields.door),
    version: text(app, 'version') ?? '',
    dataDir: text(app, 'dataDir') ?? '',
    fileNotice: text(fields, 'notice') ?? '',
    notices: [text(fields, 'notice'), text(app, 'notice')].filter((notice) => notice !== undefined),
  };
}

function toNetwork(value: unknown): Network {
  const fields = isFields(value) ? value : {};
  const member = (name: keyof Network) => text(fields, name) ?? '';
  return {
    proxy: member('proxy'),
    bypass: member('bypass'),
    ca: member('ca'),
    ipv6: member('ipv6'),
    connectTimeout: member('connectTimeout'),
    answerTimeout: member('answerTimeout'),
  };
}

function toKeeping(value: unknown): Keeping {
  const fields = isFields(value) ? value : {};
  return {
    place: choice(fields, 'place', ['keyring', 'file'] as const, 'file'),
    text: text(fields, 'text') ?? '',
    notice: text(fields, 'notice') ?? '',
    locked: flag(fields, 'locked'),
  };
}

export function toAppearance(fields: Record<string, unknown>): Appearance {
  return {
    theme: choice(fields, 'theme', THEMES, DEFAULT_APPEARANCE.theme),
    density: choice(fields, 'density', DENSITIES, DEFAULT_APPEARANCE.density),
    language: choice(fields, 'language', LANGUAGES, DEFAULT_APPEARANCE.language),
  };
}

export function toFeedSettings(value: unknown): FeedSettings {
  const fields = toFields(value);
  const feed: FeedSettings = {
    id: needText(fields, 'id'),
    name: text(fields, 'name') ?? needText(fields, 'id'),
    kind: text(fields, 'kind') ?? 'sse',
    color: toColor(fields),
    paused: flag(fields, 'paused'),
    whole: fields,
  };
  const url = text(fields, 'url');
  if (url !== undefined) feed.url = url;
  const interval = text(fields, 'interval');
  if (interval !== undefined) feed.interval = interval;
  return feed;
}

function toView(value: unknown): SavedView {
  const fields = toFields(value);
  const id = needText(fields, 'id');
  return { id, name: text(fields, 'name') ?? id, query: text(fields, 'query') ?? '' };
}

function toDoor(value: unknown): Door {
  if (!isFields(value)) return { state: 'closed' };
  const door: Door = { state: choice(value, 'state', ['open', 'closed', 'failed'] as const, 'closed') };
  const url = text(value, 'url');
  if (url !== undefined) door.url = url;
  const note = text(value, 'note');
  if (note !== undefined) door.note = note;
  const fingerprint = text(value, 'fingerprint');
  if (fingerprint !== undefined) door.fingerprint = fingerprint;
  const expires = text(value, 'expires');
  if (expires !== undefined) door.expires = expires;
  const certificate = text(value, 'certificate');
  if (certificate !== undefined) door.certificate = certificate;
  return door;
}
