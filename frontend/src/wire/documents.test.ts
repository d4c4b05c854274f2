import { describe, expect, it } from 'vitest';
import { mayRetry, parseStatus } from './feed';
import { parseProblem } from './problem';
import { toSettings } from './settings';

describe('a status', () => {
  it('names each feed with its health', () => {
    const status = parseStatus(
      '{"feeds":[{"id":"b","name":"Build","kind":"sse","color":9,"state":"retrying","cause":"Refused.","nextAttempt":"2026-11-22T08:00:00Z","attempt":4,"rate":0.5,"counts":{"received":3}}],"settings":7}',
    );
    expect(status.settings).toBe(7);
    expect(status.feeds[0]).toMatchObject({ state: 'retrying', cause: 'Refused.', attempt: 4, rate: 0.5 });
    expect(status.feeds[0]?.counts).toEqual({ received: 3, duplicates: 0, bad: 0, revised: 0, bytes: 0 });
  });

  it('counts what came unseen, of feeds and of saved views', () => {
    const status = parseStatus(
      '{"feeds":[{"id":"a","group":"News","unread":7},{"id":"b"}],"settings":1,"views":[{"id":"v","unread":3}]}',
    );
    expect(status.feeds[0]).toMatchObject({ group: 'News', unread: 7 });
    expect(status.feeds[1]).not.toHaveProperty('unread');
    expect(status.views).toEqual([{ id: 'v', name: 'v', query: '', unread: 3 }]);
  });

  it('survives a state and a colour from a newer server', () => {
    expect(parseStatus('{"feeds":[],"settings":1,"fault":"The disk is full."}').fault).toBe(
      'The disk is full.',
    );
    const [feed] = parseStatus('{"feeds":[{"id":"b","state":"dreaming","color":99}],"settings":1}').feeds;
    expect(feed).toMatchObject({ name: 'b', state: 'connecting', color: 1 });
  });

  it('says which feeds can be asked to connect at once', () => {
    const { feeds } = parseStatus(
      '{"feeds":[{"id":"a","state":"live"},{"id":"b","state":"failed"},{"id":"c","state":"paused"}],"settings":1}',
    );
    expect(feeds.map(mayRetry)).toEqual([false, true, false]);
  });
});

describe('settings', () => {
  it('are read whole, and a feed keeps fields that this page does not know', () => {
    const settings = toSettings({
      version: 1,
      revision: 7,
      front: { enabled: true, address: '127.0.0.1', port: 5000 },
      appearance: { theme: 'dark', density: 'compact' },
      feeds: [
        { id: 'c', name: 'C', kind: 'sse', url: 'http://x/', color: 3, paused: true, headers: { a: 'b' } },
        { id: 'p', name: 'P', kind: 'push', color: 4, paused: false },
      ],
      tokens: [{ id: 't', name: 'CI', scope: 'publish', created: '2026-11-22T08:00:00Z' }],
      door: { state: 'open', url: 'http://127.0.0.1:5001/', note: 'Port 5000 was taken.' },
      app: { version: '0.1.0', dataDir: '/d', notice: 'The history was damaged.' },
    });
    expect(settings.appearance).toEqual({ theme: 'dark', density: 'compact', language: 'system' });
    expect(settings.door.note).toBe('Port 5000 was taken.');
    expect(settings.notices).toEqual(['The history was damaged.']);
    expect(settings.feeds[0]).toMatchObject({ paused: true, color: 3 });
    expect(settings.feeds[0]?.whole).toHaveProperty('headers');
    expect(settings.feeds[1]).toMatchObject({ kind: 'push', paused: false });
    expect(settings.feeds[1]).not.toHaveProperty('url');
  });

  it('fall back where a field is strange', () => {
    const settings = toSettings({ front: {}, appearance: { theme: 'neon' }, feeds: null });
    expect(settings.appearance).toEqual({ theme: 'system', density: 'comfortable', language: 'system' });
    expect(settings.door.state).toBe('closed');
  });
});

describe('a problem', () => {
  it('has a sentence, and sentences by field', () => {
    const body =
      '{"title":"Invalid","status":422,"detail":"Check the URL.","errors":{"url":"No such host."}}';
    expect(parseProblem(422, body)).toEqual({
      status: 422,
      detail: 'Check the URL.',
      errors: { url: 'No such host.' },
    });
  });

  it('may name the part of a query', () => {
    expect(parseProblem(400, '{"detail":"Expected a word.","position":[2,5]}').position).toEqual([2, 5]);
    expect(parseProblem(400, '{"position":["x"]}')).not.toHaveProperty('position');
  });

  it('may be the fault of the health check', () => {
    expect(parseProblem(503, '{"status":"failing","fault":"The disk is full."}').detail).toBe(
      'The disk is full.',
    );
  });

  it('may be no document at all', () => {
    expect(parseProblem(502, '<html>')).toEqual({ status: 502, detail: '', errors: {} });
  });
});
