/**
 * Opens a dialogue. Browsers give the focus back to what had it when the dialogue closes, but WebKit forgets a frame that
 * had it, as the tape's in the window.
 */
export function openModal(dialog: HTMLDialogElement): void {
  const before = document.activeElement;
  dialog.showModal();
  if (!(before instanceof HTMLIFrameElement)) return;
  const giveBack = () => {
    if (document.activeElement === document.body) before.focus();
  };
  dialog.addEventListener('close', giveBack, { once: true });
}
