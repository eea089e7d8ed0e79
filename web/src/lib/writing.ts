// A box in which somebody writes, as the pieces around its text see it: the toolbar, what is attached, the menu of "+".
import type { RoomState } from "../core/room";
import type { Message } from "../wire/types";

export interface Writing {
  readonly r: RoomState;
  /** The root of the thread in which it is a reply. */
  readonly thread: number | undefined;
  /** The message that was sent and is changed in it. */
  readonly edits: Message | undefined;
  /** What stands in the box now. */
  readonly text: string;
  readonly area: HTMLTextAreaElement;
  /** Puts a text in the place of what is selected, as if it were typed. */
  insert(s: string): void;
}
