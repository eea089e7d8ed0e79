// What a box suggests while one writes in a room.
import { mayBroadcast } from "../core/broadcast";
import { often } from "../core/often";
import type { RoomState } from "../core/room";
import type { State } from "../core/state";
import type { Me } from "../wire/types";
import { mine } from "./commands";
import { complete, type Choice, type Sources } from "./complete";

interface Around {
  readonly r: RoomState;
  readonly chat: Pick<State, "me" | "users" | "rooms">;
  readonly me: Me;
  readonly skinTone: number;
  readonly custom: Sources["custom"];
  /** It changes a message, which calls nobody. */
  readonly edits: boolean | undefined;
}

/** What is suggested after this text, which ends at the caret. */
export function suggest(text: string, { r, chat, me, skinTone, custom, edits }: Around): Promise<Choice[]> {
  const { kind, name, member_count, members } = r.room;
  return complete(text, text.length, {
    users: chat.users.values(),
    rooms: chat.rooms.values(),
    members,
    skinTone,
    custom,
    often: () => often(chat.rooms.values(), chat.me),
    commands: edits ? [] : mine(r, me),
    calls:
      !edits && mayBroadcast(r, me)
        ? { room: kind === "direct" ? "this conversation" : `#${name}`, others: member_count - 1 }
        : undefined,
  });
}
