import type { Density, Theme } from '../wire/settings';

/** Draws the page in a theme. wanted says whether the system asks for more contrast, which `system` follows. */
export function showTheme(theme: Theme, wanted: boolean): void {
  const { dataset } = document.documentElement;
  dataset.theme = theme;
  if (theme === 'contrast' || (theme === 'system' && wanted)) dataset.contrast = 'more';
  else delete dataset.contrast;
}

/** How densely rows stand. */
export function showDensity(density: Density): void {
  document.documentElement.dataset.density = density;
}
