// Keys that belong to an input method, as those for Japanese, Chinese and Korean do. They choose among its candidates or end its
// composition, and mean nothing to the page.

/**
 * Whether a key is for the input method. Safari sends the Enter or Escape that ends a composition after the composition has ended:
 * such an event says isComposing false, and has the key code 229.
 */
export const composing = (e: Pick<KeyboardEvent, "isComposing" | "keyCode">): boolean =>
  e.isComposing || e.keyCode === 229;

/** For dialogs, which the browser closes by Escape: the Escape of an input method closes none. */
export function keepOpen(e: KeyboardEvent): void {
  if (composing(e) && e.key === "Escape") e.preventDefault();
}
