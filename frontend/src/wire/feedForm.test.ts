import { describe, expect, it } from 'vitest';
import { fitting, fromForm, toForm } from './feedForm';

const full = {
  id: 'a',
  name: 'A',
  kind: 'websocket',
  url: 'wss://a.example/x',
  paused: true,
  color: 4,
  headers: { 'X-Key': '••••••' },
  auth: { type: 'query', name: 'token', secret: '••••••' },
  cursor: { path: 'seq', header: '', param: 'since' },
  subprotocols: ['v1', 'v2'],
  script: [{ waitFor: 'type=hello', send: '{"a":1}' }],
  items: 'data',
  maxEvent: 4096,
  insecure: true,
  share: true,
  mapping: { title: 'a.b', value: 'p' },
  group: 'News',
  clientCert: '/c.pem',
  clientKey: '••••••',
  ipv6: 'never',
  connectTimeout: '5s',
  answerTimeout: '1m0s',
  secretNames: ['X-Mine'],
  retention: { age: '90d', events: 100, bytes: 2_500_000 },
  future: { x: 1 },
};

describe('a form', () => {
  it('gives back what it was made of', () => {
    expect(fromForm(toForm(full), full)).toMatchObject(full);
  });
  it('can take things out', () => {
    const form = toForm(full);
    form.headers = [];
    form.authType = 'none';
    form.authSecret = '';
    form.maxEvent = '';
    form.mapping.title = '';
    const feed = fromForm(form, full);
    expect(feed.headers).toEqual({});
    expect(feed.auth).toEqual({});
    expect(feed.maxEvent).toBe(0);
    expect(feed.mapping).toMatchObject({ title: '', value: 'p' });
  });
  it('says that there is no interval where none is typed', () => {
    expect(fromForm(toForm({ interval: '2s' }), {}).interval).toBe('2s');
    expect(fromForm(toForm({}), { interval: '2s' }).interval).toBe('0s');
    expect(toForm({ interval: '0s' }).interval).toBe('');
  });
});

describe('what a kind does not have', () => {
  it('is not sent', () => {
    const feed = fitting({ ...full, kind: 'push', interval: '5s' });
    expect(feed).toMatchObject({
      url: '',
      headers: {},
      auth: {},
      script: [],
      maxEvent: 0,
      insecure: false,
      name: 'A',
      clientKey: '',
      ipv6: '',
      connectTimeout: '0s',
      retention: full.retention,
      group: 'News',
    });
    expect(feed.interval).toBe('0s');
  });
  it('leaves what it has', () => {
    expect(fitting(full)).toMatchObject({
      url: 'wss://a.example/x',
      script: full.script,
      cursor: full.cursor,
    });
    expect(fitting({ kind: 'poll', interval: '5s', method: 'POST', script: [] })).toMatchObject({
      interval: '5s',
      method: 'POST',
    });
    expect(fitting({ kind: 'simulator', scene: 'burst', rate: 3 })).toMatchObject({
      scene: 'burst',
      rate: 3,
    });
  });
});
