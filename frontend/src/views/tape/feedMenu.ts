import ArrowDown from '@lucide/svelte/icons/arrow-down';
import ArrowUp from '@lucide/svelte/icons/arrow-up';
import CirclePause from '@lucide/svelte/icons/circle-pause';
import CirclePlay from '@lucide/svelte/icons/circle-play';
import Copy from '@lucide/svelte/icons/copy';
import Eye from '@lucide/svelte/icons/eye';
import EyeOff from '@lucide/svelte/icons/eye-off';
import Folder from '@lucide/svelte/icons/folder';
import Layers from '@lucide/svelte/icons/layers';
import RotateCw from '@lucide/svelte/icons/rotate-cw';
import SlidersHorizontal from '@lucide/svelte/icons/sliders-horizontal';
import { strings } from '../../strings/en';
import type { MenuItem } from '../../ui/menu';
import { mayRetry, type Feed } from '../../wire/feed';

/** How a feed is shown now, and what the menu calls. */
export interface FeedVerbs {
  chosen: boolean;
  /** Whether it alone is shown. */
  only: boolean;
  muted: boolean;
  mayChange: boolean;
  choose: (ids: string[]) => void;
  toggle: () => void;
  mute: () => void;
  steer: (verb: 'pause' | 'resume' | 'retry') => void;
  step: (by: 1 | -1) => void;
  group: () => void;
  edit: () => void;
  copy: (url: string) => void;
}

/** What can be done with a feed from the tape. */
export function feedMenu(feed: Feed, now: FeedVerbs): MenuItem[] {
  const words = strings.feeds;
  const more = strings.sidebar;
  const { url } = feed;
  const items: MenuItem[] = [
    {
      label: now.only ? more.unsolo : more.solo,
      icon: Eye,
      onpick: () => {
        now.choose(now.only ? [] : [feed.id]);
      },
    },
    { label: now.chosen ? words.without : words.also, icon: Layers, onpick: now.toggle },
    { label: now.muted ? more.unmute : more.mute, icon: now.muted ? Eye : EyeOff, onpick: now.mute },
  ];
  if (now.mayChange) items.push(...changes(feed, now));
  if (url !== undefined) {
    items.push({
      label: words.copyUrl,
      icon: Copy,
      onpick: () => {
        now.copy(url);
      },
    });
  }
  return items;
}

function changes(feed: Feed, now: FeedVerbs): MenuItem[] {
  const words = strings.feeds;
  const steer = (verb: 'pause' | 'resume' | 'retry') => () => {
    now.steer(verb);
  };
  const step = (by: 1 | -1) => () => {
    now.step(by);
  };
  const paused = feed.state === 'paused';
  return [
    paused
      ? { label: words.resume, icon: CirclePlay, onpick: steer('resume') }
      : { label: words.pause, icon: CirclePause, onpick: steer('pause') },
    ...(mayRetry(feed) ? [{ label: words.retry, icon: RotateCw, onpick: steer('retry') }] : []),
    { label: strings.sidebar.moveUp, icon: ArrowUp, onpick: step(-1) },
    { label: strings.sidebar.moveDown, icon: ArrowDown, onpick: step(1) },
    { label: strings.sidebar.group, icon: Folder, onpick: now.group },
    { label: words.edit, icon: SlidersHorizontal, onpick: now.edit },
  ];
}
