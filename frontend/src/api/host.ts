// Where the page lives: in the app's window, with a private door and a key, or in a plain browser at the front door.
// The only file that knows the generated bindings.
import { ChooseFile, Door, OpenLink, OpenText, PickFile, Ready, SaveText } from '../../wailsjs/go/main/App';
import { askForFile, download } from './files';
import { isFields, needText, text } from '../wire/read';

export interface Host {
  kind: 'window' | 'viewer';
  /** The server's address without a slash at the end; empty when it is where the page came from. */
  base: string;
  key: string;
  version: string;
  /** Opens an http or https address outside of this page. */
  openLink(url: string): void;
  /** Asks where to save a file; undefined when nowhere. Absent in a browser, which downloads files by itself. */
  chooseFile?: (name: string) => Promise<ChosenFile | undefined>;
  /** Lets the browser save what is at an address of this page's server. */
  download(url: string, name: string): void;
  /** Tells that the first event is on screen. Only the first call counts. */
  ready(): void;
  /** Asks where to, and saves; false when somebody thought better of it. */
  saveText(name: string, content: string): Promise<boolean>;
  /** Asks for a file, those with an extension (`.opml`) first, and reads it; undefined for none. */
  openText(extension: string): Promise<OpenedFile | undefined>;
  /** Asks for a file of certificates or keys: its path in the window, its text elsewhere; empty for none. */
  pickPem(): Promise<string>;
}

export interface OpenedFile {
  name: string;
  text: string;
}

/** A file to write to, by the ticket that the server knows it by. */
export interface ChosenFile {
  path: string;
  ticket: string;
}

/** Waits until the engine is up. Rejects with an Error whose message is a sentence. */
export async function findHost(): Promise<Host> {
  return insideWindow() ? windowHost() : viewerHost();
}

export function insideWindow(): boolean {
  return 'go' in window && 'runtime' in window;
}

async function windowHost(): Promise<Host> {
  const answer: unknown = await spoken(Door());
  if (!isFields(answer)) throw new Error('The app gave the window no address.');
  let told = false;
  return {
    kind: 'window',
    base: needText(answer, 'url').replace(/\/$/, ''),
    key: needText(answer, 'key'),
    version: text(answer, 'version') ?? '',
    openLink: (url) => {
      if (isWebLink(url)) OpenLink(url).catch(reportFault);
    },
    chooseFile,
    download: () => undefined,
    ready: () => {
      if (told) return;
      told = true;
      Ready().catch(reportFault);
    },
    saveText: (name, content) => spoken(SaveText(name, content)),
    openText: async (extension) => {
      const file: unknown = await spoken(OpenText(extension));
      if (!isFields(file) || file.name === '') return undefined;
      return { name: text(file, 'name') ?? '', text: text(file, 'text') ?? '' };
    },
    pickPem: () => spoken(PickFile()),
  };
}

/** Wails rejects with the Go error's text, not with an Error. */
async function spoken<T>(coming: Promise<T>): Promise<T> {
  try {
    return await coming;
  } catch (error) {
    throw error instanceof Error ? error : new Error(String(error));
  }
}

function viewerHost(): Host {
  return {
    kind: 'viewer',
    base: '',
    key: '',
    version: '',
    openLink: (url) => {
      if (isWebLink(url)) window.open(url, '_blank', 'noopener,noreferrer');
    },
    download: (url, name) => {
      const link = document.createElement('a');
      link.href = url;
      link.download = name;
      link.click();
    },
    ready: () => undefined,
    saveText: (name, content) => Promise.resolve(download(name, content)),
    openText: askForFile,
    pickPem: async () => (await askForFile())?.text ?? '',
  };
}

async function chooseFile(name: string): Promise<ChosenFile | undefined> {
  let answer: unknown;
  try {
    answer = await ChooseFile(name);
  } catch (error) {
    throw error instanceof Error ? error : new Error(String(error));
  }
  const fields = isFields(answer) ? answer : {};
  const [path, ticket] = [text(fields, 'path') ?? '', text(fields, 'ticket') ?? ''];
  return ticket === '' ? undefined : { path, ticket };
}

/** Feeds are outsiders: nothing of theirs but a web address is ever opened. */
export function isWebLink(url: string): boolean {
  try {
    return ['http:', 'https:'].includes(new URL(url).protocol);
  } catch {
    return false;
  }
}

function reportFault(error: unknown): void {
  console.error(error);
}
