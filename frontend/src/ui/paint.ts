/** So long is waited for a frame: a page that nobody sees draws none. */
const UNSEEN_MS = 250;

/** Calls back when what is drawn by now is on screen. Returns what cancels that. */
export function afterPaint(run: () => void): () => void {
  let timer = setTimeout(run, UNSEEN_MS);
  const frame = requestAnimationFrame(() => {
    clearTimeout(timer);
    timer = setTimeout(run); // the frame is painted between its callbacks and the next task
  });
  return () => {
    clearTimeout(timer);
    cancelAnimationFrame(frame);
  };
}
