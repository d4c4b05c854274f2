// Every word that the window says, in English; what the settings say is in enSettings.ts. Sentences that come from the server (causes, problems) are its own.
// `strings` is what the window reads: this, or its translation (see localised.svelte.ts). de.ts and ja.ts have the others.
import type { FeedState } from '../wire/feed';
import { englishSettings } from './enSettings';
import { localised, type Catalogue, type Translation } from './localised.svelte';

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

export const english = {
  /** For dates. */
  locale: 'en-GB',
  app: 'Tickertape',
  number: (n: number) => count.format(n),
  starting: 'Starting…',
  startFailed: 'Tickertape could not start.',
  partFailed: 'This part of the page could not be loaded. Load the page again.',
  tryAgain: 'Try again',
  dismiss: 'Dismiss',

  tabs: { label: 'Screens', tape: 'Tape', transports: 'Transports', settings: 'Settings', viewer: 'Viewer' },

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
    unreadable: 'Events came here that could not be read.',
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

  faults: {
    noAnswer: 'Tickertape’s server did not answer. Is it still running?',
    refused: (status: number) => `Tickertape’s server refused this (status ${String(status)}).`,
    unexpected: 'Something unexpected came back from Tickertape’s server.',
  },

  query: {
    label: 'Search the tape',
    placeholder: 'Search, or narrow with feed:, type:, value>…',
    brief: 'Search',
    clear: 'Clear the search',
    save: 'Save as a view',
    suggestions: 'Suggestions',
    seenIn: (n: number) => `${count.format(n)} recent`,
    count: (n: number) => (n === 1 ? '1 suggestion' : `${count.format(n)} suggestions`),
    kinds: { field: 'Field', value: 'Value', recent: 'Recent', view: 'View' },
    stays: 'The last good search stays in force.',
    noneFor: (query: string) => `Nothing found for ${query}.`,
    inContext: 'Show in context',
  },

  views: {
    label: 'Saved views',
    actions: (name: string) => `Actions for the view ${name}`,
    unread: (n: number, since: string) =>
      `${count.format(n)} new since it was last open${since === '' ? '' : ` (${since})`}`,
    saveTitle: 'Save this search as a view',
    name: 'Name',
    nameHint: 'It stands in the sidebar, with a count of what is new.',
    needName: 'Give the view a name.',
    save: 'Save view',
    rename: 'Rename',
    renameTitle: 'Rename the view',
    remove: 'Remove',
    cancel: 'Cancel',
  },

  sidebar: {
    mute: 'Mute: leave it out of the tape',
    unmute: 'Show it in the tape again',
    muted: 'Muted',
    solo: 'Show only this feed',
    unsolo: 'Show all feeds again',
    moveUp: 'Move up',
    moveDown: 'Move down',
    group: 'Put into a group…',
    groupTitle: (name: string) => `A group for ${name}`,
    groupName: 'Group',
    groupHint: 'Feeds of a group stand together. Leave it empty for none.',
    saveGroup: 'Put into the group',
    showGroup: (name: string) => `Show only the feeds of ${name}`,
    fold: (name: string) => `Fold or unfold ${name}`,
    moved: (name: string, place: number, of: number) =>
      `${name}: now ${count.format(place)} of ${count.format(of)}.`,
    never: 'No event yet',
    seconds: (n: number) => `${count.format(n)} s`,
    minutes: (n: number) => `${count.format(n)} min`,
    hours: (n: number) => `${count.format(n)} h`,
    days: (n: number) => `${count.format(n)} d`,
    ageLong: (age: string) => `The last event came ${age} ago.`,
    since: (time: string) => `Since ${time}.`,
  },

  selected: {
    label: 'Selected events',
    count: (n: number) => `${count.format(n)} selected`,
    range: 'A range selected',
    all: 'All so far selected',
    export: 'Export…',
    copy: 'Copy',
    star: 'Star',
    clear: 'Clear the selection',
    starred: (n: number) => (n === 1 ? '1 star changed.' : `${count.format(n)} stars changed.`),
    tooMany: (n: number) =>
      `Up to ${count.format(n)} events can be copied or starred at once. Export takes any number.`,
    full: (n: number) =>
      `Up to ${count.format(n)} events can be selected one by one. Shift selects a range of any length.`,
  },

  exporting: {
    title: 'Export events',
    close: 'Close',
    what: 'What',
    shown: 'What the tape shows now',
    picked: 'The selection',
    all: 'Everything',
    from: 'From',
    to: 'Up to',
    beginning: 'The beginning',
    now: 'Now',
    event: 'The chosen event',
    time: 'A time…',
    fromTime: 'From this time',
    toTime: 'Before this time',
    format: 'Format',
    formats: { ndjson: 'NDJSON', csv: 'CSV' },
    formatHints: {
      ndjson: 'One event a line, exact to the digit. Tickertape reads it back.',
      csv: 'For spreadsheets. A cell that one may take for a formula begins with an apostrophe.',
    },
    start: 'Export…',
    stop: 'Stop',
    again: 'Export more',
    running: (events: number, size: string) => `${count.format(events)} events, ${size}`,
    done: 'Saved',
    handed: 'Your browser saves the file.',
    label: 'How far the export is',
  },

  queryHelp: {
    title: 'In the query field',
    /** Each says what an example of the query language finds (views/shell/QueryHelp.svelte). */
    lines: {
      words: 'words anywhere, in any order',
      phrase: 'a phrase',
      either: 'one or the other',
      not: 'not',
      field: 'one feed; also type, key, title',
      size: 'larger, smaller; any number in JSON too',
      has: 'there is one; also key, text, value',
      is: 'starred, or not seen yet',
      since: 'by when it came; before too',
      regex: 'a regular expression',
    },
  },

  commands: {
    groups: {
      go: 'Go to',
      tape: 'Tape',
      search: 'Search',
      feeds: 'Feeds',
      look: 'Look',
      help: 'Help',
    },
    palette: 'Command palette',
    placeholder: 'What do you want to do?',
    results: 'Commands',
    none: 'No command is called like that.',
    recent: 'Recent',
    shortcuts: 'Keyboard shortcuts',
    close: 'Close',
    then: 'then',
    or: 'or',
    singleKeys: 'Single keys',
    singleKeysHint: 'Switch off if they get in the way of speech or typing.',
    goTape: 'Go to the tape',
    goTransports: 'Go to the transports',
    goSettings: 'Go to the settings',
    goFeeds: 'Set up feeds',
    goSharing: 'Set up sharing',
    goAppearance: 'Change how it looks',
    toggle: 'Pause or follow the tape',
    next: 'Next event',
    previous: 'Previous event',
    inspect: 'Open the event’s detail',
    closeDetail: 'Close the detail',
    newest: 'To the newest event',
    oldest: 'To the oldest event that is loaded',
    pickRange: 'Select a range',
    pickOne: 'Select one more event',
    pickAll: 'Select all events',
    context: 'Show the event in context',
    star: 'Star the event, or take the star away',
    search: 'Search the tape',
    clearSearch: 'Clear the search',
    export: 'Export events…',
    saveView: 'Save the search as a view',
    view: (name: string) => `View: ${name}`,
    viewN: 'The first to ninth saved view',
    allFeeds: 'Show all feeds',
    only: (name: string) => `Show only ${name}`,
    soloEvent: 'Show only the feed of this event',
    muteEvent: 'Mute the feed of this event',
    nextFeed: 'Show the next feed',
    previousFeed: 'Show the previous feed',
    addFeed: 'Add a feed',
    theme: (name: string) => `Theme: ${name}`,
    density: (name: string) => `Rows: ${name}`,
    language: (name: string) => `Language: ${name}`,
    order: (name: string) => `Order: ${name}`,
    time: (name: string) => `Time: ${name}`,
    ungroup: 'Take bursts apart',
    reconnect: 'Connect again',
  },

  says: {
    fresh: (n: number) => (n === 1 ? '1 new event.' : `${count.format(n)} new events.`),
    freshIn: (n: number, feed: string) =>
      n === 1 ? `1 new event in ${feed}.` : `${count.format(n)} new events in ${feed}.`,
    state: (feed: string, state: string, cause: string) =>
      cause === '' ? `${feed}: ${state}.` : `${feed}: ${state}. ${cause}`,
  },

  tapeView: {
    star: 'Star this event',
    unstar: 'Take the star away',
    starred: 'Starred',
    starFault: (sentence: string) => `The star could not be kept: ${sentence}`,
    late: (delay: string) => `${delay} late`,
    lateLong: (delay: string) => `This event came ${delay} after its time at the source.`,
    up: (by: string) => `up by ${by}`,
    down: (by: string) => `down by ${by}`,
    same: 'unchanged',
    burst: (n: number, span: string) =>
      span === '' ? `${count.format(n)} events` : `${count.format(n)} events in ${span}`,
    openBurst: 'Show each event of this burst',
    closeBurst: 'Put this burst together again',
    unread: 'New since you last looked',
    /** Stands where an event says nothing. */
    nothing: 'no data',
    pending: 'Loading…',
    fillFault: (sentence: string) => `These events could not be loaded. ${sentence}`,
    note: 'Note beside the star',
    notePlaceholder: 'Add a note',
    loadGap: 'Load them',
    loadingGap: 'Loading…',
    /** Stands behind the reason of a gap that can't be filled. */
    lost: 'They can’t be loaded any more.',
    options: 'View',
    optionsLong: 'How the tape is laid out',
    order: 'Order',
    orders: { arrival: 'As it came', source: 'By time at the source' },
    orderHint: 'What comes late is put where it belongs, and marked.',
    time: 'Time',
    times: { clock: 'Clock', relative: 'Ago' },
    group: 'Put bursts together',
    groupHint: 'Four or more events of one feed in a row, each within 2 s of the last, become one line.',
    readOn: 'Read on from here',
    toNow: 'Jump to now',
    showMe: 'Show me',
    starting: 'Starting…',
    welcome: 'Watch everything that is happening now.',
    welcomeHint:
      'Add a feed of your own, or let Tickertape show you prices, scores, news and logs that it invents.',
    quietHint: 'New events appear here as they come.',
    viewerHint: 'Feeds are added in the Tickertape app.',
    ago: (amount: number, unit: 's' | 'min' | 'h' | 'd') =>
      amount === 0 ? 'now' : `${String(amount)} ${unit} ago`,
    span: (amount: number, unit: 'ms' | 's' | 'min' | 'h' | 'd') => `${String(amount)} ${unit}`,
  },

  inspect: {
    parts: 'What to look at',
    tabs: { event: 'Event', page: 'Page', data: 'Data', changes: 'Changes', frame: 'Frame' },
    size: (bytes: number) =>
      bytes < 1_024
        ? `${count.format(bytes)} B`
        : bytes < 1_048_576
          ? `${few.format(bytes / 1_024)} KiB`
          : `${few.format(bytes / 1_048_576)} MiB`,
    more: 'Copy as…',
    copyCurl: 'Copy as curl',
    curlClosed: 'The front door is closed, so curl can’t reach this event.',

    timings: {
      title: 'Timings',
      source: 'At the source',
      received: 'Received',
      stored: 'Stored',
      arrived: 'Came to this page',
      shown: 'Shown',
      later: (ms: number) => {
        const sign = ms < 0 ? '−' : '+';
        const size = Math.abs(ms);
        if (size < 10) return `${sign}${few.format(size)} ms`;
        if (size < 1_000) return `${sign}${whole.format(size)} ms`;
        if (size < 120_000) return `${sign}${few.format(size / 1_000)} s`;
        if (size < 7_200_000) return `${sign}${whole.format(size / 60_000)} min`;
        return `${sign}${whole.format(size / 3_600_000)} h`;
      },
      note: 'When an event was stored and shown is known for those of this run.',
    },

    page: {
      frame: 'The event’s HTML, made safe',
      safe: 'Scripts, forms and styles are taken out.',
      blocked: (n: number) =>
        n === 1 ? '1 image is not loaded.' : `${count.format(n)} images are not loaded.`,
      loaded: (n: number) => (n === 1 ? '1 image is loaded.' : `${count.format(n)} images are loaded.`),
      show: 'Show images',
      showHint: 'Loads them from their servers, which then see your address.',
      hide: 'Block images',
      cut: 'Only the beginning is shown: the page is very long.',
      links: (n: number) => (n === 1 ? '1 link' : `${count.format(n)} links`),
      link: (n: number, text: string) => `Link ${String(n)}: ${text}`,
      confirm: 'Open this address in your browser?',
      open: 'Open in browser',
      copy: 'Copy address',
    },

    data: {
      tree: 'The event’s data',
      none: 'This event came without data.',
      loading: 'This is a large event; the rest is loading…',
      reading: 'Reading the data…',
      tooMany: 'Only the first million values are shown. Copy the data to have all of it.',
      tooLong: 'Only the beginning is shown here. Copy it to have all of it.',
      search: 'Search in the data',
      found: (at: number, n: number) =>
        at === 0 ? `${count.format(n)} found` : `${count.format(at)} of ${count.format(n)}`,
      nothing: 'Not found',
      next: 'Next place',
      previous: 'Place before',
      openAll: 'Open all',
      closeAll: 'Close all',
      members: (n: number) => (n === 1 ? '1 member' : `${count.format(n)} members`),
      elements: (n: number) => (n === 1 ? '1 element' : `${count.format(n)} elements`),
      document: 'The whole document',
      copyAll: 'Copy data',
      copyValue: 'Copy value',
      copyPath: 'Copy path',
      filter: 'Filter by this',
      useAsKey: 'Use as key',
      keyed: (feed: string) => `From now on, events of ${feed} have this as their key.`,
      keyNote: 'Key',
    },

    changes: {
      loading: 'Looking for the event before…',
      none: 'There is no event before this one to compare it with.',
      noneOfKey: (key: string) => `No event before this one has the key ${key}.`,
      ofRevision: (time: string) => `Compared with the version that it revises, of ${time}.`,
      ofKey: (time: string) => `Compared with the previous event of the same key, of ${time}.`,
      ofFeed: (time: string) => `It has no key. Compared with the previous event of this feed, of ${time}.`,
      same: 'Nothing has changed.',
      n: (n: number) => (n === 1 ? '1 field has changed.' : `${count.format(n)} fields have changed.`),
      cut: (n: number) => `More than ${count.format(n)} fields have changed; these are the first.`,
      added: 'Added',
      removed: 'Removed',
      changed: 'Changed',
      before: 'Before',
      after: 'After',
      open: 'Show that event',
    },

    frame: {
      loading: 'Asking the stream for it…',
      note: 'The frame as /event_stream sends it, byte by byte, with its line ends.',
      upstream:
        'What the feed itself sent is kept as the event’s data, as it came. The frame around that is not kept.',
      failed: 'The stream did not send this event again.',
      cut: 'Only the beginning is here: the frame is larger than 256 KiB.',
      long: 'Only the beginning is shown. Copy it to have all that was read.',
      form: 'How to show it',
      text: 'Text',
      hex: 'Bytes',
      copy: 'Copy frame',
    },
  },

  transports: {
    title: 'Transports',
    intro:
      'Four ways to get the same live events, begun together and measured here. The network in between can be made worse, for these connections alone.',
    names: { sse: 'SSE', websocket: 'WebSocket', longpoll: 'Long polling', poll: 'Polling' },
    hints: {
      sse: 'One answer that never ends (EventSource)',
      websocket: 'One connection for both directions',
      longpoll: 'Each request waits for the next event',
      poll: 'A request each so often, whether there is something or not',
    },
    start: 'Start',
    stop: 'Stop',
    running: (seconds: number) => `Measuring for ${count.format(seconds)} s`,
    idle: 'Start to see how late the events come by each of them.',
    feed: 'Events of',
    allFeeds: 'All feeds',
    load: 'Load',
    loadOff: 'Only the feeds themselves',
    loadRate: (perSecond: number) => `${count.format(perSecond)} more a second`,
    delay: 'Added delay',
    none: 'None',
    oneWay: (ms: number) => `${count.format(ms)} ms each way`,
    cuts: 'Cuts',
    never: 'Never',
    every: (seconds: number) => `Each ${few.format(seconds)} s`,
    interval: 'Polling',
    chart: 'How late the events come, over the last minute',
    chartNote: 'Median of each second, from receipt by the server to this page',
    transport: 'Transport',
    p50: 'p50',
    p50Hint: 'Half of the newest 1,000 events came within this time',
    p95: 'p95',
    p95Hint: '95 of 100 of the newest 1,000 events came within this time',
    events: 'Events',
    requests: 'Requests',
    bytes: 'Bytes',
    bytesHint: 'Both ways, with the headers of HTTP; without what TCP and IP add',
    perEvent: 'Bytes an event',
    missed: 'Missed',
    doubled: 'Doubled',
    broken: 'Broken',
    brokenHint: 'How often the connection or a request broke',
    ms: (ms: number) => {
      if (Number.isNaN(ms)) return '–';
      return ms < 10
        ? `${few.format(ms)} ms`
        : ms < 1_000
          ? `${whole.format(ms)} ms`
          : `${few.format(ms / 1_000)} s`;
    },
    whole: (n: number) => (Number.isFinite(n) ? whole.format(n) : '–'),
    times: (n: number) => few.format(n),
    seconds: (n: number) => `${few.format(n)} s`,
    verdict: {
      title: 'When to prefer which',
      wait: 'A few more seconds, and this can be told from what was measured.',
      equal: (sse: string, ws: string) =>
        `SSE and WebSocket are equally quick here: half of the events come within ${sse} and ${ws}. Take SSE where events only come to you: it is plain HTTP and resumes by itself. Take WebSocket where you have much to send as well.`,
      sseFirst: (sse: string, ws: string) =>
        `SSE is the quickest here: half of the events come within ${sse}, by WebSocket within ${ws}. It is plain HTTP and resumes by itself.`,
      wsFirst: (sse: string, ws: string) =>
        `WebSocket is the quickest here: half of the events come within ${ws}, by SSE within ${sse}. SSE is the simpler of the two, and resumes by itself.`,
      longpollNear: (late: string, times: string, requests: string) =>
        `Long polling keeps up with ${late}, for ${times} times the bytes of SSE and ${requests} requests a minute: take it where a proxy lets no stream through.`,
      longpollFar: (late: string, times: string, requests: string) =>
        `Long polling is behind with ${late}, as each answer is asked for anew, and takes ${times} times the bytes of SSE and ${requests} requests a minute: take it only where a proxy lets no stream through.`,
      poll: (interval: string, late: string, requests: string) =>
        `Polling each ${interval} is ${late} late in the middle and asks ${requests} times a minute: take it where events are rare and may be old.`,
      pollThrifty: (interval: string, late: string) =>
        `Polling each ${interval} is ${late} late in the middle, but at this rate of events it takes the fewest bytes, as it brings many at once.`,
      whole: 'Nothing was missed or doubled by any of them.',
      wholeDespiteCuts: (cuts: string) =>
        `Connections broke ${cuts} times, and nothing was missed or doubled: each reader said where it had been.`,
      lost: (name: string, missed: string, doubled: string) =>
        `By ${name}, ${missed} events were missed and ${doubled} came twice.`,
    },
  },

  // Settings > Feeds: what adds and edits a feed.

  ...englishSettings,
} as const;

/** What another language's catalogue may have. */
export type Translated = Translation<typeof english>;

export const strings: Catalogue<typeof english> = localised(english);
