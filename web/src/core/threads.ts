// The thread that is open in a room: its replies, fetched again when the room's state says that they may have changed.
import type { Message, Page } from "../wire/types";
import { lowerBound, type RoomState } from "./room";

export interface Thread {
  readonly room: string;
  /** The seq of the message that the thread answers. */
  readonly root: number;
  readonly replies: readonly Message[];
  readonly moreBefore: boolean;
  readonly loaded: boolean;
  /** A fetch was refused. */
  readonly failed?: boolean;
  /** The state of the room at the last fetch: see mark. */
  readonly seen?: string;
}

/** By room: one thread is open in a room at a time. */
export type Threads = Map<string, Thread>;

export const openThread = (room: string, root: number): Thread => ({
  room,
  root,
  replies: [],
  moreBefore: false,
  loaded: false,
});

/** The root message, when the stretch in memory holds it. */
export function rootOf(r: RoomState, root: number): Message | undefined {
  const m = r.messages[lowerBound(r.messages, root)];
  return m?.seq === root ? m : undefined;
}

/** What changes whenever the replies may have changed: the root's summary, and the revision of the room. */
export const mark = (r: RoomState, root: number): string => `${rootOf(r, root)?.rev ?? 0} ${r.held}`;

export const threadStale = (t: Thread, r: RoomState | undefined): boolean => !!r && t.seen !== mark(r, t.root);

/** The latest replies. */
export const takeReplies = (t: Thread, p: Page): Thread => ({
  ...t,
  replies: p.messages,
  moreBefore: p.more_before,
  loaded: true,
});

/** Replies before the first that is shown. */
export const takeOlderReplies = (t: Thread, p: Page): Thread => ({
  ...t,
  replies: [...p.messages, ...t.replies],
  moreBefore: p.more_before,
});
