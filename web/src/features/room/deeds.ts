// What a key does with the message whose row has the keyboard's focus, wherever the row stands.
import { deedOf } from "../../core/may";
import type { RoomState } from "../../core/room";
import { getApp } from "../../store/context";
import { getOverlay } from "../../store/overlay.svelte";
import type { Message } from "../../wire/types";

/**
 * To be called while a component is made. The function that it returns says whether the key did something. `inThread`: the message is
 * changed in the thread. Without `onthread` the key for the thread does nothing.
 */
export function keyed(inThread: boolean, onthread?: (m: Message) => void) {
  const { edits, messages, session } = getApp(),
    overlay = getOverlay();
  return (row: HTMLElement, key: string, m: Message | undefined, r: RoomState | undefined): boolean => {
    const deed = m && r && deedOf(key, m, r, session.me!);
    if (!m || !deed || (deed === "thread" && !onthread)) return false;
    if (deed === "edit") edits.begin(m, inThread);
    else if (deed === "react") overlay.pick(row, (emoji) => messages.toggle(m, emoji));
    else onthread!(m);
    return true;
  };
}
