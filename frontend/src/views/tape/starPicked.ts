import { MOST_AT_ONCE } from '../../state/picked.svelte';
import type { Session } from '../../state/session.svelte';
import { strings } from '../../strings/en';

/** Stars the selected events, or takes their stars away, and says so. */
export async function starPicked({ picked, announcer }: Session): Promise<void> {
  const words = strings.selected;
  announcer.say(picked.few ? words.starred(await picked.star()) : words.tooMany(MOST_AT_ONCE));
}
