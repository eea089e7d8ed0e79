// Names for shapes that the generated types hold without one.
import type { Event, PresenceEvent, User } from "./types";

/** An event of the socket, from the server. (The browser has another Event.) */
export type LiveEvent = Event;
export type Role = User["role"];
export type Presence = PresenceEvent["users"][string];
