// The catalogue of known feeds, as GET /api/catalogue has it.
import { isFields, needText, text, toFields, toList, type Fields } from './read';

export interface Topic {
  id: string;
  name: string;
}

/** What a feed wants from those who read it. */
export interface PresetKey {
  /** What the service calls it. */
  name: string;
  /** The page where people get one. */
  where: string;
  how: string;
}

export interface Preset {
  id: string;
  name: string;
  topic: string;
  /** A sentence. */
  shows: string;
  /** Other words by which a search finds it. */
  also: string;
  homepage: string;
  terms: string;
  key?: PresetKey;
  kind: string;
  url: string;
  /** The feed's settings. */
  feed: Fields;
  mapping: Fields;
}

export interface Catalogue {
  topics: Topic[];
  presets: Preset[];
}

export function toCatalogue(value: unknown): Catalogue {
  const fields = toFields(value);
  return {
    topics: toList(fields.topics, (item) => {
      const topic = toFields(item);
      return { id: needText(topic, 'id'), name: text(topic, 'name') ?? needText(topic, 'id') };
    }),
    presets: toList(fields.presets, toPreset),
  };
}

function toPreset(value: unknown): Preset {
  const fields = toFields(value);
  const feed = toFields(fields.feed);
  const preset: Preset = {
    id: needText(fields, 'id'),
    name: needText(fields, 'name'),
    topic: text(fields, 'topic') ?? '',
    shows: text(fields, 'shows') ?? '',
    also: '',
    homepage: text(fields, 'homepage') ?? '',
    terms: text(fields, 'terms') ?? '',
    kind: text(feed, 'kind') ?? '',
    url: text(feed, 'url') ?? '',
    feed,
    mapping: isFields(fields.mapping) ? fields.mapping : {},
  };
  if (isFields(fields.key)) {
    preset.key = {
      name: text(fields.key, 'name') ?? '',
      where: text(fields.key, 'where') ?? '',
      how: text(fields.key, 'how') ?? '',
    };
  }
  return preset;
}

/** The catalogue in another language; a search finds its presets by the English words as well. */
export function translated(catalogue: Catalogue, say: (sentence: string) => string): Catalogue {
  return {
    ...catalogue,
    presets: catalogue.presets.map((preset) => ({
      ...preset,
      name: say(preset.name),
      shows: say(preset.shows),
      also: `${preset.name} ${preset.shows}`,
      terms: say(preset.terms),
      ...(preset.key === undefined ? {} : { key: { ...preset.key, name: say(preset.key.name) } }),
    })),
  };
}

/**
 * The presets that have each word of the text somewhere in their name, topic, kind, description or URL; those with all
 * in the name come first. Without a word all of them.
 */
export function searchCatalogue(catalogue: Catalogue, typed: string): Preset[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const topics = new Map(catalogue.topics.map((topic) => [topic.id, topic.name]));
  const hasAll = (hay: string) => words.every((word) => hay.toLowerCase().includes(word));
  const named = catalogue.presets.filter((p) => hasAll(`${p.name} ${p.id}`));
  const rest = catalogue.presets.filter(
    (p) =>
      !named.includes(p) &&
      hasAll(
        `${p.name} ${p.id} ${p.topic} ${topics.get(p.topic) ?? ''} ${p.shows} ${p.also} ${p.kind} ${p.url}`,
      ),
  );
  return [...named, ...rest];
}
