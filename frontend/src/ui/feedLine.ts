import { strings } from '../strings/en';
import { inLanguage } from '../strings/served.svelte';
import type { Feed } from '../wire/feed';
import { moment, secondsUntil } from './time';

export interface FeedLine {
  /** The state in words, with its countdown. */
  state: string;
  rate: string;
  /** Why it isn't fine. */
  cause: string;
}

/** What is said about a feed under its name. */
export function feedLine(feed: Feed, now: number): FeedLine {
  const fine = feed.state === 'live' || feed.state === 'quiet' || feed.state === 'connecting';
  return {
    state: stateWords(feed, now),
    rate: fine ? strings.feeds.rate(feed.rate) : '',
    cause: feed.state === 'live' ? '' : inLanguage(feed.cause ?? ''),
  };
}

function stateWords(feed: Feed, now: number): string {
  if (feed.state !== 'retrying') return strings.state(feed.state);
  const next = moment(feed.nextAttempt);
  if (Number.isNaN(next)) return strings.state('retrying');
  const seconds = secondsUntil(next, now);
  return seconds === 0 ? strings.retryingNow : strings.retryingIn(seconds);
}
