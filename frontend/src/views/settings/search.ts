// Finding a setting by its words.
import type { Section } from '../../state/stored';

export interface Setting {
  /** Where it stands: the value of a data-setting. */
  id: string;
  section: Section;
  name: string;
  /** Other words for it. */
  also: string;
}

/** The settings that have each word at the beginning of one of theirs; those with all in their name come first. */
export function findSettings(all: readonly Setting[], typed: string): Setting[] {
  const wanted = split(typed);
  if (wanted.length === 0) return [];
  const has = (text: string) => {
    const words = split(text);
    return wanted.every((want) => words.some((word) => word.startsWith(want)));
  };
  const named = all.filter((setting) => has(setting.name));
  return [
    ...named,
    ...all.filter((setting) => !named.includes(setting) && has(`${setting.name} ${setting.also}`)),
  ];
}

function split(text: string): string[] {
  return text
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean);
}
