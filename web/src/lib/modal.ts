import { painted } from "./painted";

/**
 * Opens a dialog in two frames. The browser draws the dialog in the first one. In the next the dialog becomes modal: that makes the page
 * below inert, and the browser then computes the style of all its elements and paints it anew. The first key or click makes the dialog
 * modal at once, so that Escape closes it and Tab stays in it. Over another dialog it opens in one frame. Returns what is to be called
 * when the dialog is gone.
 */
export function openInTwoFrames(dialog: HTMLDialogElement): () => void {
  if (document.querySelector("dialog[open]")) {
    dialog.showModal(); // below that one it would hear no keys
    return () => {};
  }
  dialog.show();
  const stop = painted(cover),
    events = ["keydown", "pointerdown"];
  for (const e of events) addEventListener(e, cover, { capture: true });
  function end(): void {
    stop();
    for (const e of events) removeEventListener(e, cover, { capture: true });
  }
  function cover(): void {
    end();
    if (!dialog.open) return;
    dialog.open = false; // close() would move the focus and send an event
    dialog.showModal();
  }
  return end;
}
