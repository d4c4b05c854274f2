// Which language the window speaks. Catalogues other than English are loaded when they are wanted.
import { LANGUAGES, type Language } from '../wire/settings';
import { speak } from './localised.svelte';
import { speakServed } from './served.svelte';

const load = {
  de: async () => ({
    own: (await import('./de')).german,
    served: (await import('./served.de.json')).default,
  }),
  ja: async () => ({
    own: (await import('./ja')).japanese,
    served: (await import('./served.ja.json')).default,
  }),
};

/** The language of a choice: for `system`, the first of the system's that there is a catalogue of. */
export function languageOf(choice: Language, system: readonly string[]): Exclude<Language, 'system'> {
  if (choice !== 'system') return choice;
  for (const tag of system) {
    const found = LANGUAGES.find((known) => known !== 'system' && known === tag.toLowerCase().split('-')[0]);
    if (found !== undefined && found !== 'system') return found;
  }
  return 'en';
}

let wanted = '';

/** Speaks the language from the moment its catalogue is there. */
export async function setLanguage(choice: Language): Promise<void> {
  const language = languageOf(choice, navigator.languages);
  if (language === wanted) return;
  wanted = language;
  const translation = language === 'en' ? undefined : await load[language]();
  if (wanted !== language) return; // another one was chosen meanwhile
  document.documentElement.lang = language;
  speak(translation?.own);
  speakServed(translation?.served);
}
