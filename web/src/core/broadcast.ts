// Who may call many people at once. The server decides; this says what the client offers.
import type { Me } from "../wire/types";
import type { RoomState } from "./room";

/** Call all members of a room with @room, or those who are there with @here. */
export const mayBroadcast = (r: RoomState, me: Pick<Me, "role" | "bot">): boolean =>
  r.room.role === "owner" || (r.room.broadcast !== "owners" && me.role !== "guest" && !me.bot);
