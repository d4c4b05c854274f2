// A document in a frame of the page that is a part of it: drawn by the page's script, with its styles, theme and language.

import { stylesFor } from './styles';

type View = Window & typeof globalThis;

/** Makes the frame's empty document a part of the page. Returns what ends that. */
export function join(frame: HTMLIFrameElement, inner: Document, view: View): () => void {
  write(inner);
  inner.adoptedStyleSheets = [stylesFor(view)];
  const changes = new MutationObserver(() => {
    follow(inner.documentElement);
  });
  changes.observe(document.documentElement, { attributes: true });
  follow(inner.documentElement);
  passAll(view, frame);
  // The focus that comes back to the frame, as after a dialogue, has left what had it in there.
  view.addEventListener('focus', () => {
    if (inner.activeElement === inner.body) inner.querySelector<HTMLElement>('[tabindex="0"]')?.focus();
  });
  return () => {
    changes.disconnect();
  };
}

/** A frame begins with a document in quirks mode, and only a text that is written has a doctype without being loaded. */
function write(inner: Document): void {
  inner.open();
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- see above
  inner.write('<!doctype html>');
  inner.close();
}

/** Theme, contrast, density and language are said at the page's root. */
function follow(root: HTMLElement): void {
  for (const { name } of [...root.attributes]) root.removeAttribute(name);
  for (const { name, value } of document.documentElement.attributes) root.setAttribute(name, value);
  root.dataset.inner = '';
}

/** What happens in the document and is the page's to answer: shortcuts, a menu to close, an address or a file for it. */
function passAll(view: View, frame: HTMLIFrameElement): void {
  pass(view, frame, 'keydown', (event) => {
    // Space and Enter on a button are the button's.
    const button = view.document.activeElement?.closest('button, a') ?? null;
    const pressed = button !== null && (event.key === ' ' || event.key === 'Enter');
    // WebKit moves the focus for a copy of Tab as well, and what comes next would be passed over. With Shift it has no name.
    const tab = event.key === 'Tab' || event.code === 'Tab';
    return pressed || tab ? undefined : new KeyboardEvent('keydown', event);
  });
  pass(view, frame, 'pointerdown', (event) => new PointerEvent('pointerdown', event));
  pass(view, frame, 'contextmenu', (event) => new MouseEvent('contextmenu', event));
  pass(view, frame, 'paste', (event) => new ClipboardEvent('paste', event));
  pass(view, frame, 'dragover', (event) => new DragEvent('dragover', event));
  pass(view, frame, 'drop', (event) => new DragEvent('drop', event));
}

/** Lets an event happen to the frame as well, where the page sees it. */
function pass<K extends keyof WindowEventMap>(
  view: View,
  frame: HTMLIFrameElement,
  type: K,
  copy: (event: WindowEventMap[K]) => Event | undefined,
): void {
  view.addEventListener(type, (event) => {
    if (event.defaultPrevented) return;
    const other = copy(event);
    if (other !== undefined && !frame.dispatchEvent(other)) event.preventDefault();
  });
}
