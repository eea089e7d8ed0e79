// The threads that one follows, as the server last told of them, and what live events change in them meanwhile.
import type { Message, MyThread } from "../wire/types";
import type { Rooms } from "./rooms";
import { mine, reactedTo, type Reacted } from "./stretch";

/** Names a thread. */
export const threadKey = (room: string, root: number): string => `${room}/${root}`;
export const keyOf = (t: MyThread): string => threadKey(t.room, t.root.seq);

export const follows = (t: MyThread | undefined): boolean => !!t && t.follow !== "off";
export const isUnread = (t: MyThread): boolean => follows(t) && t.unread > 0;

/** The newer of two answers: a move of the pointer makes the one before it old. */
export const later = (old: MyThread | undefined, t: MyThread): MyThread => (old && old.read_rev > t.read_rev ? old : t);

/** How many of the last replies are shown in a list. */
const LATEST = 2;

/** The thread after a message was posted or changed. A new reply is shown at once; what it does to the counts, the server says. */
export function heardIn(t: MyThread, m: Message, me: string): MyThread {
  const newer = (old: Message): Message => (old.seq === m.seq && m.rev > old.rev ? mine(m, old, me) : old);
  if (m.seq === t.root.seq) return { ...t, root: newer(t.root) };
  if (m.thread !== t.root.seq) return t;
  const last = t.latest.at(-1)?.seq ?? 0;
  return { ...t, latest: m.seq > last ? [...t.latest, mine(m, undefined, me)].slice(-LATEST) : t.latest.map(newer) };
}

/** The thread after somebody reacted to a message. */
export const reactedIn = (t: MyThread, e: Reacted, me: string): MyThread => ({
  ...t,
  root: reactedTo(t.root, e, me),
  latest: t.latest.map((m) => reactedTo(m, e, me)),
});

/** How many replies a list leaves out between the message and the last ones. */
export const leftOut = (t: MyThread): number => Math.max(0, (t.root.thread_info?.replies ?? 0) - t.latest.length);

/** The threads with mentions, for the title of the page: but for those in muted rooms, and in rooms whose own badge counts one. */
export const mentioning = (threads: Iterable<MyThread>, rooms: Rooms): number =>
  [...threads].filter((t) => {
    const room = rooms.get(t.room)?.room;
    return isUnread(t) && t.mention_count > 0 && !!room && !room.muted && room.kind !== "direct" && !room.mention_count;
  }).length;

/**
 * After which reply the "New" line stands in a thread that is opened: Infinity where nothing is new. One's own row begins with its
 * first unread reply.
 */
export const newAfterIn = (t: MyThread | undefined): number => (t && isUnread(t) ? t.read_seq : Infinity);

/** Whether looking at these replies reads anything. */
export const waitsIn = (t: MyThread | undefined, replies: readonly Message[], me: string): boolean =>
  follows(t) && replies.some((m) => m.seq > t!.read_seq && m.author !== me && !m.deleted_at);
