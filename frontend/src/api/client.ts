// The REST side of the server, for both doors. Every refusal becomes an ApiError with a sentence.
import type { TapeEvent } from '../wire/event';
import { toFeed, type Feed } from '../wire/feed';
import { toCertificate, type Certificate } from '../wire/certificate';
import { toCatalogue, type Catalogue } from '../wire/catalogue';
import {
  isStep,
  parsePreview,
  parseProbeLine,
  type ProbedRaw,
  type ProbeResult,
  type ProbeStep,
} from '../wire/probe';
import { toHistory, type HistoryState, type Retention } from '../wire/history';
import { parseExportLine, type ExportTold } from '../wire/exported';
import {
  toChanges,
  toListChanges,
  toLog,
  toVersions,
  type Changes,
  type EarlierVersion,
  type ListChanges,
  type Log,
  type LogLevel,
} from '../wire/portable';
import { toFields, toList } from '../wire/read';
import {
  toNewToken,
  toSharing,
  toToken,
  type NewToken,
  type Scope,
  type SharingState,
  type Token,
} from '../wire/sharing';
import {
  toFeedSettings,
  toSettings,
  type Appearance,
  type FeedDraft,
  type FeedSettings,
  type Front,
  type Network,
  type SavedView,
  type Settings,
} from '../wire/settings';
import { strings } from '../strings/en';
import { linesOf } from './connection';
import { ApiError } from './error';
import { EventsClient } from './events';

export { ApiError, explain, sentenceOf } from './error';
export type { PageQuery } from './events';

export interface ProbeRequest {
  input: string;
  /** What is known of the feed besides. */
  with: Record<string, unknown>;
  /** The id of the feed that `with` is an edit of, for its secrets. */
  feed?: string;
  mapping?: Record<string, string>;
}

/** How an import goes on with what there is. */
export interface ImportOf {
  text: string;
  passphrase: string;
  mode: 'merge' | 'replace';
  preview: boolean;
}

export class Client extends EventsClient {
  async feeds(): Promise<Feed[]> {
    return toList(toFields(await this.askJson('GET', '/feeds')).feeds, toFeed);
  }

  async health(): Promise<void> {
    await this.ask('GET', '/healthz');
  }

  async settings(): Promise<Settings> {
    return toSettings(await this.askJson('GET', '/api/settings'));
  }

  async saveFront(front: Front): Promise<Settings> {
    return toSettings(await this.askJson('PUT', '/api/settings/front', front));
  }

  async saveNetwork(network: Network): Promise<Settings> {
    return toSettings(await this.askJson('PUT', '/api/settings/network', network));
  }

  async versions(): Promise<EarlierVersion[]> {
    return toVersions(await this.askJson('GET', '/api/settings/versions'));
  }

  /** What an earlier version would change. */
  async previewVersion(id: string): Promise<Changes> {
    return toChanges(await this.askJson('POST', '/api/settings/restore?preview=1', { id }));
  }

  async restoreVersion(id: string): Promise<Settings> {
    return toSettings(await this.askJson('POST', '/api/settings/restore', { id }));
  }

  /** The settings as a file; with a passphrase, secrets are in it, encrypted. */
  async exportSettings(passphrase: string): Promise<string> {
    if (passphrase === '') return this.ask('GET', '/api/settings/export');
    return this.ask('POST', '/api/settings/export', { passphrase });
  }

  async importSettings({ text, passphrase, mode, preview }: ImportOf): Promise<Changes> {
    const path = `/api/settings/import?mode=${mode}${preview ? '&preview=1' : ''}`;
    return toChanges(await this.askJson('POST', path, { settings: text, passphrase }));
  }

  async exportOpml(): Promise<string> {
    return this.ask('GET', '/api/opml');
  }

  /** Adds the feeds of a list that aren't there yet; with preview it only says which. */
  async importOpml(list: string, preview: boolean): Promise<ListChanges> {
    return toListChanges(await this.askJson('POST', `/api/opml${preview ? '?preview=1' : ''}`, list));
  }

  async unlockSecrets(passphrase: string): Promise<Settings> {
    return toSettings(await this.askJson('POST', '/api/secrets/unlock', { passphrase }));
  }

  /** What to send along with a report of a fault. */
  async diagnostics(): Promise<string> {
    return this.ask('GET', '/api/diagnostics');
  }

  async log(): Promise<Log> {
    return toLog(await this.askJson('GET', '/api/log'));
  }

  async saveLogLevel(level: LogLevel): Promise<Log> {
    return toLog(await this.askJson('PUT', '/api/log', { level }));
  }

  /** The certificate that a feed's server showed, where that is worth a look. */
  async certificate(feed: string): Promise<Certificate | undefined> {
    return toCertificate(toFields(await this.askJson('GET', `${feedPath(feed)}/log`)).certificate);
  }

