// Who may do what. The server decides; these rules say what the client offers.
import type { Me, Message, Room } from "../wire/types";
import type { RoomState } from "./room";
import type { Stretch } from "./stretch";

type Who = Pick<Me, "id" | "role">;

export const isAdmin = (me: Pick<Me, "role">): boolean => me.role === "owner" || me.role === "admin";

const posts = (r: RoomState): boolean => r.room.posting === "everyone" || r.room.role === "owner";
const alive = (m: Message, room: Room): boolean => !m.system && !m.deleted_at && !room.archived;

export const mayPost = (r: RoomState): boolean => !r.room.archived && posts(r);
/** Reply in a thread, also where only owners post. */
export const mayReply = (m: Message, r: RoomState): boolean => alive(m, r.room);
export const mayReact = (m: Message, r: RoomState): boolean => !m.deleted_at && !r.room.archived;
export const mayEdit = (m: Message, r: RoomState, me: Who): boolean =>
  m.author === me.id && alive(m, r.room) && (posts(r) || (!!m.thread && !m.also_in_room));
export const mayDelete = (m: Message, r: RoomState, me: Who): boolean =>
  alive(m, r.room) && (m.author === me.id || r.room.role === "owner" || (isAdmin(me) && r.room.kind !== "direct"));

/** Rename the room, archive it, remove members and change their roles. */
export const mayManage = (r: RoomState, me: Who): boolean =>
  r.room.kind !== "direct" && (r.room.role === "owner" || isAdmin(me));
export const mayAddMembers = (r: RoomState, me: Who): boolean =>
  r.room.kind !== "direct" && !r.room.archived && me.role !== "guest";

/** The message that ↑ in an empty composer edits: one's last one. */
export const lastOwn = (r: Stretch, me: string): Message | undefined =>
  r.messages.findLast((m) => m.author === me && !m.deleted_at && !m.system);

/** Whether a thread can be opened from a message: its own, or that in which it is a reply. */
export const hasThread = (m: Message, r: RoomState): boolean => !!m.thread || !!m.thread_info || mayReply(m, r);

/** What opens it is called. */
export const threadLabel = (m: Message, r: RoomState): string =>
  mayReply(m, r) ? "Reply in thread" : "Open the thread";

/** What a key does to a message that has the keyboard's focus. */
export type Deed = "edit" | "react" | "thread";

export function deedOf(key: string, m: Message, r: RoomState, me: Who): Deed | undefined {
  if (key === "e" && mayEdit(m, r, me)) return "edit";
  if (key === "r" && mayReact(m, r)) return "react";
  return key === "t" && hasThread(m, r) ? "thread" : undefined;
}
