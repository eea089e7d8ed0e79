// What lies over the page: one dialog, and the emoji picker beside an element. Features ask for them here, so that none has
// to know another.
import { createContext } from "svelte";

export type DialogName =
  "newRoom" | "newDirect" | "browse" | "details" | "invite" | "switcher" | "me" | "signOut" | "tokens" | "keys";

export class Overlay {
  dialog = $state<DialogName | undefined>();
  picker = $state.raw<{ at: DOMRect; chosen: (emoji: string) => void } | undefined>();

  /** Closes a dialog, unless another has taken its place. */
  close(name: DialogName): void {
    if (this.dialog === name) this.dialog = undefined;
  }

  /** Opens the picker beside an element. */
  pick(at: Element, chosen: (emoji: string) => void): void {
    this.picker = { at: at.getBoundingClientRect(), chosen };
  }
}

export const [getOverlay, setOverlay] = createContext<Overlay>();
