import './styles/base.css';
import { mount, unmount } from 'svelte';
import App from './App.svelte';
import { findHost } from './api/host';
import { Session } from './state/session.svelte';
import { recallAppearance } from './state/stored';
import { strings } from './strings/en';
import StartFailed from './views/shell/StartFailed.svelte';

// Before anything is drawn, so that the window doesn't begin in the wrong theme.
document.documentElement.dataset.theme = recallAppearance().theme;

const target = document.getElementById('app');
if (target !== null) void start(target); // it shows its own failure

async function start(target: HTMLElement): Promise<void> {
  try {
    const session = new Session(await findHost());
    // Before the page is drawn: events are on their way meanwhile.
    session.start();
    mount(App, { target, props: { session } });
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
