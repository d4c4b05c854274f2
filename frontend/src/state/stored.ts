// What the page remembers by itself, in localStorage: how it was looked at, never what was seen.

import { isFields } from '../wire/read';
import { DEFAULT_APPEARANCE, toAppearance, type Appearance } from '../wire/settings';

/** The sections of Settings, in the order to show them. */
export const SECTIONS = [
  'feeds',
  'catalogue',
  'sharing',
  'history',
  'appearance',
  'shortcuts',
  'about',
] as const;
export type Section = (typeof SECTIONS)[number];

export interface ViewMemory {
  tab: 'tape' | 'transports' | 'settings';
  section: Section;
  /** Ids of the chosen feeds; empty is all. */
  feeds: string[];
  inspectorWidth: number;
}

export const FIRST_VIEW: ViewMemory = { tab: 'tape', section: 'feeds', feeds: [], inspectorWidth: 380 };

const TABS = ['tape', 'transports', 'settings'] as const;

/** Reads what an earlier version may have written: anything unknown falls back to the first view. */
export function readView(raw: string | null): ViewMemory {
  let value: unknown;
  try {
    value = JSON.parse(raw ?? '');
  } catch {
    return FIRST_VIEW;
  }
  if (typeof value !== 'object' || value === null) return FIRST_VIEW;
  const found = new Map(Object.entries(value));
  const feeds: unknown = found.get('feeds');
  const width: unknown = found.get('inspectorWidth');
  return {
    tab: TABS.find((tab) => tab === found.get('tab')) ?? FIRST_VIEW.tab,
    section: SECTIONS.find((section) => section === found.get('section')) ?? FIRST_VIEW.section,
    feeds: Array.isArray(feeds) ? feeds.filter((id) => typeof id === 'string') : [],
    inspectorWidth:
      typeof width === 'number' && width >= 280 && width <= 900 ? width : FIRST_VIEW.inspectorWidth,
  };
}

/** Storage may be switched off or full; then the page just doesn't remember. */
export function recall(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

export function remember(key: string, value: unknown): void {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // See recall.
  }
}

export const APPEARANCE = 'tickertape.appearance';

/** How the window looked at the last launch, for the moment until the server has said. */
export function recallAppearance(): Appearance {
  let value: unknown;
  try {
    value = JSON.parse(recall(APPEARANCE) ?? '{}');
  } catch {
    return DEFAULT_APPEARANCE;
  }
  return isFields(value) ? toAppearance(value) : DEFAULT_APPEARANCE;
}
