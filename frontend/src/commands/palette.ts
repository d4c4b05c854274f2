// Everything that the palette offers: the table's commands that can be done now, and one for each feed, saved view,
// layout of the tape, theme and language.
import type { Session } from '../state/session.svelte';
import { TIMES } from '../state/tapeOptions.svelte';
import { ORDERS } from '../state/tapeRows';
import { strings } from '../strings/en';
import { DENSITIES, LANGUAGES, THEMES } from '../wire/settings';
import { entries, type GroupName } from './table';

export interface PaletteItem {
  id: string;
  group: GroupName;
  title: string;
  keys: readonly string[];
  run: () => void;
}

export function paletteItems(session: Session): PaletteItem[] {
  const { commands } = session;
  const fixed = entries()
    .filter((entry) => entry.keysOnly !== true && commands.can(entry.id))
    .map((entry) => ({ ...entry, run: () => void commands.run(entry.id) }));
  return [
    ...fixed,
    ...views(session),
    ...feeds(session),
    ...layouts(session),
    ...(session.settings.mayChange ? looks(session) : []),
  ];
}

function views(session: Session): PaletteItem[] {
  return session.views.list.map((view, index) => ({
    id: `view ${view.id}`,
    group: 'go',
    title: strings.commands.view(view.name),
    keys: index < 9 ? [`g ${String(index + 1)}`] : [],
    run: () => {
      session.openView(view);
    },
  }));
}

function feeds(session: Session): PaletteItem[] {
  return session.feeds.list.map((feed) => ({
    id: `feed ${feed.id}`,
    group: 'feeds',
    title: strings.commands.only(feed.name),
    keys: [],
    run: () => {
      session.view.change({ tab: 'tape' });
      session.choose([feed.id]);
    },
  }));
}

function layouts({ options }: Session): PaletteItem[] {
  const words = strings.commands;
  const { orders, times, group } = strings.tapeView;
  const item = (id: string, title: string, change: Parameters<Session['options']['change']>[0]) => ({
    id,
    group: 'look' as const,
    title,
    keys: [],
    run: () => {
      options.change(change);
    },
  });
  return [
    ...ORDERS.map((order) => item(`order ${order}`, words.order(orders[order]), { order })),
    ...TIMES.map((time) => item(`time ${time}`, words.time(times[time]), { time })),
    item('group', options.group ? words.ungroup : group, { group: !options.group }),
  ];
}

function looks(session: Session): PaletteItem[] {
  const words = strings.commands;
  const { themes, densities, languages } = strings.appearance;
  const item = (id: string, title: string, change: Parameters<Session['settings']['saveAppearance']>[0]) => ({
    id,
    group: 'look' as const,
    title,
    keys: [],
    // A failure is said where nothing else is open.
    run: () => void session.settings.saveAppearance(change).catch(() => undefined),
  });
  return [
    ...THEMES.map((theme) => item(`theme ${theme}`, words.theme(themes[theme]), { theme })),
    ...DENSITIES.map((density) => item(`density ${density}`, words.density(densities[density]), { density })),
    ...LANGUAGES.map((language) =>
      item(`language ${language}`, words.language(languages[language]), { language }),
    ),
  ];
}
