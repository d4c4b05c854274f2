// A frame of an event stream, byte by byte.

export interface RawFrame {
  bytes: Uint8Array;
  /** Only its beginning is here. */
  cut: boolean;
}

const LINE_FEED = 0x0a;

/** Where the block that begins at a place ends, with the empty line behind it; -1 if that hasn't come yet. */
export function blockEnd(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(LINE_FEED, from); at !== -1; at = bytes.indexOf(LINE_FEED, at + 1)) {
    if (bytes[at + 1] === LINE_FEED) return at + 2;
  }
  return -1;
}

/** Whether a block is the frame of the event with this id. */
export function isFrameOf(block: string, id: string): boolean {
  return block.split('\n').includes(`id: ${id}`) || block.split('\n').includes(`id:${id}`);
}

/** Rows of a hex dump: 16 bytes each, as numbers and as letters. */
export function hexRows(bytes: Uint8Array, limit: number): { at: string; hex: string; text: string }[] {
  const rows = [];
  for (let at = 0; at < Math.min(bytes.length, limit); at += 16) {
    const part = [...bytes.subarray(at, Math.min(at + 16, limit))];
    rows.push({
      at: at.toString(16).padStart(6, '0'),
      hex: part.map((byte) => byte.toString(16).padStart(2, '0')).join(' '),
      text: part.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·')).join(''),
    });
  }
  return rows;
}
