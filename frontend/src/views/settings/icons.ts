import Archive from '@lucide/svelte/icons/archive';
import HistoryIcon from '@lucide/svelte/icons/history';
import Info from '@lucide/svelte/icons/info';
import Keyboard from '@lucide/svelte/icons/keyboard';
import Library from '@lucide/svelte/icons/library';
import Globe from '@lucide/svelte/icons/globe';
import Palette from '@lucide/svelte/icons/palette';
import Rss from '@lucide/svelte/icons/rss';
import Share from '@lucide/svelte/icons/share-2';
import Wrench from '@lucide/svelte/icons/wrench';
import type { Component } from 'svelte';
import type { Section } from '../../state/stored';

/** The sign of each section. */
export const SECTION_ICONS: Record<Section, Component<{ size?: number }>> = {
  feeds: Rss,
  catalogue: Library,
  sharing: Share,
  network: Globe,
  history: HistoryIcon,
  backup: Archive,
  appearance: Palette,
  shortcuts: Keyboard,
  advanced: Wrench,
  about: Info,
};
