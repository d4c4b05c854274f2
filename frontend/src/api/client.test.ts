import { describe, expect, it } from 'vitest';
import { ApiError, Client } from './client';
import { isWebLink } from './host';

interface Asked {
  url: string;
  init: RequestInit | undefined;
}

function answering(status: number, body: string) {
  const asked: Asked[] = [];
  const client = new Client({ base: 'http://127.0.0.1:1', key: 'k' }, (input, init) => {
    asked.push({ url: input instanceof Request ? input.url : input.toString(), init });
    return Promise.resolve(new Response(status === 204 ? null : body, { status }));
  });
  return { client, asked };
}

describe('the client', () => {
  it('carries the key in a header, and in the query of the stream alone', async () => {
    const { client, asked } = answering(200, '{"events":[]}');
    await client.events({ feeds: ['a', 'b'], before: 'e-5', limit: 10 });
    expect(asked[0]?.url).toBe('http://127.0.0.1:1/events?feed=a%2Cb&before=e-5&limit=10');
    expect(asked[0]?.init?.headers).toMatchObject({ 'X-Tickertape-Key': 'k' });
    expect(client.streamUrl(50, undefined)).toBe(
      'http://127.0.0.1:1/event_stream?format=json&batch=66&most=50&status=1&last=300&key=k',
    );
    expect(client.streamUrl(50, 'e-5')).toContain('after=e-5&key=k');
    expect(client.streamUrl(50, 'e-5')).not.toContain('last=');
    expect(client.streamUrl(50, 'e-5', '', true)).toContain('batch=1000&');
    expect(client.streamUrl(50, undefined, 'key:x')).toContain('last=150&');
  });

  it('turns a refusal into its sentence and sentences by field', async () => {
    const { client } = answering(422, '{"detail":"Check the URL.","errors":{"url":"No such host."}}');
    const error: unknown = await client
      .addFeed({ name: 'x', kind: 'sse' })
      .catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ status: 422, message: 'Check the URL.', fields: { url: 'No such host.' } });
  });

  it('says so when nothing answers', async () => {
    const client = new Client({ base: '', key: '' }, () => Promise.reject(new TypeError('Failed to fetch')));
    await expect(client.health()).rejects.toMatchObject({ status: 0 });
  });

  it('accepts an answer without a body', async () => {
    const { client, asked } = answering(204, '');
    await client.removeFeed('a/b');
    expect(asked[0]).toMatchObject({ url: 'http://127.0.0.1:1/api/feeds/a%2Fb', init: { method: 'DELETE' } });
  });
});

it('only web addresses are links', () => {
  expect(['https://a/', 'http://a/'].every(isWebLink)).toBe(true);
  expect(['javascript:alert(1)', 'file:///etc/passwd', 'wails://x', 'nothing'].some(isWebLink)).toBe(false);
});
