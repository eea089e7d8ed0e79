// What lies over the page: one dialog, and the emoji picker beside an element. Features ask for them here, so that none has
// to know another. The history has an entry for each, so that Back closes it.
import { createContext } from "svelte";

export type DialogName =
  "newRoom" | "newDirect" | "browse" | "details" | "invite" | "switcher" | "me" | "signOut" | "tokens" | "keys";

interface Picking {
  at: DOMRect;
  chosen: (emoji: string) => void;
}

export class Overlay {
  private shown = $state<DialogName | undefined>();
  private picking = $state.raw<Picking | undefined>();
  private ends = { dialog: () => {}, picker: () => {} };

  /** `cover` tells the history that something opens (see Router); features call it for layers of their own. */
  constructor(readonly cover: (close: () => void) => () => void = () => () => {}) {}

  get dialog(): DialogName | undefined {
    return this.shown;
  }

  /** Opens a dialog in the place of the one that is open, or closes it. */
  set dialog(name: DialogName | undefined) {
    const before = this.shown;
    this.shown = name;
    if (name && !before) this.ends.dialog = this.cover(() => (this.shown = undefined));
    else if (!name && before) this.ends.dialog();
  }

  /** Closes a dialog, unless another has taken its place. */
  close(name: DialogName): void {
    if (this.shown === name) this.dialog = undefined;
  }

  get picker(): Picking | undefined {
    return this.picking;
  }

  /** Opens the picker beside an element. */
  pick(at: Element, chosen: (emoji: string) => void): void {
    const before = this.picking;
    this.picking = { at: at.getBoundingClientRect(), chosen };
    if (!before) this.ends.picker = this.cover(() => (this.picking = undefined));
  }

  closePicker(): void {
    if (!this.picking) return;
    this.picking = undefined;
    this.ends.picker();
  }
}

export const [getOverlay, setOverlay] = createContext<Overlay>();
