import './styles/base.css';
import { mount, unmount } from 'svelte';
import App from './App.svelte';
import { findHost } from './api/host';
import { Session } from './state/session.svelte';
import { recallAppearance } from './state/stored';
import { strings } from './strings/en';
import { setLanguage } from './strings/language';
import { showTheme } from './ui/theme';
import StartFailed from './views/shell/StartFailed.svelte';

// Before anything is drawn, so that the window doesn't begin in the wrong theme or language.
const { theme, language } = recallAppearance();
showTheme(theme, matchMedia('(prefers-contrast: more)').matches);
const spoken = setLanguage(language).catch((error: unknown) => {
  console.error(error); // it speaks English then
});

/** How long the page waits for its first events before it shows itself without. */
const FIRST_EVENTS_MS = 100;

const target = document.getElementById('app');
if (target !== null) void start(target); // it shows its own failure

async function start(target: HTMLElement): Promise<void> {
  try {
    const session = new Session(await findHost());
    const begun = session.start();
    await spoken;
    // The first events take about as long as drawing does: with them, the page is drawn once and not twice.
    await Promise.race([begun, new Promise((resolve) => setTimeout(resolve, FIRST_EVENTS_MS))]);
    mount(App, { target, props: { session } });
    session.load();
  } catch (error) {
    const sentence = error instanceof Error && error.message !== '' ? error.message : strings.startFailed;
    const failed = mount(StartFailed, {
      target,
      props: {
        sentence,
        onagain: () => {
          void unmount(failed).then(() => start(target));
        },
      },
    });
  }
}
