// The paths of the pages: the forms at the door, a room, a message in it, and a thread beside it.

import type { Message } from "../wire/types";

/** The ways in: the first sign-in of all, an invitation, a link for a new password, and signing in. */
export type Door = "setup" | "signup" | "reset" | "signin";

/** Whether a path is that of a form: it shows no page to whoever is signed in. */
export const isDoor = (path: string): boolean => /^\/+(setup|signup|reset|signin)\b/i.test(path);

/** The lists of what concerns one, and of the threads that one follows; and the health of the server, for admins. */
export const INBOX = "/inbox";
export const THREADS = "/threads";
export const OPS = "/ops";

/** The path of a room, or of a message in it. */
export const pathTo = (room: string, seq?: number): string => (seq ? `/r/${room}/${seq}` : `/r/${room}`);

/** The path of a room with the thread of `root` beside it, and of a reply in that thread. */
export const pathToThread = (room: string, root: number, reply?: number): string =>
  `/r/${room}/t/${root}${reply ? `/${reply}` : ""}`;

/** The path of a message where it stands: in the timeline, or as a reply in its thread. */
export const pathOf = (m: Pick<Message, "room" | "seq" | "thread" | "also_in_room">): string =>
  m.thread && !m.also_in_room ? pathToThread(m.room, m.thread, m.seq) : pathTo(m.room, m.seq);

/** What a path shows: a room, a message in its timeline, or a thread and a reply in it. */
export interface Spot {
  readonly room?: string | undefined;
  readonly seq?: number | undefined;
  readonly thread?: number | undefined;
  readonly reply?: number | undefined;
}

// Escapes around an id are left out: what a mail or a sentence adds to a link. What is not an id names a room that does not exist.
const SPOT = /^\/r\/(?:%..)*([^/%]+)[^/]*?(?:\/(\d{1,15})|\/t\/(\d{1,15})(?:\/(\d{1,15}))?|\/.*)?$/;

export function spotOf(path: string): Spot {
  const [, room, ...numbers] = SPOT.exec(path) ?? [];
  const [seq, thread, reply] = numbers.map((n) => Number(n) || undefined);
  return { room, seq, thread, reply };
}
