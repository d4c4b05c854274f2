// Japanese. What the settings say is in jaSettings.ts.
import type { FeedState } from '../wire/feed';
import { japaneseSettings } from './jaSettings';
import type { Translated } from './en';

const count = new Intl.NumberFormat('ja');
const whole = new Intl.NumberFormat('ja', { maximumFractionDigits: 0 });
const few = new Intl.NumberFormat('ja', { maximumFractionDigits: 1 });

/** As they stand behind a number. */
const units = { ms: 'ミリ秒', s: '秒', min: '分', h: '時間', d: '日' };

const stateWords: Record<FeedState, string> = {
  connecting: '接続中',
  live: '受信中',
  quiet: '静か',
  stalled: '停滞',
  retrying: '再試行中',
  paused: '一時停止',
  'needs auth': '認証が必要',
  ended: '終了',
  failed: '失敗',
};

export const japanese: Translated = {
  locale: 'ja-JP',
  app: 'Tickertape',
  number: (n) => count.format(n),
  starting: '起動しています…',
  startFailed: 'Tickertape を起動できませんでした。',
  partFailed: 'ページのこの部分を読み込めませんでした。ページを再読み込みしてください。',
  tryAgain: 'もう一度試す',
  dismiss: '閉じる',

  tabs: { label: '画面', tape: 'テープ', transports: '通信方式', settings: '設定', viewer: 'ビューアー' },

  link: {
    connecting: '接続しています…',
    open: '接続しました。',
    reconnecting: '再接続しています…',
    reconnectingIn: (seconds) => `${String(seconds)} 秒後に再接続`,
    cut: '接続が切れました。',
    refused: '応答がありません。',
    silent: '40 秒間何も届いていません。',
    tryNow: '今すぐ試す',
  },

  state: (state) => stateWords[state],
  retryingIn: (seconds) => `${String(seconds)} 秒後に再試行`,
  retryingNow: '再試行しています',

  feeds: {
    label: 'フィード',
    all: 'すべてのフィード',
    rate: (perSecond) => {
      if (perSecond <= 0) return '';
      if (perSecond >= 9.5) return `${whole.format(perSecond)}/秒`;
      if (perSecond >= 0.95) return `${few.format(perSecond)}/秒`;
      return perSecond * 60 >= 0.5 ? `${whole.format(perSecond * 60)}/分` : '1/分 未満';
    },
    unread: (n) => (n > 9_999 ? '9,999+' : count.format(n)),
    unreadLong: (n) => `未読 ${count.format(n)} 件`,
    summary: (live, all) => `${count.format(all)} 件中 ${count.format(live)} 件受信中`,
    hint: 'クリックするとこのフィードだけを表示します。Ctrl を押しながらクリックすると複数選べます。',
    actions: (name) => `${name} の操作`,
    only: 'このフィードだけを表示',
    also: 'ほかのフィードと一緒に表示',
    without: '表示から外す',
    pause: '一時停止',
    resume: '再開',
    retry: '今すぐ再試行',
    edit: '設定で編集',
    copyUrl: 'URL をコピー',
    add: 'フィードを追加',
    viewerNote:
      'これはビューアーです。フィードと設定は Tickertape アプリで変更するか、次のコマンドを使ってください:',
    viewerCommand: 'tickertape feed add URL',
  },

  tape: {
    label: 'イベント',
    shown: (n) => `${count.format(n)} 件のフィード`,
    showAll: 'すべてのフィードを表示',
    follow: '追従中',
    held: '一時停止中',
    followHint: '最新のイベントに追従しています。スペースキーで表示だけが止まり、フィードは続きます。',
    heldHint: '表示は止まっていますが、フィードは続いています。スペースキーで最新のイベントに戻ります。',
    fresh: (n) => `新着 ${count.format(n)} 件`,
    toNewest: '最新へ',
    loadingOlder: '以前のイベントを読み込んでいます…',
    beginning: 'テープの先頭です。',
    noFeeds: 'フィードがまだありません。',
    noEvents: 'イベントはまだ届いていません。',
    noEventsOf: (name) => `${name} のイベントはまだありません。`,
    noEventsOfThese: 'これらのフィードのイベントはまだありません。',
    openSettings: '設定を開く',
    gap: 'ここのイベントが欠けています。',
    unreadable: '読み取れないものが届きました。',
    revised: '編集済み',
    live: (n) => `新しいイベント ${count.format(n)} 件`,
    column: { time: '時刻', feed: 'フィード', event: 'イベント', value: '値' },
  },

  inspector: {
    label: 'イベントの詳細',
    close: '閉じる',
    resize: '詳細の幅',
    fields: 'フィールド',
    data: 'データ',
    pretty: '整形',
    raw: 'そのまま',
    time: '配信元の時刻',
    received: '受信',
    feed: 'フィード',
    type: 'イベントの種類',
    id: 'ID',
    sourceId: '配信元の ID',
    key: 'キー',
    value: '値',
    severity: '重大度',
    revises: '改訂元',
    link: 'リンク',
    copyText: 'テキストをコピー',
    copyJson: 'JSON をコピー',
    copyData: 'データをコピー',
    copyId: 'ID をコピー',
    copied: 'コピーしました',
    notCopied: 'コピーできませんでした',
    loadingWhole: '大きなイベントです。残りを読み込んでいます…',
    tooLong: 'ここには冒頭だけを表示しています。全体はコピーしてください。',
    severities: { debug: 'デバッグ', info: '情報', warning: '警告', error: 'エラー', critical: '重大' },
  },

  faults: {
    noAnswer: 'Tickertape のサーバーが応答しませんでした。まだ動いていますか。',
    refused: (status) => `Tickertape のサーバーに拒否されました (状態 ${String(status)})。`,
    unexpected: 'Tickertape のサーバーから予期しない応答がありました。',
  },

  query: {
    label: 'テープを検索',
    placeholder: '検索、または feed:、type:、value> などで絞り込み',
    clear: '検索を消去',
    save: 'ビューとして保存',
    suggestions: '候補',
    seenIn: (n) => `最近 ${count.format(n)} 件`,
    count: (n) => `候補 ${count.format(n)} 件`,
    kinds: { field: 'フィールド', value: '値', recent: '最近', view: 'ビュー' },
    stays: '最後に成功した検索が有効なままです。',
    noneFor: (query) => `${query} に一致するものはありません。`,
    inContext: '前後と一緒に表示',
  },

  views: {
    label: '保存したビュー',
    actions: (name) => `ビュー ${name} の操作`,
    unread: (n, since) => `最後に開いてから${since === '' ? '' : `（${since}）`}新着 ${count.format(n)} 件`,
    saveTitle: 'この検索をビューとして保存',
    name: '名前',
    nameHint: 'サイドバーに新着件数とともに表示されます。',
    needName: 'ビューに名前を付けてください。',
    save: 'ビューを保存',
    rename: '名前を変更',
    renameTitle: 'ビューの名前を変更',
    remove: '削除',
    cancel: 'キャンセル',
  },

  sidebar: {
    mute: 'ミュート: テープに表示しない',
    unmute: 'テープに再び表示',
    muted: 'ミュート中',
    solo: 'このフィードだけを表示',
    unsolo: 'すべてのフィードを再び表示',
    moveUp: '上へ移動',
    moveDown: '下へ移動',
    group: 'グループに入れる…',
    groupTitle: (name) => `${name} のグループ`,
    groupName: 'グループ',
    groupHint: '同じグループのフィードはまとめて表示されます。空欄ならグループなしです。',
    saveGroup: 'グループに入れる',
    showGroup: (name) => `${name} のフィードだけを表示`,
    fold: (name) => `${name} を開閉`,
    moved: (name, place, of) => `${name}: ${count.format(of)} 件中 ${count.format(place)} 番目。`,
    never: 'イベントはまだありません',
    seconds: (n) => `${count.format(n)} 秒`,
    minutes: (n) => `${count.format(n)} 分`,
    hours: (n) => `${count.format(n)} 時間`,
    days: (n) => `${count.format(n)} 日`,
    ageLong: (age) => `最後のイベントは ${age}前に届きました。`,
    since: (time) => `${time} から。`,
  },

  selected: {
    label: '選択中のイベント',
    count: (n) => `${count.format(n)} 件を選択中`,
    range: '範囲を選択中',
    all: 'これまでのすべてを選択中',
    export: '書き出す…',
    copy: 'コピー',
    star: 'スターを付ける',
    clear: '選択を解除',
    starred: (n) => `${count.format(n)} 件のスターを変更しました。`,
    tooMany: (n) =>
      `一度にコピーやスターができるのは ${count.format(n)} 件までです。書き出しは何件でもできます。`,
    full: (n) =>
      `1 件ずつ選択できるのは ${count.format(n)} 件までです。Shift キーを使えば、どれだけ長い範囲でも選択できます。`,
  },

  exporting: {
    title: 'イベントを書き出す',
    close: '閉じる',
    what: '対象',
    shown: 'いまテープに表示しているもの',
    picked: '選択したイベント',
    all: 'すべて',
    from: '始まり',
    to: '終わり',
    beginning: '最初から',
    now: '現在まで',
    event: '選択したイベント',
    time: '日時を指定…',
    fromTime: 'この日時から',
    toTime: 'この日時より前',
    format: '形式',
    formats: { ndjson: 'NDJSON', csv: 'CSV' },
    formatHints: {
      ndjson: '1 行に 1 イベント。桁もそのまま残り、Tickertape で読み戻せます。',
      csv: '表計算ソフト向け。数式と見なされるセルは先頭にアポストロフィを付けます。',
    },
    start: '書き出す…',
    stop: '中止',
    again: '続けて書き出す',
    running: (events, size) => `${count.format(events)} 件、${size}`,
    done: '保存しました',
    handed: 'ブラウザーがファイルを保存します。',
    label: '書き出しの進み具合',
  },

  queryHelp: {
    title: '検索フィールドの書き方',
    lines: {
      words: '順序を問わず、すべての語',
      phrase: '語句',
      either: 'どちらか',
      not: '含まない',
      field: 'フィード。type、key、title も',
      size: '大小の比較。JSON 内の数値にも',
      has: '値がある。key、text、value も',
      is: 'スター付き、または未読',
      since: '受信時刻で。before も',
      regex: '正規表現',
    },
  },

  commands: {
    groups: { go: '移動', tape: 'テープ', search: '検索', feeds: 'フィード', look: '外観', help: 'ヘルプ' },
    palette: 'コマンドパレット',
    placeholder: '何をしますか',
    results: 'コマンド',
    none: '一致するコマンドはありません。',
    recent: '最近',
    shortcuts: 'キーボードショートカット',
    close: '閉じる',
    then: '続けて',
    or: 'または',
    singleKeys: '単独キー',
    singleKeysHint: '音声入力や文字入力の妨げになる場合はオフにしてください。',
    goTape: 'テープへ移動',
    goTransports: '通信方式へ移動',
    goSettings: '設定へ移動',
    goFeeds: 'フィードを設定',
    goSharing: '共有を設定',
    goAppearance: '外観を変更',
    toggle: 'テープを一時停止または追従',
    next: '次のイベント',
    previous: '前のイベント',
    inspect: 'イベントの詳細を開く',
    closeDetail: '詳細を閉じる',
    newest: '最新のイベントへ',
    oldest: '読み込み済みの最も古いイベントへ',
    pickRange: '範囲を選択',
    pickOne: 'イベントをもう 1 件選択',
    pickAll: 'すべてのイベントを選択',
    context: 'イベントを前後と一緒に表示',
    star: 'イベントにスターを付ける、または外す',
    search: 'テープを検索',
    clearSearch: '検索を消去',
    export: 'イベントを書き出す…',
    saveView: '検索をビューとして保存',
    view: (name) => `ビュー: ${name}`,
    viewN: '1 番目から 9 番目の保存したビュー',
    allFeeds: 'すべてのフィードを表示',
    only: (name) => `${name} だけを表示`,
    soloEvent: 'このイベントのフィードだけを表示',
    muteEvent: 'このイベントのフィードをミュート',
    nextFeed: '次のフィードを表示',
    previousFeed: '前のフィードを表示',
    addFeed: 'フィードを追加',
    theme: (name) => `テーマ: ${name}`,
    density: (name) => `行: ${name}`,
    language: (name) => `言語: ${name}`,
    reconnect: '再接続',
  },

  says: {
    fresh: (n) => `新しいイベントが ${count.format(n)} 件あります。`,
    freshIn: (n, feed) => `${feed} に新しいイベントが ${count.format(n)} 件あります。`,
    state: (feed, state, cause) => (cause === '' ? `${feed}: ${state}。` : `${feed}: ${state}。${cause}`),
  },

  tapeView: {
    star: 'このイベントにスターを付ける',
    unstar: 'スターを外す',
    starred: 'スター付き',
    starFault: (sentence) => `スターを保存できませんでした: ${sentence}`,
    late: (delay) => `${delay}遅れ`,
    lateLong: (delay) => `このイベントは、配信元の時刻から ${delay}遅れて届きました。`,
    up: (by) => `${by} 上昇`,
    down: (by) => `${by} 下落`,
    same: '変わらず',
    burst: (n, span) =>
      span === '' ? `イベント ${count.format(n)} 件` : `${span}でイベント ${count.format(n)} 件`,
    openBurst: 'まとめたイベントを 1 件ずつ表示',
    closeBurst: 'もう一度まとめる',
    unread: '前回の表示以降の新着',
    pending: '読み込み中…',
    fillFault: (sentence) => `これらのイベントを読み込めませんでした。${sentence}`,
    note: 'スターのメモ',
    notePlaceholder: 'メモを追加',
    loadGap: '読み込む',
    loadingGap: '読み込み中…',
    lost: 'もう読み込めません。',
    options: '表示',
    optionsLong: 'テープの表示方法',
    order: '並び順',
    orders: { arrival: '届いた順', source: '配信元の時刻順' },
    orderHint: '遅れて届いたイベントは、本来の位置に入り、印が付きます。',
    time: '時刻',
    times: { clock: '時刻', relative: '経過時間' },
    group: '連続するイベントをまとめる',
    groupHint: '同じフィードのイベントが 2 秒以内の間隔で 4 件以上続くと、1 行にまとまります。',
    readOn: 'ここから続きを読む',
    toNow: '現在へ移動',
    showMe: 'デモを見る',
    starting: '開始しています…',
    welcome: '今起きているすべてを見る。',
    welcomeHint:
      '自分のフィードを追加するか、Tickertape が作る架空の株価、スコア、ニュース、ログでお試しください。',
    quietHint: '新しいイベントは、届くとここに表示されます。',
    viewerHint: 'フィードは Tickertape アプリで追加します。',
    ago: (amount, unit) => (amount === 0 ? '今' : `${count.format(amount)} ${units[unit]}前`),
    span: (amount, unit) => `${count.format(amount)} ${units[unit]}`,
  },

  inspect: {
    parts: '表示するもの',
    tabs: { event: 'イベント', page: 'ページ', data: 'データ', changes: '変更', frame: 'フレーム' },
    size: (bytes) =>
      bytes < 1_024
        ? `${count.format(bytes)} B`
        : bytes < 1_048_576
          ? `${few.format(bytes / 1_024)} KiB`
          : `${few.format(bytes / 1_048_576)} MiB`,
    more: '形式を選んでコピー…',
    copyCurl: 'curl としてコピー',
    curlClosed: 'フロントドアが閉じているため、curl はこのイベントに届きません。',

    timings: {
      title: '時刻',
      source: '配信元',
      received: '受信',
      stored: '保存',
      arrived: 'このページに到着',
      shown: '表示',
      later: (ms) => {
        const sign = ms < 0 ? '−' : '+';
        const size = Math.abs(ms);
        if (size < 10) return `${sign}${few.format(size)} ミリ秒`;
        if (size < 1_000) return `${sign}${whole.format(size)} ミリ秒`;
        if (size < 120_000) return `${sign}${few.format(size / 1_000)} 秒`;
        if (size < 7_200_000) return `${sign}${whole.format(size / 60_000)} 分`;
        return `${sign}${whole.format(size / 3_600_000)} 時間`;
      },
      note: '保存と表示の時刻は、今回の起動中に届いたイベントについてだけ分かります。',
    },

    page: {
      frame: '安全にしたイベントの HTML',
      safe: 'スクリプト、フォーム、スタイルは取り除かれています。',
      blocked: (n) => `画像 ${count.format(n)} 件を読み込んでいません。`,
      loaded: (n) => `画像 ${count.format(n)} 件を読み込みました。`,
      show: '画像を表示',
      showHint: '画像のサーバーから読み込みます。サーバーにはあなたのアドレスが伝わります。',
      hide: '画像をブロック',
      cut: 'ページがとても長いため、冒頭だけを表示しています。',
      links: (n) => `リンク ${count.format(n)} 件`,
      link: (n, text) => `リンク ${String(n)}: ${text}`,
      confirm: 'このアドレスをブラウザーで開きますか。',
      open: 'ブラウザーで開く',
      copy: 'アドレスをコピー',
    },

    data: {
      tree: 'イベントのデータ',
      none: 'このイベントにはデータがありません。',
      loading: '大きなイベントです。残りを読み込んでいます…',
      reading: 'データを読んでいます…',
      tooMany: '最初の 100 万個の値だけを表示しています。全体はデータをコピーしてください。',
      tooLong: 'ここには冒頭だけを表示しています。全体はコピーしてください。',
      search: 'データ内を検索',
      found: (at, n) =>
        at === 0 ? `${count.format(n)} 件` : `${count.format(n)} 件中 ${count.format(at)} 件目`,
      nothing: '見つかりません',
      next: '次の箇所',
      previous: '前の箇所',
      openAll: 'すべて開く',
      closeAll: 'すべて閉じる',
      members: (n) => `メンバー ${count.format(n)} 個`,
      elements: (n) => `要素 ${count.format(n)} 個`,
      document: '文書全体',
      copyAll: 'データをコピー',
      copyValue: '値をコピー',
      copyPath: 'パスをコピー',
      filter: 'これで絞り込む',
      useAsKey: 'キーとして使う',
      keyed: (feed) => `これから ${feed} のイベントはこれをキーにします。`,
      keyNote: 'キー',
    },

    changes: {
      loading: '前のイベントを探しています…',
      none: '比べられる前のイベントがありません。',
      noneOfKey: (key) => `キー ${key} を持つ前のイベントはありません。`,
      ofRevision: (time) => `改訂前の版 (${time}) と比べています。`,
      ofKey: (time) => `同じキーの前のイベント (${time}) と比べています。`,
      ofFeed: (time) => `キーがありません。このフィードの前のイベント (${time}) と比べています。`,
      same: '変更はありません。',
      n: (n) => `${count.format(n)} 個のフィールドが変わりました。`,
      cut: (n) => `${count.format(n)} 個を超えるフィールドが変わりました。表示は最初の分だけです。`,
      added: '追加',
      removed: '削除',
      changed: '変更',
      before: '前',
      after: '後',
      open: 'そのイベントを表示',
    },

    frame: {
      loading: 'ストリームに問い合わせています…',
      note: '/event_stream が送るとおりのフレームです。改行も含めてバイト単位でそのままです。',
      upstream:
        'フィード自身が送ったものは、イベントのデータとして届いたまま保存されています。その外側のフレームは保存されません。',
      failed: 'ストリームはこのイベントをもう一度送りませんでした。',
      cut: 'フレームが 256 KiB を超えるため、ここには冒頭だけがあります。',
      long: '冒頭だけを表示しています。読み取った全体はコピーしてください。',
      form: '表示方法',
      text: 'テキスト',
      hex: 'バイト',
      copy: 'フレームをコピー',
    },
  },

  transports: {
    title: '通信方式',
    intro:
      '同じイベントをリアルタイムに受け取る 4 つの方式を同時に始め、ここで測ります。途中のネットワークは、これらの接続についてだけ悪くすることができます。',
    names: { sse: 'SSE', websocket: 'WebSocket', longpoll: 'ロングポーリング', poll: 'ポーリング' },
    hints: {
      sse: '終わらない 1 つの応答 (EventSource)',
      websocket: '双方向の 1 つの接続',
      longpoll: 'リクエストごとに次のイベントを待つ',
      poll: 'イベントの有無にかかわらず定期的にリクエスト',
    },
    start: '開始',
    stop: '停止',
    running: (seconds) => `${count.format(seconds)} 秒間測定中`,
    idle: '開始すると、各方式でイベントがどれだけ遅れて届くかが分かります。',
    feed: '対象のフィード',
    allFeeds: 'すべてのフィード',
    load: '負荷',
    loadOff: 'フィードのみ',
    loadRate: (perSecond) => `毎秒 ${count.format(perSecond)} 件追加`,
    delay: '追加の遅延',
    none: 'なし',
    oneWay: (ms) => `片道 ${count.format(ms)} ミリ秒`,
    cuts: '接続を切る',
    never: '切らない',
    every: (seconds) => `${few.format(seconds)} 秒ごと`,
    interval: 'ポーリング間隔',
    chart: '直近 1 分間のイベントの遅れ',
    chartNote: 'サーバーの受信からこのページに届くまでの、1 秒ごとの中央値',
    transport: '通信方式',
    p50: 'p50',
    p50Hint: '最新 1,000 件のイベントの半数が、この時間内に届きました',
    p95: 'p95',
    p95Hint: '最新 1,000 件のイベントの 95% が、この時間内に届きました',
    events: 'イベント',
    requests: 'リクエスト',
    bytes: 'バイト',
    bytesHint: '往復の合計です。HTTP ヘッダーを含み、TCP と IP の分は含みません',
    perEvent: 'バイト/イベント',
    missed: '欠落',
    doubled: '重複',
    broken: '切断',
    brokenHint: '接続またはリクエストが切れた回数',
    ms: (ms) => {
      if (Number.isNaN(ms)) return '–';
      return ms < 10
        ? `${few.format(ms)} ミリ秒`
        : ms < 1_000
          ? `${whole.format(ms)} ミリ秒`
          : `${few.format(ms / 1_000)} 秒`;
    },
    whole: (n) => (Number.isFinite(n) ? whole.format(n) : '–'),
    times: (n) => few.format(n),
    seconds: (n) => `${few.format(n)} 秒`,
    verdict: {
      title: 'どの方式を選ぶか',
      wait: 'あと数秒で、測定結果から判断できます。',
      equal: (sse, ws) =>
        `ここでは SSE と WebSocket の速さは同じくらいです。イベントの半数が届くまでの時間は、それぞれ ${sse}と ${ws}です。イベントを受け取るだけなら SSE が向いています。普通の HTTP で、自動的に続きから再開します。送るものも多いなら WebSocket が向いています。`,
      sseFirst: (sse, ws) =>
        `ここでは SSE が最も速く、イベントの半数が ${sse}以内に届きます (WebSocket では ${ws})。普通の HTTP で、自動的に続きから再開します。`,
      wsFirst: (sse, ws) =>
        `ここでは WebSocket が最も速く、イベントの半数が ${ws}以内に届きます (SSE では ${sse})。SSE のほうが単純で、自動的に続きから再開します。`,
      longpollNear: (late, times, requests) =>
        `ロングポーリングも ${late}と遜色ありませんが、SSE の ${times} 倍のバイト数と毎分 ${requests} 回のリクエストが必要です。プロキシがストリームを通さない場合に向いています。`,
      longpollFar: (late, times, requests) =>
        `ロングポーリングは応答ごとにリクエストし直すため遅れが大きく (${late})、SSE の ${times} 倍のバイト数と毎分 ${requests} 回のリクエストが必要です。プロキシがストリームを通さない場合にだけ使ってください。`,
      poll: (interval, late, requests) =>
        `${interval}ごとのポーリングは中央値で ${late}遅れ、毎分 ${requests} 回リクエストします。イベントがまれで、古くてもかまわない場合に向いています。`,
      pollThrifty: (interval, late) =>
        `${interval}ごとのポーリングは中央値で ${late}遅れますが、イベントがこれだけ多いと、一度にまとめて届くためバイト数が最も少なくなります。`,
      whole: 'どの方式でも、欠落や重複はありませんでした。',
      wholeDespiteCuts: (cuts) =>
        `接続は ${cuts} 回切れましたが、欠落や重複はありませんでした。どの読み手も、どこまで読んだかを伝えたためです。`,
      lost: (name, missed, doubled) =>
        `${name} では、${missed} 件のイベントが欠落し、${doubled} 件が重複しました。`,
    },
  },

  ...japaneseSettings,
};
