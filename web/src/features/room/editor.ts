// What draws the box in which a message is changed. It belongs to another feature: the page gives it.
import type { Snippet } from "svelte";
import type { RoomState } from "../../core/room";
import type { Edit } from "../../store/edits.svelte";
import type { Message } from "../../wire/types";

export type Editor = Snippet<[m: Message, r: RoomState, edit: Edit]>;
