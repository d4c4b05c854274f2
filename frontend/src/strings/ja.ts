import type { Translated } from './en';
export const japanese: Translated = {};
