// What waits for one, as the badge of the page counts it.
import type { RoomState } from "./room";
import { badgeOf } from "./sections";

/**
 * The places that wait for one: rooms in which one is mentioned, and direct rooms in which something is unread. A muted room waits for
 * nobody.
 */
export const places = (rooms: Iterable<RoomState>): number =>
  [...rooms].filter(({ room }) => !room.muted && badgeOf(room) > 0).length;
