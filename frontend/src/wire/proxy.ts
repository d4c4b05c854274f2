// A proxy as people give it: which, and its address, user and password apart. The settings have one text for all of it.

import { MASK } from './settings';

export const PROXY_MODES = ['', 'system', 'none', 'url'] as const;
/** Empty means: as all feeds have it. */
export type ProxyMode = (typeof PROXY_MODES)[number];

export interface Proxy {
  mode: ProxyMode;
  /** Without user and password. */
  address: string;
  user: string;
  password: string;
}

export function toProxy(text: string): Proxy {
  const none = { address: '', user: '', password: '' };
  if (text === '' || text === 'system' || text === 'none') return { ...none, mode: text };
  const at = /^([a-z0-9+]+:\/\/)([^/@]*)@(.*)$/i.exec(text);
  if (at === null) return { ...none, mode: 'url', address: text };
  const [, scheme = '', who = '', rest = ''] = at;
  const colon = who.indexOf(':');
  return {
    mode: 'url',
    address: scheme + rest,
    user: plain(colon === -1 ? who : who.slice(0, colon)),
    password: colon === -1 ? '' : plain(who.slice(colon + 1)),
  };
}

export function fromProxy(proxy: Proxy): string {
  if (proxy.mode !== 'url') return proxy.mode;
  const address = proxy.address.trim();
  if (proxy.user === '' && proxy.password === '') return address;
  const [scheme, rest] = address.includes('://') ? address.split(/:\/\/(.*)/s) : ['http', address];
  const password = proxy.password === '' ? '' : `:${escaped(proxy.password)}`;
  return `${scheme ?? ''}://${escaped(proxy.user)}${password}@${rest ?? ''}`;
}

function escaped(text: string): string {
  // The mask of a password that is known stays as it is: the server looks for it.
  return text === MASK ? text : encodeURIComponent(text);
}

function plain(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
