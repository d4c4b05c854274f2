// German. What the settings say is in deSettings.ts.
import type { FeedState } from '../wire/feed';
import { germanSettings } from './deSettings';
import type { Translated } from './en';

const count = new Intl.NumberFormat('de');
const whole = new Intl.NumberFormat('de', { maximumFractionDigits: 0 });
const few = new Intl.NumberFormat('de', { maximumFractionDigits: 1 });

/** As they stand behind a number. */
const units = { ms: 'ms', s: 's', min: 'min', h: 'h', d: 'T' };

const stateWords: Record<FeedState, string> = {
  connecting: 'Verbindet',
  live: 'Live',
  quiet: 'Ruhig',
  stalled: 'Stockt',
  retrying: 'Neuer Versuch',
  paused: 'Angehalten',
  'needs auth': 'Anmeldung nötig',
  ended: 'Beendet',
  failed: 'Gescheitert',
};

export const german: Translated = {
  locale: 'de-DE',
  app: 'Tickertape',
  number: (n) => count.format(n),
  starting: 'Startet …',
  startFailed: 'Tickertape konnte nicht starten.',
  partFailed: 'Dieser Teil der Seite konnte nicht geladen werden. Laden Sie die Seite neu.',
  tryAgain: 'Noch einmal versuchen',
  dismiss: 'Ausblenden',

  tabs: {
    label: 'Ansichten',
    tape: 'Band',
    transports: 'Transportwege',
    settings: 'Einstellungen',
    viewer: 'Betrachter',
  },

  link: {
    connecting: 'Verbindet …',
    open: 'Verbindung steht.',
    reconnecting: 'Verbindet neu …',
    reconnectingIn: (seconds) => `Verbindet neu in ${String(seconds)} s`,
    cut: 'Die Verbindung ist abgebrochen.',
    refused: 'Dort antwortet niemand.',
    silent: '40 s lang kam nichts.',
    tryNow: 'Jetzt versuchen',
  },

  state: (state) => stateWords[state],
  retryingIn: (seconds) => `Neuer Versuch in ${String(seconds)} s`,
  retryingNow: 'Neuer Versuch läuft',

  feeds: {
    label: 'Feeds',
    all: 'Alle Feeds',
    rate: (perSecond) => {
      if (perSecond <= 0) return '';
      if (perSecond >= 9.5) return `${whole.format(perSecond)}/s`;
      if (perSecond >= 0.95) return `${few.format(perSecond)}/s`;
      return perSecond * 60 >= 0.5 ? `${whole.format(perSecond * 60)}/min` : '< 1/min';
    },
    unread: (n) => (n > 9_999 ? '9.999+' : count.format(n)),
    unreadLong: (n) => `${count.format(n)} ungelesen`,
    summary: (live, all) => `${count.format(live)} von ${count.format(all)} live`,
    hint: 'Ein Klick zeigt nur diesen Feed, mit Strg mehrere.',
    actions: (name) => `Aktionen für ${name}`,
    only: 'Nur diesen Feed zeigen',
    also: 'Zusammen mit den anderen zeigen',
    without: 'Aus der Auswahl nehmen',
    pause: 'Anhalten',
    resume: 'Fortsetzen',
    retry: 'Jetzt neu versuchen',
    edit: 'In den Einstellungen ändern',
    copyUrl: 'Adresse kopieren',
    add: 'Feed hinzufügen',
    viewerNote: 'Dies ist ein Betrachter: Feeds und Einstellungen ändert man in der Tickertape-App oder mit',
    viewerCommand: 'tickertape feed add URL',
  },

  tape: {
    label: 'Ereignisse',
    shown: (n) => `${count.format(n)} Feeds`,
    showAll: 'Alle Feeds zeigen',
    follow: 'Folgt',
    held: 'Angehalten',
    followHint: 'Folgt dem neuesten Ereignis. Die Leertaste hält die Ansicht an; die Feeds laufen weiter.',
    heldHint:
      'Die Ansicht ist angehalten; die Feeds laufen weiter. Die Leertaste folgt wieder dem neuesten Ereignis.',
    fresh: (n) => `${count.format(n)} neu`,
    toNewest: 'Zum neuesten',
    loadingOlder: 'Frühere Ereignisse werden geladen …',
    beginning: 'Der Anfang des Bandes.',
    noFeeds: 'Noch ist kein Feed eingerichtet.',
    noEvents: 'Noch ist kein Ereignis gekommen.',
    noEventsOf: (name) => `Noch kein Ereignis von ${name}.`,
    noEventsOfThese: 'Noch kein Ereignis von diesen Feeds.',
    openSettings: 'Einstellungen öffnen',
    gap: 'Hier fehlen Ereignisse.',
    unreadable: 'Hier kamen Ereignisse, die nicht gelesen werden konnten.',
    revised: 'geändert',
    live: (n) => (n === 1 ? '1 neues Ereignis' : `${count.format(n)} neue Ereignisse`),
    column: { time: 'Zeit', feed: 'Feed', event: 'Ereignis', value: 'Wert' },
  },

  inspector: {
    label: 'Einzelheiten des Ereignisses',
    close: 'Schließen',
    resize: 'Breite der Einzelheiten',
    fields: 'Felder',
    data: 'Daten',
    pretty: 'Gegliedert',
    raw: 'Roh',
    time: 'Zeit an der Quelle',
    received: 'Empfangen',
    feed: 'Feed',
    type: 'Ereignistyp',
    id: 'Kennung',
    sourceId: 'Kennung an der Quelle',
    key: 'Schlüssel',
    value: 'Wert',
    severity: 'Schwere',
    revises: 'Ersetzt',
    link: 'Verweis',
    copyText: 'Text kopieren',
    copyJson: 'JSON kopieren',
    copyData: 'Daten kopieren',
    copyId: 'Kennung kopieren',
    copied: 'Kopiert',
    notCopied: 'Kopieren nicht möglich',
    loadingWhole: 'Dieses Ereignis ist groß; der Rest wird geladen …',
    tooLong: 'Hier steht nur der Anfang. Kopieren gibt alles.',
    severities: {
      debug: 'Fehlersuche',
      info: 'Hinweis',
      warning: 'Warnung',
      error: 'Fehler',
      critical: 'Kritisch',
    },
  },

  faults: {
    noAnswer: 'Tickertapes Server hat nicht geantwortet. Läuft er noch?',
    refused: (status) => `Tickertapes Server hat dies abgelehnt (Status ${String(status)}).`,
    unexpected: 'Von Tickertapes Server kam etwas Unerwartetes.',
  },

  query: {
    label: 'Das Band durchsuchen',
    placeholder: 'Suchen, oder eingrenzen mit feed:, type:, value>…',
    brief: 'Suchen',
    clear: 'Suche leeren',
    save: 'Als Ansicht sichern',
    suggestions: 'Vorschläge',
    seenIn: (n) => `${count.format(n)} zuletzt`,
    count: (n) => (n === 1 ? '1 Vorschlag' : `${count.format(n)} Vorschläge`),
    kinds: { field: 'Feld', value: 'Wert', recent: 'Zuletzt', view: 'Ansicht' },
    stays: 'Die letzte gültige Suche bleibt in Kraft.',
    noneFor: (query) => `Nichts gefunden für ${query}.`,
    inContext: 'Im Zusammenhang zeigen',
  },

  views: {
    label: 'Gesicherte Ansichten',
    actions: (name) => `Aktionen für die Ansicht ${name}`,
    unread: (n, since) =>
      `${count.format(n)} neu, seit sie zuletzt offen war${since === '' ? '' : ` (${since})`}`,
    saveTitle: 'Diese Suche als Ansicht sichern',
    name: 'Name',
    nameHint: 'Sie steht in der Seitenleiste, mit der Zahl dessen, was neu ist.',
    needName: 'Die Ansicht braucht einen Namen.',
    save: 'Ansicht sichern',
    rename: 'Umbenennen',
    renameTitle: 'Die Ansicht umbenennen',
    remove: 'Entfernen',
    cancel: 'Abbrechen',
  },

  sidebar: {
    mute: 'Stumm: aus dem Band lassen',
    unmute: 'Wieder im Band zeigen',
    muted: 'Stumm',
    solo: 'Nur diesen Feed zeigen',
    unsolo: 'Wieder alle Feeds zeigen',
    moveUp: 'Nach oben',
    moveDown: 'Nach unten',
    group: 'In eine Gruppe …',
    groupTitle: (name) => `Eine Gruppe für ${name}`,
    groupName: 'Gruppe',
    groupHint: 'Feeds einer Gruppe stehen beisammen. Leer lassen für keine.',
    saveGroup: 'In die Gruppe',
    showGroup: (name) => `Nur die Feeds von ${name} zeigen`,
    fold: (name) => `${name} auf- oder zuklappen`,
    moved: (name, place, of) => `${name}: jetzt ${count.format(place)} von ${count.format(of)}.`,
    never: 'Noch kein Ereignis',
    seconds: (n) => `${count.format(n)} s`,
    minutes: (n) => `${count.format(n)} min`,
    hours: (n) => `${count.format(n)} h`,
    days: (n) => `${count.format(n)} T`,
    ageLong: (age) => `Das letzte Ereignis kam vor ${age}.`,
    since: (time) => `Seit ${time}.`,
  },

  selected: {
    label: 'Ausgewählte Ereignisse',
    count: (n) => `${count.format(n)} ausgewählt`,
    range: 'Ein Bereich ausgewählt',
    all: 'Alles bis jetzt ausgewählt',
    export: 'Exportieren …',
    copy: 'Kopieren',
    star: 'Stern geben',
    clear: 'Auswahl aufheben',
    starred: (n) => (n === 1 ? '1 Stern geändert.' : `${count.format(n)} Sterne geändert.`),
    tooMany: (n) =>
      `Bis zu ${count.format(n)} Ereignisse lassen sich auf einmal kopieren oder mit Stern versehen. Exportieren geht mit beliebig vielen.`,
    full: (n) =>
      `Bis zu ${count.format(n)} Ereignisse lassen sich einzeln auswählen. Mit der Umschalttaste geht ein beliebig langer Bereich.`,
  },

  exporting: {
    title: 'Ereignisse exportieren',
    close: 'Schließen',
    what: 'Was',
    shown: 'Was das Band jetzt zeigt',
    picked: 'Die Auswahl',
    all: 'Alles',
    from: 'Von',
    to: 'Bis',
    beginning: 'Dem Anfang an',
    now: 'Jetzt',
    event: 'Dem gewählten Ereignis',
    time: 'Einer Zeit …',
    fromTime: 'Ab dieser Zeit',
    toTime: 'Vor dieser Zeit',
    format: 'Format',
    formats: { ndjson: 'NDJSON', csv: 'CSV' },
    formatHints: {
      ndjson: 'Ein Ereignis je Zeile, auf die Ziffer genau. Tickertape liest es wieder ein.',
      csv: 'Für Tabellenprogramme. Eine Zelle, die wie eine Formel aussieht, beginnt mit einem Apostroph.',
    },
    start: 'Exportieren …',
    stop: 'Anhalten',
    again: 'Mehr exportieren',
    running: (events, size) => `${count.format(events)} Ereignisse, ${size}`,
    done: 'Gespeichert',
    handed: 'Der Browser speichert die Datei.',
    label: 'Fortschritt des Exports',
  },

  queryHelp: {
    title: 'Im Suchfeld',
    lines: {
      words: 'Wörter irgendwo, in beliebiger Folge',
      phrase: 'eine Wortfolge',
      either: 'das eine oder das andere',
      not: 'nicht',
      field: 'ein Feed; auch type, key, title',
      size: 'größer, kleiner; auch jede Zahl in JSON',
      has: 'es gibt eine; auch key, text, value',
      is: 'mit Stern, oder noch ungesehen',
      since: 'nach der Zeit des Eingangs; auch before',
      regex: 'ein regulärer Ausdruck',
    },
  },

  commands: {
    groups: { go: 'Gehe zu', tape: 'Band', search: 'Suche', feeds: 'Feeds', look: 'Aussehen', help: 'Hilfe' },
    palette: 'Befehle',
    placeholder: 'Was soll geschehen?',
    results: 'Befehle',
    none: 'So heißt kein Befehl.',
    recent: 'Zuletzt',
    shortcuts: 'Tastenkürzel',
    close: 'Schließen',
    then: 'dann',
    or: 'oder',
    singleKeys: 'Einzelne Tasten',
    singleKeysHint: 'Abschalten, wenn sie beim Diktieren oder Tippen stören.',
    goTape: 'Zum Band',
    goTransports: 'Zu den Transportwegen',
    goSettings: 'Zu den Einstellungen',
    goFeeds: 'Feeds einrichten',
    goSharing: 'Freigabe einrichten',
    goAppearance: 'Aussehen ändern',
    toggle: 'Das Band anhalten oder ihm folgen',
    next: 'Nächstes Ereignis',
    previous: 'Voriges Ereignis',
    inspect: 'Einzelheiten des Ereignisses öffnen',
    closeDetail: 'Einzelheiten schließen',
    newest: 'Zum neuesten Ereignis',
    oldest: 'Zum ältesten geladenen Ereignis',
    pickRange: 'Einen Bereich auswählen',
    pickOne: 'Ein Ereignis mehr auswählen',
    pickAll: 'Alle Ereignisse auswählen',
    context: 'Ereignis im Zusammenhang zeigen',
    star: 'Dem Ereignis einen Stern geben oder nehmen',
    search: 'Das Band durchsuchen',
    clearSearch: 'Suche leeren',
    export: 'Ereignisse exportieren …',
    saveView: 'Suche als Ansicht sichern',
    view: (name) => `Ansicht: ${name}`,
    viewN: 'Die erste bis neunte gesicherte Ansicht',
    allFeeds: 'Alle Feeds zeigen',
    only: (name) => `Nur ${name} zeigen`,
    soloEvent: 'Nur den Feed dieses Ereignisses zeigen',
    muteEvent: 'Den Feed dieses Ereignisses stumm schalten',
    nextFeed: 'Den nächsten Feed zeigen',
    previousFeed: 'Den vorigen Feed zeigen',
    addFeed: 'Feed hinzufügen',
    theme: (name) => `Farbschema: ${name}`,
    density: (name) => `Zeilen: ${name}`,
    language: (name) => `Sprache: ${name}`,
    order: (name) => `Reihenfolge: ${name}`,
    time: (name) => `Zeit: ${name}`,
    ungroup: 'Häufungen auflösen',
    reconnect: 'Neu verbinden',
  },

  says: {
    fresh: (n) => (n === 1 ? '1 neues Ereignis.' : `${count.format(n)} neue Ereignisse.`),
    freshIn: (n, feed) =>
      n === 1 ? `1 neues Ereignis in ${feed}.` : `${count.format(n)} neue Ereignisse in ${feed}.`,
    state: (feed, state, cause) => (cause === '' ? `${feed}: ${state}.` : `${feed}: ${state}. ${cause}`),
  },

  tapeView: {
    star: 'Diesem Ereignis einen Stern geben',
    unstar: 'Den Stern wegnehmen',
    starred: 'Mit Stern',
    starFault: (sentence) => `Der Stern ließ sich nicht sichern: ${sentence}`,
    late: (delay) => `${delay} zu spät`,
    lateLong: (delay) => `Dieses Ereignis kam ${delay} nach seiner Zeit an der Quelle.`,
    up: (by) => `um ${by} gestiegen`,
    down: (by) => `um ${by} gefallen`,
    same: 'unverändert',
    burst: (n, span) =>
      span === '' ? `${count.format(n)} Ereignisse` : `${count.format(n)} Ereignisse in ${span}`,
    openBurst: 'Jedes Ereignis dieser Häufung zeigen',
    closeBurst: 'Diese Häufung wieder zusammenfassen',
    unread: 'Neu seit dem letzten Blick',
    nothing: 'ohne Daten',
    pending: 'Lädt …',
    fillFault: (sentence) => `Diese Ereignisse ließen sich nicht laden. ${sentence}`,
    note: 'Notiz zum Stern',
    notePlaceholder: 'Notiz hinzufügen',
    loadGap: 'Laden',
    loadingGap: 'Lädt …',
    lost: 'Sie lassen sich nicht mehr laden.',
    options: 'Ansicht',
    optionsLong: 'Wie das Band angeordnet ist',
    order: 'Reihenfolge',
    orders: { arrival: 'Wie gekommen', source: 'Nach Quellzeit' },
    orderHint: 'Was zu spät kommt, wird dort eingereiht, wo es hingehört, und markiert.',
    time: 'Zeit',
    times: { clock: 'Uhrzeit', relative: 'Wie lange her' },
    group: 'Häufungen zusammenfassen',
    groupHint:
      'Vier oder mehr Ereignisse eines Feeds hintereinander, jedes höchstens 2 s nach dem vorigen, werden zu einer Zeile.',
    readOn: 'Von hier an weiterlesen',
    toNow: 'Zum Jetzt springen',
    showMe: 'Vorführen',
    starting: 'Startet …',
    welcome: 'Alles sehen, was gerade geschieht.',
    welcomeHint:
      'Einen eigenen Feed hinzufügen oder sich von Tickertape erfundene Kurse, Spielstände, Nachrichten und Protokolle vorführen lassen.',
    quietHint: 'Neue Ereignisse erscheinen hier, sobald sie kommen.',
    viewerHint: 'Feeds werden in der Tickertape-App hinzugefügt.',
    ago: (amount, unit) => (amount === 0 ? 'jetzt' : `vor ${count.format(amount)} ${units[unit]}`),
    span: (amount, unit) => `${count.format(amount)} ${units[unit]}`,
  },

  inspect: {
    parts: 'Was gezeigt wird',
    tabs: { event: 'Ereignis', page: 'Seite', data: 'Daten', changes: 'Änderungen', frame: 'Rahmen' },
    size: (bytes) =>
      bytes < 1_024
        ? `${count.format(bytes)} B`
        : bytes < 1_048_576
          ? `${few.format(bytes / 1_024)} KiB`
          : `${few.format(bytes / 1_048_576)} MiB`,
    more: 'Kopieren als …',
    copyCurl: 'Als curl kopieren',
    curlClosed: 'Die Vordertür ist geschlossen, curl erreicht dieses Ereignis also nicht.',

    timings: {
      title: 'Zeiten',
      source: 'An der Quelle',
      received: 'Empfangen',
      stored: 'Gespeichert',
      arrived: 'Auf dieser Seite angekommen',
      shown: 'Gezeigt',
      later: (ms) => {
        const sign = ms < 0 ? '−' : '+';
        const size = Math.abs(ms);
        if (size < 10) return `${sign}${few.format(size)} ms`;
        if (size < 1_000) return `${sign}${whole.format(size)} ms`;
        if (size < 120_000) return `${sign}${few.format(size / 1_000)} s`;
        if (size < 7_200_000) return `${sign}${whole.format(size / 60_000)} min`;
        return `${sign}${whole.format(size / 3_600_000)} h`;
      },
      note: 'Wann ein Ereignis gespeichert und gezeigt wurde, ist nur für die dieses Laufs bekannt.',
    },

    page: {
      frame: 'Das HTML des Ereignisses, entschärft',
      safe: 'Skripte, Formulare und Stile sind entfernt.',
      blocked: (n) =>
        n === 1 ? '1 Bild ist nicht geladen.' : `${count.format(n)} Bilder sind nicht geladen.`,
      loaded: (n) => (n === 1 ? '1 Bild ist geladen.' : `${count.format(n)} Bilder sind geladen.`),
      show: 'Bilder zeigen',
      showHint: 'Lädt sie von ihren Servern, die dann die Adresse dieses Rechners sehen.',
      hide: 'Bilder sperren',
      cut: 'Nur der Anfang wird gezeigt: die Seite ist sehr lang.',
      links: (n) => (n === 1 ? '1 Verweis' : `${count.format(n)} Verweise`),
      link: (n, text) => `Verweis ${String(n)}: ${text}`,
      confirm: 'Diese Adresse im Browser öffnen?',
      open: 'Im Browser öffnen',
      copy: 'Adresse kopieren',
    },

    data: {
      tree: 'Die Daten des Ereignisses',
      none: 'Dieses Ereignis kam ohne Daten.',
      loading: 'Dieses Ereignis ist groß; der Rest wird geladen …',
      reading: 'Die Daten werden gelesen …',
      tooMany: 'Nur die erste Million Werte wird gezeigt. Die Daten kopieren, um alle zu haben.',
      tooLong: 'Hier steht nur der Anfang. Kopieren gibt alles.',
      search: 'In den Daten suchen',
      found: (at, n) =>
        at === 0 ? `${count.format(n)} gefunden` : `${count.format(at)} von ${count.format(n)}`,
      nothing: 'Nicht gefunden',
      next: 'Nächste Stelle',
      previous: 'Vorige Stelle',
      openAll: 'Alle aufklappen',
      closeAll: 'Alle zuklappen',
      members: (n) => (n === 1 ? '1 Feld' : `${count.format(n)} Felder`),
      elements: (n) => (n === 1 ? '1 Element' : `${count.format(n)} Elemente`),
      document: 'Das ganze Dokument',
      copyAll: 'Daten kopieren',
      copyValue: 'Wert kopieren',
      copyPath: 'Pfad kopieren',
      filter: 'Hiernach filtern',
      useAsKey: 'Als Schlüssel nehmen',
      keyed: (feed) => `Von jetzt an haben Ereignisse von ${feed} dies als Schlüssel.`,
      keyNote: 'Schlüssel',
    },

    changes: {
      loading: 'Das Ereignis davor wird gesucht …',
      none: 'Davor gibt es kein Ereignis zum Vergleichen.',
      noneOfKey: (key) => `Davor hat kein Ereignis den Schlüssel ${key}.`,
      ofRevision: (time) => `Verglichen mit der Fassung, die es ersetzt, von ${time}.`,
      ofKey: (time) => `Verglichen mit dem vorigen Ereignis desselben Schlüssels, von ${time}.`,
      ofFeed: (time) =>
        `Es hat keinen Schlüssel. Verglichen mit dem vorigen Ereignis dieses Feeds, von ${time}.`,
      same: 'Nichts hat sich geändert.',
      n: (n) => (n === 1 ? '1 Feld hat sich geändert.' : `${count.format(n)} Felder haben sich geändert.`),
      cut: (n) => `Mehr als ${count.format(n)} Felder haben sich geändert; dies sind die ersten.`,
      added: 'Neu',
      removed: 'Entfernt',
      changed: 'Geändert',
      before: 'Vorher',
      after: 'Nachher',
      open: 'Jenes Ereignis zeigen',
    },

    frame: {
      loading: 'Der Strom wird danach gefragt …',
      note: 'Der Rahmen, wie /event_stream ihn sendet, Byte für Byte, mit seinen Zeilenenden.',
      upstream:
        'Was der Feed selbst sandte, ist als Daten des Ereignisses aufbewahrt, wie es kam. Der Rahmen darum ist es nicht.',
      failed: 'Der Strom hat dieses Ereignis nicht noch einmal gesendet.',
      cut: 'Hier ist nur der Anfang: der Rahmen ist größer als 256 KiB.',
      long: 'Nur der Anfang wird gezeigt. Kopieren gibt alles, was gelesen wurde.',
      form: 'Darstellung',
      text: 'Text',
      hex: 'Bytes',
      copy: 'Rahmen kopieren',
    },
  },

  transports: {
    title: 'Transportwege',
    intro:
      'Vier Wege zu denselben Live-Ereignissen, zugleich begonnen und hier gemessen. Das Netz dazwischen lässt sich verschlechtern, nur für diese Verbindungen.',
    names: { sse: 'SSE', websocket: 'WebSocket', longpoll: 'Long Polling', poll: 'Polling' },
    hints: {
      sse: 'Eine Antwort, die nie endet (EventSource)',
      websocket: 'Eine Verbindung für beide Richtungen',
      longpoll: 'Jede Anfrage wartet auf das nächste Ereignis',
      poll: 'Regelmäßig eine Anfrage, ob es etwas gibt oder nicht',
    },
    start: 'Starten',
    stop: 'Stoppen',
    running: (seconds) => `Misst seit ${count.format(seconds)} s`,
    idle: 'Starten, um zu sehen, wie spät die Ereignisse auf jedem der Wege kommen.',
    feed: 'Ereignisse von',
    allFeeds: 'Alle Feeds',
    load: 'Last',
    loadOff: 'Nur die Feeds selbst',
    loadRate: (perSecond) => `${count.format(perSecond)} mehr je Sekunde`,
    delay: 'Zusätzliche Verzögerung',
    none: 'Keine',
    oneWay: (ms) => `${count.format(ms)} ms je Richtung`,
    cuts: 'Verbindung kappen',
    never: 'Nie',
    every: (seconds) => (seconds === 1 ? 'Jede Sekunde' : `Alle ${few.format(seconds)} s`),
    interval: 'Polling',
    chart: 'Wie spät die Ereignisse in der letzten Minute kamen',
    chartNote: 'Median jeder Sekunde, vom Empfang durch den Server bis zu dieser Seite',
    transport: 'Transportweg',
    p50: 'p50',
    p50Hint: 'Die Hälfte der neuesten 1.000 Ereignisse kam in dieser Zeit',
    p95: 'p95',
    p95Hint: '95 von 100 der neuesten 1.000 Ereignisse kamen in dieser Zeit',
    events: 'Ereignisse',
    requests: 'Anfragen',
    bytes: 'Bytes',
    bytesHint: 'In beiden Richtungen, mit den HTTP-Headern; ohne das, was TCP und IP hinzufügen',
    perEvent: 'Bytes je Ereignis',
    missed: 'Verpasst',
    doubled: 'Doppelt',
    broken: 'Abbrüche',
    brokenHint: 'Wie oft die Verbindung oder eine Anfrage abbrach',
    ms: (ms) => {
      if (Number.isNaN(ms)) return '–';
      return ms < 10
        ? `${few.format(ms)} ms`
        : ms < 1_000
          ? `${whole.format(ms)} ms`
          : `${few.format(ms / 1_000)} s`;
    },
    whole: (n) => (Number.isFinite(n) ? whole.format(n) : '–'),
    times: (n) => few.format(n),
    seconds: (n) => `${few.format(n)} s`,
    verdict: {
      title: 'Wann welcher Weg besser ist',
      wait: 'Noch ein paar Sekunden, dann lässt es sich aus dem Gemessenen sagen.',
      equal: (sse, ws) =>
        `SSE und WebSocket sind hier gleich schnell: die Hälfte der Ereignisse kommt in ${sse} und in ${ws}. SSE passt, wo Ereignisse nur ankommen: es ist einfaches HTTP und macht nach einem Abbruch von selbst weiter. WebSocket passt, wo auch viel zu senden ist.`,
      sseFirst: (sse, ws) =>
        `SSE ist hier am schnellsten: die Hälfte der Ereignisse kommt in ${sse}, über WebSocket in ${ws}. Es ist einfaches HTTP und macht nach einem Abbruch von selbst weiter.`,
      wsFirst: (sse, ws) =>
        `WebSocket ist hier am schnellsten: die Hälfte der Ereignisse kommt in ${ws}, über SSE in ${sse}. SSE ist das einfachere von beiden und macht nach einem Abbruch von selbst weiter.`,
      longpollNear: (late, times, requests) =>
        `Long Polling hält mit ${late} mit, für das ${times}-Fache der Bytes von SSE und ${requests} Anfragen je Minute: es passt, wo ein Proxy keinen Strom durchlässt.`,
      longpollFar: (late, times, requests) =>
        `Long Polling liegt mit ${late} zurück, weil jede Antwort neu angefragt wird, und braucht das ${times}-Fache der Bytes von SSE und ${requests} Anfragen je Minute: es passt nur, wo ein Proxy keinen Strom durchlässt.`,
      poll: (interval, late, requests) =>
        `Polling im Abstand von ${interval} kommt im Median ${late} zu spät und fragt ${requests}-mal je Minute: es passt, wo Ereignisse selten sind und alt sein dürfen.`,
      pollThrifty: (interval, late) =>
        `Polling im Abstand von ${interval} kommt im Median ${late} zu spät, braucht bei so vielen Ereignissen aber die wenigsten Bytes, weil es viele auf einmal bringt.`,
      whole: 'Auf keinem der Wege fehlte etwas oder kam etwas doppelt.',
      wholeDespiteCuts: (cuts) =>
        `Verbindungen brachen ${cuts}-mal ab, und doch fehlte nichts und kam nichts doppelt: jeder Leser sagte, wo er gewesen war.`,
      lost: (name, missed, doubled) => `Über ${name}: ${missed} Ereignisse verpasst, ${doubled} doppelt.`,
    },
  },

  ...germanSettings,
};