  async saveAppearance(appearance: Appearance): Promise<Settings> {
    return toSettings(await this.askJson('PUT', '/api/settings/appearance', appearance));
  }

  async saveViews(views: readonly SavedView[]): Promise<Settings> {
    return toSettings(await this.askJson('PUT', '/api/settings/views', views));
  }

  async saveOrder(feeds: readonly string[]): Promise<Settings> {
    return toSettings(await this.askJson('PUT', '/api/settings/order', feeds));
  }

  /** A saved view was opened: its count begins anew. */
  async seeView(id: string): Promise<void> {
    await this.ask('POST', `/api/views/${encodeURIComponent(id)}/seen`);
  }

  /** at is the feed's place in the list; without it, it comes last. */
  async addFeed(draft: FeedDraft, at?: number): Promise<FeedSettings> {
    const query = at === undefined ? '' : `?at=${String(at)}`;
    return toFeedSettings(await this.askJson('POST', `/api/feeds${query}`, draft));
  }

  async changeFeed(id: string, draft: FeedDraft): Promise<FeedSettings> {
    return toFeedSettings(await this.askJson('PUT', feedPath(id), draft));
  }

  async removeFeed(id: string): Promise<void> {
    await this.ask('DELETE', feedPath(id));
  }

  async steerFeed(id: string, verb: 'pause' | 'resume' | 'retry'): Promise<Feed> {
    return toFeed(await this.askJson('POST', `${feedPath(id)}/${verb}`));
  }

  async catalogue(): Promise<Catalogue> {
    return toCatalogue(await this.askJson('GET', '/api/catalogue'));
  }

  /** Finds out what an input is; the steps are told as they are taken. An abort rejects with an AbortError. */
  async probe(
    request: ProbeRequest,
    onstep: (step: ProbeStep) => void,
    signal: AbortSignal,
  ): Promise<ProbeResult> {
    const headers = { Accept: 'application/x-ndjson' };
    const response = await this.open('POST', '/api/probe', request, headers, signal);
    for await (const line of linesOf(response)) {
      const told = parseProbeLine(line);
      if (!isStep(told)) return told;
      onstep(told);
    }
    throw new ApiError(0, strings.faults.noAnswer);
  }

  /** Where a selection is downloaded: at the front door. */
  exportUrl(selection: string): string {
    return `${this.base}/export?${selection}`;
  }

  /** The events of a selection, one a line. */
  exported(selection: string): Promise<string> {
    return this.ask('GET', `/export?${selection}`);
  }

  /** Lets the server write a selection to a chosen file. Rejects with a sentence; an abort cancels it. */
  async saveExport(
    ticket: string,
    select: string,
    onprogress: (told: ExportTold & { kind: 'progress' }) => void,
    signal: AbortSignal,
  ): Promise<ExportTold & { kind: 'done' }> {
    const response = await this.open('POST', '/api/exports', { file: ticket, select }, {}, signal);
    for await (const line of linesOf(response)) {
      const told = parseExportLine(line);
      if (told.kind === 'done') return told;
      if (told.kind === 'failed') throw new ApiError(0, told.sentence);
      onprogress(told);
    }
    throw new ApiError(0, strings.faults.noAnswer);
  }

  /** What a mapping makes of events as they came. */
  async previewMapping(mapping: Record<string, string>, events: readonly ProbedRaw[]): Promise<TapeEvent[]> {
    return parsePreview(await this.ask('POST', '/api/mapping/preview', { mapping, events }));
  }

  async sharing(): Promise<SharingState> {
    return toSharing(await this.askJson('GET', '/api/sharing'));
  }

  async history(): Promise<HistoryState> {
    return toHistory(await this.askJson('GET', '/api/history'));
  }

  async saveHistory(history: Retention): Promise<Settings> {
    return toSettings(await this.askJson('PUT', '/api/settings/history', history));
  }

  /** Clears a feed's history. restoreHistory brings it back, for a while. */
  async clearHistory(feed: string): Promise<void> {
    await this.ask('DELETE', `${feedPath(feed)}/events`);
  }

  async restoreHistory(feed: string): Promise<void> {
    await this.ask('POST', `${feedPath(feed)}/events/restore`);
  }

  async tokens(): Promise<Token[]> {
    return toList(toFields(await this.askJson('GET', '/api/tokens')).tokens, toToken);
  }

  async createToken(name: string, scope: Scope): Promise<NewToken> {
    return toNewToken(await this.askJson('POST', '/api/tokens', { name, scope }));
  }

  async revokeToken(id: string): Promise<void> {
    await this.ask('DELETE', `/api/tokens/${encodeURIComponent(id)}`);
  }
}

function feedPath(id: string): string {
  return `/api/feeds/${encodeURIComponent(id)}`;
}
