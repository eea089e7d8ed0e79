// What lies over the page: one dialog, and beside an element the emoji picker and the card of a person. Features ask for them here,
// so that none has to know another. The history has an entry for each, so that Back closes it.
import { createContext } from "svelte";
import type { OutboxMessage } from "../core/outbox";
import type { Message } from "../wire/types";

export type DialogName =
  | "newRoom"
  | "newDirect"
  | "browse"
  | "details"
  | "forward"
  | "date"
  | "files"
  | "hooks"
  | "invite"
  | "switcher"
  | "me"
  | "status"
  | "signOut"
  | "tokens"
  | "bots"
  | "allBots"
  | "attention"
  | "keys"
  | "sections"
  | "call"
  | "workspace"
  | "emoji"
  | "readAll"
  | "feedback"
  | "givenFeedback"
  | "audit"
  | "poll";

interface Picking {
  at: DOMRect;
  chosen: (emoji: string) => void;
}

interface Shown {
  id: string;
  at: DOMRect;
}

interface Asked {
  readonly thread?: number | undefined;
  readonly text?: string;
  /** A poll that the server refused, to be changed. */
  readonly again?: OutboxMessage;
}

/** Tells the history that something opens, which Back closes; returns what tells it that it was closed in another way. */
type Cover = (close: () => void) => () => void;

/** One place over the page. What is put into it takes the place of what is there. */
class Layer<T> {
  private held = $state.raw<T | undefined>();
  private end = () => {};

  constructor(private cover: Cover) {}

  get shown(): T | undefined {
    return this.held;
  }

  set shown(next: T | undefined) {
    const before = this.held;
    this.held = next;
    if (next && !before) this.end = this.cover(() => (this.held = undefined));
    else if (!next && before) this.end();
  }
}

export class Overlay {
  private readonly over: { dialog: Layer<DialogName>; picker: Layer<Picking>; person: Layer<Shown> };

  /** `cover` is the Router's; features call it for layers of their own. */
  constructor(readonly cover: Cover = () => () => {}) {
    this.over = { dialog: new Layer(cover), picker: new Layer(cover), person: new Layer(cover) };
  }

  get dialog(): DialogName | undefined {
    return this.over.dialog.shown;
  }

  /** Opens a dialog in the place of the one that is open, or closes it. */
  set dialog(name: DialogName | undefined) {
    this.over.dialog.shown = name;
  }

  /** The message that the dialog "forward" is about. */
  forwarded: Message | undefined;

  /** Asks to whom a message is to be forwarded. */
  forward(m: Message): void {
    this.forwarded = m;
    this.dialog = "forward";
  }

  /** What the dialog of a new poll begins with: the thread that it is for, and "Question | one | two". */
  asked: Asked = {};

  /** Opens that dialog. */
  ask(asked: Asked): void {
    this.asked = asked;
    this.dialog = "poll";
  }

  /** What the dialog of feedback begins with. */
  said = "";

  /** Opens that dialog. */
  giveFeedback(text: string): void {
    this.said = text;
    this.dialog = "feedback";
  }

  /** Closes a dialog, unless another has taken its place. */
  close(name: DialogName): void {
    if (this.dialog === name) this.dialog = undefined;
  }

  get picker(): Picking | undefined {
    return this.over.picker.shown;
  }

  /** Opens the picker beside an element, which is brought into view: keys work on rows that were scrolled away, too. */
  pick(at: Element, chosen: (emoji: string) => void): void {
    at.scrollIntoView({ block: "nearest" });
    this.over.picker.shown = { at: at.getBoundingClientRect(), chosen };
  }

  closePicker(): void {
    this.over.picker.shown = undefined;
  }

  get person(): Shown | undefined {
    return this.over.person.shown;
  }

  /** Shows who somebody is, beside their name or face. */
  who(id: string, beside: Element): void {
    this.over.person.shown = { id, at: beside.getBoundingClientRect() };
  }

  closePerson(): void {
    this.over.person.shown = undefined;
  }
}

export const [getOverlay, setOverlay] = createContext<Overlay>();
