import CirclePause from '@lucide/svelte/icons/circle-pause';
import CirclePlay from '@lucide/svelte/icons/circle-play';
import Copy from '@lucide/svelte/icons/copy';
import Eye from '@lucide/svelte/icons/eye';
import Layers from '@lucide/svelte/icons/layers';
import RotateCw from '@lucide/svelte/icons/rotate-cw';
import SlidersHorizontal from '@lucide/svelte/icons/sliders-horizontal';
import { strings } from '../../strings/en';
import type { MenuItem } from '../../ui/menu';
import { mayRetry, type Feed } from '../../wire/feed';

export interface FeedVerbs {
  only: () => void;
  toggle: () => void;
  steer: (verb: 'pause' | 'resume' | 'retry') => void;
  edit: () => void;
  copy: (url: string) => void;
}

/** What can be done with a feed from the tape. */
export function feedMenu(feed: Feed, chosen: boolean, mayChange: boolean, verbs: FeedVerbs): MenuItem[] {
  const words = strings.feeds;
  const { state, url } = feed;
  const items: MenuItem[] = [
    { label: words.only, icon: Eye, onpick: verbs.only },
    { label: chosen ? words.without : words.also, icon: Layers, onpick: verbs.toggle },
  ];
  if (mayChange) {
    items.push(
      state === 'paused'
        ? {
            label: words.resume,
            icon: CirclePlay,
            onpick: () => {
              verbs.steer('resume');
            },
          }
        : {
            label: words.pause,
            icon: CirclePause,
            onpick: () => {
              verbs.steer('pause');
            },
          },
    );
    if (mayRetry(feed)) {
      items.push({
        label: words.retry,
        icon: RotateCw,
        onpick: () => {
          verbs.steer('retry');
        },
      });
    }
    items.push({ label: words.edit, icon: SlidersHorizontal, onpick: verbs.edit });
  }
  if (url !== undefined) {
    items.push({
      label: words.copyUrl,
      icon: Copy,
      onpick: () => {
        verbs.copy(url);
      },
    });
  }
  return items;
}
