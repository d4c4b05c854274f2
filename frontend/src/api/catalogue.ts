// The catalogue in the language that is spoken.
import { inLanguage } from '../strings/served.svelte';
import { translated, type Catalogue } from '../wire/catalogue';

/** What the server says of its presets, in the language that is spoken. It follows the language where it is derived. */
export function inWords(catalogue: Catalogue): Catalogue {
  return translated(catalogue, inLanguage);
}
