// What the keys do on a message that has the focus: E edits, R reacts, T opens its thread.
import { mayEdit, mayReact } from "../../core/may";
import { lowerBound, type RoomState } from "../../core/room";
import type { App } from "../../store/app.svelte";
import type { Overlay } from "../../store/overlay.svelte";
import type { Message } from "../../wire/types";

interface Deeds {
  edit: (m: Message) => void;
  thread?: (m: Message) => void;
}

/** Does what `key` stands for on the row of one of `messages`; whether there was something to do. */
export function press(
  key: string,
  row: HTMLElement,
  messages: readonly Message[],
  r: RoomState,
  app: App,
  overlay: Overlay,
  on: Deeds,
): boolean {
  const seq = Number(row.dataset.seq),
    m = messages[lowerBound(messages, seq)];
  if (m?.seq !== seq) return false;
  if (key === "e" && mayEdit(m, r, app.me!)) on.edit(m);
  else if (key === "r" && mayReact(m, r)) overlay.pick(row, (emoji) => app.toggle(m, emoji));
  else if (key === "t" && m.thread_info && on.thread) on.thread(m);
  else return false;
  return true;
}
