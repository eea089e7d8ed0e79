// Who may do what to a message: the server decides, and this is what is offered.
import type { Me, Message, Room } from "../wire/types";
import type { RoomState } from "./room";

const posts = (r: RoomState): boolean => r.room.posting === "everyone" || r.room.role === "owner";
const manages = (me: Me): boolean => me.role === "owner" || me.role === "admin";
const lives = (m: Message, room: Room): boolean => !m.system && !m.deleted_at && !room.archived;

export const mayPost = (r: RoomState): boolean => !r.room.archived && posts(r);
export const mayReact = (m: Message, r: RoomState): boolean => !m.deleted_at && !r.room.archived;
export const mayEdit = (m: Message, r: RoomState, me: Me): boolean =>
  m.author === me.id && lives(m, r.room) && (posts(r) || (!!m.thread && !m.also_in_room));
export const mayDelete = (m: Message, r: RoomState, me: Me): boolean =>
  lives(m, r.room) && (m.author === me.id || r.room.role === "owner" || (manages(me) && r.room.kind !== "direct"));
