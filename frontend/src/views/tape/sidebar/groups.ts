// In which groups and in which order feeds stand in the sidebar.
import type { Feed } from '../../../wire/feed';

export interface Group {
  /** Empty for the feeds without one, which stand first. */
  name: string;
  feeds: Feed[];
}

export function grouped(feeds: readonly Feed[]): Group[] {
  const groups = new Map<string, Feed[]>([['', []]]);
  for (const feed of feeds) {
    const name = feed.group ?? '';
    groups.set(name, [...(groups.get(name) ?? []), feed]);
  }
  return [...groups].filter(([, list]) => list.length > 0).map(([name, list]) => ({ name, feeds: list }));
}

/** The ids as they stand, group by group. */
export function ordered(feeds: readonly Feed[]): string[] {
  return grouped(feeds).flatMap((group) => group.feeds.map((feed) => feed.id));
}

/** The order after a feed was put before or after another one. */
export function movedTo(ids: readonly string[], id: string, target: string, after: boolean): string[] {
  if (id === target) return [...ids];
  const rest = ids.filter((other) => other !== id);
  const at = rest.indexOf(target) + (after ? 1 : 0);
  return [...rest.slice(0, at), id, ...rest.slice(at)];
}

/** The order after a feed went one place up or down within its group; undefined at the end of it. */
export function stepped(feeds: readonly Feed[], id: string, step: 1 | -1): string[] | undefined {
  const group = grouped(feeds).find((candidate) => candidate.feeds.some((feed) => feed.id === id));
  const at = group?.feeds.findIndex((feed) => feed.id === id) ?? -1;
  const neighbour = group?.feeds[at + step];
  if (at === -1 || neighbour === undefined) return undefined;
  return movedTo(ordered(feeds), id, neighbour.id, step === 1);
}
