import HistoryIcon from '@lucide/svelte/icons/history';
import Info from '@lucide/svelte/icons/info';
import Keyboard from '@lucide/svelte/icons/keyboard';
import Library from '@lucide/svelte/icons/library';
import Palette from '@lucide/svelte/icons/palette';
import Rss from '@lucide/svelte/icons/rss';
import Share from '@lucide/svelte/icons/share-2';
import type { Component } from 'svelte';
import type { Section } from '../../state/stored';

/** The sign of each section. */
export const SECTION_ICONS: Record<Section, Component<{ size?: number }>> = {
  feeds: Rss,
  catalogue: Library,
  sharing: Share,
  history: HistoryIcon,
  appearance: Palette,
  shortcuts: Keyboard,
  about: Info,
};
