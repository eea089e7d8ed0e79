// What lies over the page: one dialog, and beside an element the emoji picker and the card of a person. Features ask for them here, so that none has
// to know another. The history has an entry for each, so that Back closes it.
import { createContext } from "svelte";

export type DialogName =
  "newRoom" | "newDirect" | "browse" | "details" | "invite" | "switcher" | "me" | "signOut" | "tokens" | "keys";

interface Picking {
  at: DOMRect;
  chosen: (emoji: string) => void;
}

interface Shown {
  id: string;
  at: DOMRect;
}

export class Overlay {
  private shown = $state<DialogName | undefined>();
  private picking = $state.raw<Picking | undefined>();
  private card = $state.raw<Shown | undefined>();
  private ends = { dialog: () => {}, picker: () => {}, person: () => {} };

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

  /** Opens the picker beside an element, which is brought into view: keys work on rows that were scrolled away, too. */
  pick(at: Element, chosen: (emoji: string) => void): void {
    at.scrollIntoView({ block: "nearest" });
    const before = this.picking;
    this.picking = { at: at.getBoundingClientRect(), chosen };
    if (!before) this.ends.picker = this.cover(() => (this.picking = undefined));
  }

  closePicker(): void {
    if (!this.picking) return;
    this.picking = undefined;
    this.ends.picker();
  }

  get person(): Shown | undefined {
    return this.card;
  }

  /** Shows who somebody is, beside their name or face. */
  who(id: string, beside: Element): void {
    const before = this.card;
    this.card = { id, at: beside.getBoundingClientRect() };
    if (!before) this.ends.person = this.cover(() => (this.card = undefined));
  }

  closePerson(): void {
    if (!this.card) return;
    this.card = undefined;
    this.ends.person();
  }
}

export const [getOverlay, setOverlay] = createContext<Overlay>();
