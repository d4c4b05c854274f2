// What the page remembers by itself, in localStorage: how it was looked at, never what was seen.

import { isFields } from '../wire/read';
import { DEFAULT_APPEARANCE, toAppearance, type Appearance } from '../wire/settings';

/** The sections of Settings, in the order to show them. */
export const SECTIONS = [
  'feeds',
  'catalogue',
  'sharing',
  'network',
  'history',
  'backup',
  'appearance',
  'shortcuts',
  'advanced',
  'about',
] as const;
export type Section = (typeof SECTIONS)[number];

export interface ViewMemory {
  tab: 'tape' | 'transports' | 'settings';
  section: Section;
  /** Ids of the chosen feeds; empty is all. */
  feeds: string[];
  inspectorWidth: number;
  /** Ids of feeds that are left out while all are shown. */
  muted: string[];
  /** Groups in the list of feeds that are folded. */
  folded: string[];
  /** Whether single keys are shortcuts. */
  singleKeys: boolean;
}

export const FIRST_VIEW: ViewMemory = {
  tab: 'tape',
  section: 'feeds',
  feeds: [],
  inspectorWidth: 380,
  muted: [],
  folded: [],
  singleKeys: true,
};

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
  const width: unknown = found.get('inspectorWidth');
  return {
    tab: TABS.find((tab) => tab === found.get('tab')) ?? FIRST_VIEW.tab,
    section: SECTIONS.find((section) => section === found.get('section')) ?? FIRST_VIEW.section,
    feeds: texts(found.get('feeds')),
    muted: texts(found.get('muted')),
    folded: texts(found.get('folded')),
    singleKeys: found.get('singleKeys') !== false,
    inspectorWidth:
      typeof width === 'number' && width >= 280 && width <= 900 ? width : FIRST_VIEW.inspectorWidth,
  };
}

/** A list of texts that was remembered. */
export function readTexts(raw: string | null): string[] {
  try {
    return texts(JSON.parse(raw ?? '[]'));
  } catch {
    return [];
  }
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
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
