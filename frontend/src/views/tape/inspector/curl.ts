interface Door {
  url: string;
  /** The file of the certificate that it has made for itself, and that nobody else trusts. */
  certificate?: string;
}

/** The command that asks the front door for one event. Ids are letters, digits and a dash; quotes cost nothing. */
export function curlFor({ url, certificate }: Door, id: string): string {
  const trusting = certificate === undefined ? '' : ` --cacert ${quoted(certificate)}`;
  return `curl${trusting} ${quoted(`${url.replace(/\/$/, '')}/events/${encodeURIComponent(id)}`)}`;
}

/** As one word of a POSIX shell. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
