import { describe, expect, it } from 'vitest';
import { toFeed } from '../../../wire/feed';
import { grouped, movedTo, ordered, stepped } from './groups';

const feeds = [
  ['a', 'Markets'],
  ['b', ''],
  ['c', 'News'],
  ['d', 'Markets'],
  ['e', ''],
].map(([id, group]) => toFeed({ id, group }));

describe('the order of feeds', () => {
  it('is group by group, those without one first', () => {
    expect(grouped(feeds).map((group) => [group.name, ...group.feeds.map((feed) => feed.id)])).toEqual([
      ['', 'b', 'e'],
      ['Markets', 'a', 'd'],
      ['News', 'c'],
    ]);
    expect(grouped([])).toEqual([]);
  });
  it('changes by dropping one before or after another', () => {
    expect(movedTo(['a', 'b', 'c'], 'a', 'c', true)).toEqual(['b', 'c', 'a']);
    expect(movedTo(['a', 'b', 'c'], 'c', 'a', false)).toEqual(['c', 'a', 'b']);
    expect(movedTo(['a', 'b', 'c'], 'b', 'b', true)).toEqual(['a', 'b', 'c']);
  });
  it('changes by a step within the group, and no further', () => {
    expect(ordered(feeds)).toEqual(['b', 'e', 'a', 'd', 'c']);
    expect(stepped(feeds, 'a', 1)).toEqual(['b', 'e', 'd', 'a', 'c']);
    expect(stepped(feeds, 'd', -1)).toEqual(['b', 'e', 'd', 'a', 'c']);
    expect(stepped(feeds, 'a', -1)).toBeUndefined();
    expect(stepped(feeds, 'c', 1)).toBeUndefined();
    expect(stepped(feeds, 'gone', 1)).toBeUndefined();
  });
});
