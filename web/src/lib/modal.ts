import { composing } from "./composing";
import { stopsIn } from "./focus";

/** What would lie above a dialog that opens quickly: another dialog, a menu, a list of suggestions. */
const ABOVE = "dialog[open], [popover]";

/**
 * Opens a dialog over the page as showModal does, in a shorter frame. showModal makes the page inert: the browser computes the style of all
 * its elements and paints it anew, and does so again as the dialog closes. Here the page stays as it is: the dialog covers it (Dialog.css),
 * it is hidden from screen readers, Tab and the focus stay in the dialog, and Escape closes it (ARIA Authoring Practices: dialog (modal)).
 * Over a menu or another dialog showModal opens it, since it would else lie below that. Returns what is to be called when the dialog is gone.
 */
export function openQuickly(dialog: HTMLDialogElement): () => void {
  if (document.querySelector(ABOVE)) {
    dialog.showModal();
    return () => {};
  }
  const hidden = [...dialog.parentElement!.children].filter((e) => e !== dialog && !e.hasAttribute("aria-hidden")),
    heard = new AbortController(),
    { signal } = heard;
  let last: HTMLElement | undefined;
  function key(e: KeyboardEvent): void {
    if (composing(e)) return;
    if (e.key === "Escape") dialog.close();
    if (e.key !== "Tab") return;
    const stops = stopsIn(dialog),
      [leaves, to] = e.shiftKey ? [stops[0], stops.at(-1)] : [stops.at(-1), stops[0]];
    if (document.activeElement !== leaves) return;
    e.preventDefault();
    to?.focus();
  }
  function focused({ target }: FocusEvent): void {
    if (dialog.contains(target as Node)) last = target as HTMLElement;
    else last?.focus(); // it came from outside of the page, or from a script
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
