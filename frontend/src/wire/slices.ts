// Long work in short turns, so that the page stays alive beside it. The work is a generator that yields often.

/** How long a turn may take. A frame has 16 ms, and other work to do in it. */
const TURN_MS = 8;

/** Does the work; rejects with the signal's reason when that comes first. */
export async function inSlices<T>(work: Generator<undefined, T>, signal: AbortSignal): Promise<T> {
  for (;;) {
    signal.throwIfAborted();
    const until = performance.now() + TURN_MS;
    do {
      const step = work.next();
      if (step.done === true) return step.value;
    } while (performance.now() < until);
    await new Promise((resolve) => setTimeout(resolve));
  }
}

/** Does the work in one go. */
export function atOnce<T>(work: Generator<undefined, T>): T {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
}

const PIECE = 128 * 1024;

/** The text of UTF-8 bytes, piece by piece. */
export function* decode(bytes: Uint8Array): Generator<undefined, string> {
  const decoder = new TextDecoder();
  let text = '';
  for (let at = 0; at < bytes.length; at += PIECE) {
    text += decoder.decode(bytes.subarray(at, at + PIECE), { stream: true });
    yield;
  }
  return text + decoder.decode();
}
