import { inShell } from '../../../wire/shell';

interface Door {
  url: string;
  /** The file of the certificate that it has made for itself, and that nobody else trusts. */
  certificate?: string;
}

/** The command that asks the front door for one event. */
export function curlFor({ url, certificate }: Door, id: string): string {
  const trusting = certificate === undefined ? '' : ` --cacert ${inShell(certificate)}`;
  return `curl${trusting} ${inShell(`${url.replace(/\/$/, '')}/events/${encodeURIComponent(id)}`)}`;
}
