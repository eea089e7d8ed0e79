// The threads that one follows, as the server last told of them, and what live events change in them meanwhile.
import type { Message, MyThread, MyThreads } from "../wire/types";
import { MANY } from "./counts";
import type { Rooms } from "./rooms";
import { mine } from "./stretch";

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

/** The thread after one message of its room changed: `change` leaves the others as they are. */
export const changedIn = (t: MyThread, change: (m: Message) => Message): MyThread => ({
  ...t,
  root: change(t.root),
  latest: t.latest.map(change),
});

/** How many replies a list leaves out between the message and the last ones. */
export const leftOut = (t: MyThread): number => Math.max(0, (t.root.thread_info?.replies ?? 0) - t.latest.length);

/** Those with something unread, in the rooms that one is in. */
export const unreadIn = (threads: Iterable<MyThread>, rooms: Rooms): MyThread[] =>
  [...threads].filter((t) => isUnread(t) && rooms.has(t.room));

/** Of them, those in which one is mentioned. Nothing waits in a muted room. */
export const mentioning = (threads: Iterable<MyThread>, rooms: Rooms): MyThread[] =>
  unreadIn(threads, rooms).filter((t) => t.mention_count > 0 && !rooms.get(t.room)!.room.muted);

/** How many of these the title of the page counts: not those in rooms whose own badge counts one. */
export const inTitle = (threads: Iterable<MyThread>, rooms: Rooms): number =>
  mentioning(threads, rooms).filter((t) => {
    const { room } = rooms.get(t.room)!;
    return room.kind !== "direct" && !room.mention_count;
  }).length;

/** How many unread threads there are beyond the first page of them. The server counts to a hundred: Infinity stands for "many". */
export function beyond({ threads, unread_threads, next }: MyThreads): number {
  if (!next) return 0;
  return unread_threads < MANY ? Math.max(0, unread_threads - threads.length) : Infinity;
}

/** The "New" line of a thread that is open. It stays where it is while one reads. */
export interface NewLine {
  /** It stands before the first reply of others after this seq; Infinity where nothing is new. */
  readonly after: number;
  /** Replies were marked as unread, here or on another device: seeing them does not read them before the pointer moves on. */
  readonly kept: boolean;
  readonly pointer: number;
}

/** The line after one hears of the thread, at first when it is opened. It goes back with the pointer of who follows the thread. */
export function lineIn(was: NewLine | undefined, t: MyThread | undefined): NewLine {
  const pointer = t?.read_seq ?? 0;
  if (!was) return { after: t && isUnread(t) ? pointer : Infinity, kept: false, pointer };
  if (!follows(t) || pointer === was.pointer) return was;
  return pointer < was.pointer ? { after: pointer, kept: true, pointer } : { ...was, kept: false, pointer };
}

/** Whether looking at these replies reads anything. */
export const waitsIn = (t: MyThread | undefined, replies: readonly Message[], me: string): boolean =>
  follows(t) && replies.some((m) => m.seq > t!.read_seq && m.author !== me && !m.deleted_at);

/** The list on screen. Rows keep their places in it until it is loaded again. */
export interface List {
  /** Only threads with something unread. */
  readonly unread: boolean;
  readonly keys: readonly string[];
  /** The newest reply when it was loaded. */
  readonly newest: string;
  readonly next?: string | undefined;
  readonly loaded: boolean;
  /** Why the last page could not be loaded. */
  readonly failed: string;
}
export const NO_LIST: List = { unread: false, keys: [], newest: "", loaded: false, failed: "" };

/** The list with its next page. A thread that has moved meanwhile keeps its place. */
export const continued = (l: List, { threads, next }: MyThreads): List => ({
  ...l,
  keys: [...new Set([...l.keys, ...threads.map(keyOf)])],
  newest: l.loaded ? l.newest : (threads[0]?.last_reply_at ?? ""),
  next,
  loaded: true,
  failed: "",
});

/** How many of the unread threads have got replies since the list was loaded, and are not in it. */
export const missingIn = (l: List, unread: readonly MyThread[]): number =>
  l.loaded ? unread.filter((t) => (t.last_reply_at ?? "") > l.newest && !l.keys.includes(keyOf(t))).length : 0;
