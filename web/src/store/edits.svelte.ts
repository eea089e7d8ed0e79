// The messages that one is changing, with what is written so far. They outlive their rows: a room that is left, or a page of
// messages that goes, loses nothing.
import { SvelteMap } from "svelte/reactivity";
import type { Message } from "../wire/types";

type Id = Pick<Message, "room" | "seq">;

export interface Edit {
  readonly text: string;
  /** The text of the message when the edit began. */
  readonly of: string;
  /** Whether the box stands in the thread, else in the timeline. A message may be in both. */
  readonly inThread: boolean;
}

const key = ({ room, seq }: Id): string => `${room}/${seq}`;

export class Edits {
  private all = new SvelteMap<string, Edit>();
  private wanted = $state<string | undefined>();

  /** The edit of a message, in a timeline or a thread. Of a message that was deleted, an edit without changes is none. */
  of(m: Message, inThread: boolean): Edit | undefined {
    const e = this.all.get(key(m));
    return e?.inThread === inThread && (!m.deleted_at || e.text !== e.of) ? e : undefined;
  }

  /** Begins to edit a message, or goes back to where one was. */
  begin(m: Message, inThread: boolean): void {
    this.all.set(key(m), { text: m.text, of: m.text, ...this.all.get(key(m)), inThread });
    this.wanted = key(m);
  }

  write(m: Id, text: string): void {
    const e = this.all.get(key(m));
    if (e) this.all.set(key(m), { ...e, text });
  }

  end(m: Id): void {
    this.all.delete(key(m));
  }

  /** Whether the box of a message shall take the focus: once after each begin. */
  takesFocus(m: Id): boolean {
    if (this.wanted !== key(m)) return false;
    this.wanted = undefined;
    return true;
  }
}
