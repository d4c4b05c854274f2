/** Text as one word of a POSIX shell: in quotes, where it isn't one as it is. */
export function inShell(text: string): string {
  return /^[\w./:-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
