// The thread that is open in a room: the message that it answers, and a stretch of the replies. Both follow the events of the room.
import type { Message } from "../wire/types";
import type { State } from "./state";
import { changed, EMPTY, found, mine, put, type Stretch } from "./stretch";

export interface Thread extends Stretch {
  readonly room: string;
  /** The seq of the message that the thread answers. */
  readonly root: number;
  /** That message, once it is known. */
  readonly first?: Message | undefined;
  /** A fetch was refused. */
  readonly failed?: boolean;
}

/** By room: one thread is open in a room at a time. */
export type Threads = Map<string, Thread>;

/** The root message, when the timeline in memory holds it. */
export const rootOf = (r: Stretch, root: number): Message | undefined => found(r.messages, root);

export const openThread = (room: string, root: number): Thread => ({ ...EMPTY, room, root });

/** The thread after a message of its room was posted or changed. */
export function mergeReply(t: Thread, m: Message, me: string): Thread {
  if (m.seq === t.root) return { ...t, first: newer(t.first, mine(m, t.first, me)) };
  return t.loaded && m.thread === t.root ? put(t, m, me) : t;
}

const newer = (a: Message | undefined, b: Message): Message => (a && a.rev >= b.rev ? a : b);

/** The thread after one message of its room changed. */
export const changedInThread = (t: Thread, seq: number, change: (m: Message) => Message): Thread =>
  changed(t.first ? { ...t, first: change(t.first) } : t, seq, change);

/** The revision up to which both are known: the timeline of a room, and its open thread. */
export function heldIn({ rooms, threads }: Pick<State, "rooms" | "threads">, room: string): number {
  const t = threads.get(room);
  return Math.min(rooms.get(room)?.held ?? 0, t?.loaded ? t.held : Infinity);
}
