// Every word that the window says. Sentences that come from the server (causes, problems) are its own.
import type { FeedState } from '../wire/feed';

const count = new Intl.NumberFormat('en');
const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const few = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });

const stateWords: Record<FeedState, string> = {
  connecting: 'Connecting',
  live: 'Live',
  quiet: 'Quiet',
  stalled: 'Stalled',
  retrying: 'Retrying',
  paused: 'Paused',
  'needs auth': 'Needs sign-in',
  ended: 'Ended',
  failed: 'Failed',
};

export const strings = {
  app: 'Tickertape',
  number: (n: number) => count.format(n),
  starting: 'Starting…',
  startFailed: 'Tickertape could not start.',
  tryAgain: 'Try again',
  dismiss: 'Dismiss',

  tabs: { label: 'Screens', tape: 'Tape', settings: 'Settings', viewer: 'Viewer' },

  link: {
    connecting: 'Connecting…',
    open: 'Connection established.',
    reconnecting: 'Reconnecting…',
    reconnectingIn: (seconds: number) => `Reconnecting in ${String(seconds)} s`,
    cut: 'The connection was cut.',
    refused: 'Nothing answers there.',
    silent: 'Nothing came for 40 s.',
    tryNow: 'Try now',
  },

  state: (state: FeedState) => stateWords[state],
  retryingIn: (seconds: number) => `Retrying in ${String(seconds)} s`,
  retryingNow: 'Retrying now',

  feeds: {
    label: 'Feeds',
    all: 'All feeds',
    rate: (perSecond: number) => {
      if (perSecond <= 0) return '';
      if (perSecond >= 9.5) return `${whole.format(perSecond)}/s`;
      if (perSecond >= 0.95) return `${few.format(perSecond)}/s`;
      return perSecond * 60 >= 0.5 ? `${whole.format(perSecond * 60)}/min` : '< 1/min';
    },
    unread: (n: number) => (n > 9_999 ? '9,999+' : count.format(n)),
    unreadLong: (n: number) => `${count.format(n)} unread`,
    summary: (live: number, all: number) => `${count.format(live)} of ${count.format(all)} live`,
    hint: 'Click to show only this feed. Ctrl-click to show several.',
    actions: (name: string) => `Actions for ${name}`,
    only: 'Show only this feed',
    also: 'Show together with the others',
    without: 'Take out of what is shown',
    pause: 'Pause',
    resume: 'Resume',
    retry: 'Retry now',
    edit: 'Edit in Settings',
    copyUrl: 'Copy its URL',
    add: 'Add a feed',
    viewerNote: 'This is a viewer: feeds and settings are changed in the Tickertape app, or with',
    viewerCommand: 'tickertape feed add URL',
  },

  tape: {
    label: 'Events',
    shown: (n: number) => `${count.format(n)} feeds`,
    showAll: 'Show all feeds',
    follow: 'Following',
    held: 'Paused',
    followHint: 'Following the newest event. Space pauses the view; the feeds go on.',
    heldHint: 'The view is paused; the feeds go on. Space follows the newest event again.',
    fresh: (n: number) => `${count.format(n)} new`,
    toNewest: 'To the newest',
    loadingOlder: 'Loading earlier events…',
    beginning: 'The beginning of the tape.',
    noFeeds: 'No feed is set up yet.',
    noEvents: 'No event has come yet.',
    noEventsOf: (name: string) => `No event from ${name} yet.`,
    noEventsOfThese: 'No event from these feeds yet.',
    openSettings: 'Open Settings',
    gap: 'Events are missing here.',
    unreadable: 'Something came here that could not be read.',
    revised: 'edited',
    live: (n: number) => (n === 1 ? '1 new event' : `${count.format(n)} new events`),
    column: { time: 'Time', feed: 'Feed', event: 'Event', value: 'Value' },
  },

  inspector: {
    label: 'Event detail',
    close: 'Close',
    resize: 'Width of the detail',
    fields: 'Fields',
    data: 'Data',
    pretty: 'Formatted',
    raw: 'Raw',
    time: 'Time at the source',
    received: 'Received',
    feed: 'Feed',
    type: 'Event type',
    id: 'Id',
    sourceId: 'Id at the source',
    key: 'Key',
    value: 'Value',
    severity: 'Severity',
    revises: 'Revises',
    link: 'Link',
    copyText: 'Copy text',
    copyJson: 'Copy JSON',
    copyData: 'Copy data',
    copyId: 'Copy id',
    copied: 'Copied',
    notCopied: 'Could not copy',
    loadingWhole: 'This is a large event; the rest is loading…',
    tooLong: 'Only the beginning is laid out here. Copy it to have all of it.',
    severities: { debug: 'Debug', info: 'Info', warning: 'Warning', error: 'Error', critical: 'Critical' },
  },

  settings: {
    sections: { feeds: 'Feeds', sharing: 'Sharing', appearance: 'Appearance', about: 'About' },
    loading: 'Reading the settings…',
    save: 'Save',
    cancel: 'Cancel',
    saving: 'Saving…',
    copy: 'Copy',

    feeds: {
      title: 'Feeds',
      intro:
        'Paste the address of an event stream (SSE). Its events appear in the tape as soon as it answers.',
      url: 'URL',
      urlHint: 'https://example.com/events',
      name: 'Name',
      nameHint: 'From the address',
      add: 'Add feed',
      adding: 'Adding…',
      needUrl: 'Paste the address of the stream, such as https://example.com/events.',
      badUrl: 'This is not a web address. It should look like https://example.com/events.',
      none: 'No feed is set up yet. Paste an address above to add the first one.',
      builtIn: 'Built in: tells the time of the server.',
      published: 'Takes what other programs publish to it.',
      edit: 'Edit',
      remove: 'Remove',
      removed: (name: string) => `${name} was removed. Its history stays.`,
      undo: 'Undo',
      color: 'Colour',
      colorN: (n: number) => `Colour ${String(n)}`,
      interval: 'Interval',
      intervalHint: 'Such as 2s, 500ms or 1m.',
      received: (n: number) => `${count.format(n)} received`,
      duplicates: (n: number) => `${count.format(n)} received before`,
      bad: (n: number) => `${count.format(n)} unreadable`,
    },

    sharing: {
      title: 'Sharing',
      intro:
        'The front door gives the same stream to other programs on this computer: browsers, scripts, curl. They can read, and change nothing.',
      enabled: 'Front door',
      enabledHint: 'Serve the stream to programs on this computer',
      address: 'Address',
      listen: 'Listen on',
      port: 'Port',
      portHint: 'Between 1 and 65535. The next free one is used when it is taken.',
      badPort: 'A port is a whole number between 1 and 65535.',
      open: 'Open',
      closed: 'Closed',
      failed: 'Not open',
      closedNote: 'The front door is closed: other programs can’t read the stream.',
      openInBrowser: 'Open in browser',
      snippets: 'Read it from a program',
      javascript: 'JavaScript',
      python: 'Python',
      curl: 'curl',
    },

    appearance: {
      title: 'Appearance',
      theme: 'Theme',
      themes: { system: 'System', light: 'Light', dark: 'Dark' },
      density: 'Rows',
      densities: { comfortable: 'Comfortable', compact: 'Compact' },
      densityHint: 'Height of the rows in the tape.',
    },

    about: {
      title: 'About',
      tagline: 'A window on everything that is happening now.',
      version: 'Version',
      dataDir: 'Data folder',
      door: 'Front door',
    },
  },

  faults: {
    noAnswer: 'Tickertape’s server did not answer. Is it still running?',
    refused: (status: number) => `Tickertape’s server refused this (status ${String(status)}).`,
    unexpected: 'Something unexpected came back from Tickertape’s server.',
  },
} as const;
