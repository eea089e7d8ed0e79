// The colours of code are loaded with the first block that has a language.
import type { Formatting } from "./formatting.svelte";

/** Shows a text in an element, with its colours when these have come; without them it stays plain. Returns what ends that. */
export function coloured(of: Formatting, e: Element, text: string, info: string): () => void {
  let end: (() => void) | undefined = () => {};
  e.textContent = text;
  if (info)
    (of.colours ??= import("../lib/colours").then((piece) => new piece.Colours())).then(
      (colours) => {
        if (end) end = colours.colour(e, text, info);
      },
      () => (of.colours = undefined), // the next block asks again
    );
  return () => {
    end?.();
    end = undefined;
  };
}
