/** The command that asks the front door for one event. Ids are letters, digits and a dash; quotes cost nothing. */
export function curlFor(door: string, id: string): string {
  return `curl '${door.replace(/\/$/, '')}/events/${encodeURIComponent(id)}'`;
}
