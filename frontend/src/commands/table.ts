// The one table of commands: what they are called, and by which keys they are done. What a command does is offered by
// whatever is on screen (state/commands.svelte.ts).
import { strings } from '../strings/en';

export const GROUPS = ['go', 'tape', 'search', 'feeds', 'look', 'help'] as const;
export type GroupName = (typeof GROUPS)[number];

export interface Entry {
  id: string;
  group: GroupName;
  /** Chords, each of steps parted by spaces: `g t`, `Mod+k`. Mod is Cmd on a Mac and Ctrl elsewhere. */
  keys: readonly string[];
  title: string;
  /** Done so often, or with so little use in a list, that the palette leaves it out. */
  keysOnly?: boolean;
}

export function entries(): Entry[] {
  const words = strings.commands;
  return [
    { id: 'palette', group: 'help', keys: ['Mod+k'], title: words.palette, keysOnly: true },
    { id: 'shortcuts', group: 'help', keys: ['?'], title: words.shortcuts },
    { id: 'goTape', group: 'go', keys: ['g t'], title: words.goTape },
    { id: 'goTransports', group: 'go', keys: ['g r'], title: words.goTransports },
    { id: 'goSettings', group: 'go', keys: ['g s', 'Mod+,'], title: words.goSettings },
    { id: 'goFeeds', group: 'go', keys: ['g f'], title: words.goFeeds },
    { id: 'goSharing', group: 'go', keys: ['g h'], title: words.goSharing },
    { id: 'goAppearance', group: 'go', keys: ['g a'], title: words.goAppearance },
    { id: 'viewN', group: 'go', keys: ['g 1–9'], title: words.viewN, keysOnly: true },
    { id: 'toggle', group: 'tape', keys: ['Space'], title: words.toggle },
    { id: 'readOn', group: 'tape', keys: ['r'], title: strings.tapeView.readOn },
    { id: 'next', group: 'tape', keys: ['j'], title: words.next, keysOnly: true },
    { id: 'previous', group: 'tape', keys: ['k'], title: words.previous, keysOnly: true },
    { id: 'inspect', group: 'tape', keys: ['i'], title: words.inspect },
    { id: 'closeDetail', group: 'tape', keys: ['Escape'], title: words.closeDetail },
    { id: 'newest', group: 'tape', keys: ['Shift+G', 'End'], title: words.newest },
    { id: 'oldest', group: 'tape', keys: ['g g', 'Home'], title: words.oldest },
    { id: 'pickRange', group: 'tape', keys: ['Shift+↓', 'Shift+↑'], title: words.pickRange, keysOnly: true },
    { id: 'pickOne', group: 'tape', keys: ['Mod+Space'], title: words.pickOne },
    { id: 'pickAll', group: 'tape', keys: ['Mod+a'], title: words.pickAll },
    { id: 'context', group: 'tape', keys: ['c'], title: words.context },
    { id: 'star', group: 'tape', keys: ['s'], title: words.star },
    { id: 'search', group: 'search', keys: ['/', 'Mod+f'], title: words.search },
    { id: 'clearSearch', group: 'search', keys: ['x'], title: words.clearSearch },
    { id: 'export', group: 'search', keys: ['e'], title: words.export },
    { id: 'saveView', group: 'search', keys: ['v'], title: words.saveView },
    { id: 'allFeeds', group: 'feeds', keys: ['a'], title: words.allFeeds },
    { id: 'nextFeed', group: 'feeds', keys: [']'], title: words.nextFeed },
    { id: 'previousFeed', group: 'feeds', keys: ['['], title: words.previousFeed },
    { id: 'soloEvent', group: 'feeds', keys: ['o'], title: words.soloEvent },
    { id: 'muteEvent', group: 'feeds', keys: ['m'], title: words.muteEvent },
    { id: 'addFeed', group: 'feeds', keys: ['n'], title: words.addFeed },
    { id: 'reconnect', group: 'help', keys: [], title: words.reconnect },
  ];
}

/** Those with keys, by their groups. */
export function keyed(): { group: GroupName; list: Entry[] }[] {
  const all = entries().filter((entry) => entry.keys.length > 0);
  return GROUPS.map((group) => ({ group, list: all.filter((entry) => entry.group === group) })).filter(
    ({ list }) => list.length > 0,
  );
}
