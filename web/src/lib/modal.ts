import { composing } from "./composing";
import { stopsIn } from "./focus";

/** What would lie above a dialog that opens quickly: another dialog, a menu, a list of suggestions, a video in full screen. */
const isBelow = (): boolean => !!document.fullscreenElement || !!document.querySelector("dialog[open], [popover]");

/**
 * Opens a dialog over the page as showModal does, in a shorter frame. showModal makes the page inert: the browser computes the style of all
 * its elements and paints it anew, and does so again as the dialog closes. Here the page stays as it is: the dialog covers it (Dialog.css),
 * it is hidden from screen readers, Tab and the focus stay in the dialog, and Escape calls `close` (ARIA Authoring Practices: dialog (modal)).
 * Where it would lie below something, showModal opens it. Returns what is to be called when the dialog is gone.
 */
export function openQuickly(dialog: HTMLDialogElement, close: () => void): () => void {
  if (isBelow()) {
    dialog.showModal();
    return () => {};
  }
  const hidden = [...dialog.parentElement!.children].filter((e) => e !== dialog && !e.hasAttribute("aria-hidden")),
    heard = new AbortController(),
    { signal } = heard;
  let last: HTMLElement | undefined;
  function key(e: KeyboardEvent): void {
    if (composing(e) || document.querySelector("dialog:modal")) return; // that one came later, and lies above
    const stops = stopsIn(dialog),
      at = document.activeElement;
    if (e.key === "Escape") close();
    else if (e.key === "Tab" && e.shiftKey && (at === stops[0] || at === dialog)) stops.at(-1)?.focus();
    else if (e.key === "Tab" && !e.shiftKey && at === stops.at(-1)) stops[0]?.focus();
    else return;
    e.preventDefault();
  }
  function focused({ target }: FocusEvent): void {
    if (dialog.contains(target as Node)) last = target as HTMLElement;
    else last?.focus(); // it came from outside of the page, or by a script
  }
  addEventListener("keydown", key, { signal });
  addEventListener("focusin", focused, { signal });
  dialog.setAttribute("aria-modal", "true");
  dialog.show();
  for (const e of hidden) e.setAttribute("aria-hidden", "true");
  return () => {
    heard.abort();
    for (const e of hidden) e.removeAttribute("aria-hidden");
  };
}
