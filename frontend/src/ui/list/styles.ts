/** The page's styles as they are written: what a browser tells of its rules may lack shorthands with variables in them. */
let text = '';

/** Whether they were read, so that a document can be dressed in them. */
export function areStylesRead(): boolean {
  return text !== '';
}

export async function readStyles(): Promise<void> {
  const parts = [...document.styleSheets].map(async ({ href, ownerNode }) =>
    href === null ? (ownerNode?.textContent ?? '') : (await fetch(href)).text(),
  );
  text = (await Promise.all(parts)).join('\n');
}

/** The styles, for a document of that window: one can't adopt another's. */
export function stylesFor(view: typeof globalThis): CSSStyleSheet {
  const sheet = new view.CSSStyleSheet();
  sheet.replaceSync(text);
  return sheet;
}
