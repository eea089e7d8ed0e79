// What lies over the page: one dialog, or the emoji picker at an element. Features ask for them here and need not know
// each other.
import { createContext } from "svelte";

export type DialogName = "newRoom" | "newDirect" | "browse" | "details" | "invite" | "switcher" | "me" | "keys";

export class Overlay {
  dialog = $state<DialogName | undefined>();
  picker = $state.raw<{ at: DOMRect; chosen: (emoji: string) => void } | undefined>();

  /** Opens the picker beside an element. */
  pick(at: Element, chosen: (emoji: string) => void): void {
    this.picker = { at: at.getBoundingClientRect(), chosen };
  }
}

export const [getOverlay, setOverlay] = createContext<Overlay>();
