// The commands about rooms that few need. They are loaded with what shows them.
import type * as wire from "../wire/types";
import { get, send } from "./api";

/** The description of a room, and its welcome. */
export const about = (room: string) => get<wire.RoomAbout>(`/rooms/${room}/about`);
export const describe = (room: string, b: wire.UpdateRoomAbout) =>
  send<wire.RoomAbout>("PATCH", `/rooms/${room}/about`, b);
/** One's own confirmation of a message, and to its author and owners of the room those of all. */
export const confirmations = (room: string, seq: number) =>
  get<wire.Confirmations>(`/rooms/${room}/messages/${seq}/confirmed`);
export const confirm = (room: string, seq: number) =>
  send<wire.Confirmations>("PUT", `/rooms/${room}/messages/${seq}/confirmed`);
