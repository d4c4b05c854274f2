import type { Translated } from './en';
export const german: Translated = {};
