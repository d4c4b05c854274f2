import { expect, it } from 'vitest';
import { fingerprint } from './certificate';
import { isNothing, toChanges, toLog, toOpml } from './portable';

it('what an import changes is read, and so is that it changes nothing', () => {
  const changes = toChanges({
    added: [{ id: 'a', name: 'A 2', was: 'A', lacks: true }],
    changed: [{ id: 'b', name: 'B', members: ['url'] }],
    removed: [],
    same: null,
    parts: ['front'],
    sealed: true,
  });
  expect(changes.added[0]).toEqual({ id: 'a', name: 'A 2', was: 'A', members: [], lacks: true });
  expect([changes.changed[0]?.members, changes.sealed, isNothing(changes)]).toEqual([['url'], true, false]);
  expect(isNothing(toChanges({ same: [{ id: 'a' }] }))).toBe(true);
});

it('a list of feeds is written so that any reader of XML takes it', () => {
  const list = toOpml([
    { name: 'A "b" <c> & d', kind: 'rss', url: 'https://a.example/?x=1&y=2' },
    { name: 'S', kind: 'sse', url: 'https://s.example/' },
  ]);
  expect(list).toContain(
    '<outline text="A &quot;b&quot; &lt;c> &amp; d" type="rss" xmlUrl="https://a.example/?x=1&amp;y=2"/>',
  );
  expect(list).toContain('type="sse" url="https://s.example/"');
});

it('a level that nobody knows is the usual one', () => {
  expect(toLog({ level: 'WARN', lines: ['a'] })).toEqual({ level: 'WARN', lines: ['a'] });
  expect(toLog({ level: 'INFO+2' }).level).toBe('INFO');
});

it('a fingerprint is read as other programs show it', () => {
  expect(fingerprint('ab01ff')).toBe('AB:01:FF');
});
