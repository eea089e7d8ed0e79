// What concerns one, as the server listed it, and what live events and one's own commands change in it meanwhile.
import type { LiveEvent } from "../wire/live";
import type { Inbox, InboxItem, Message } from "../wire/types";
import { MANY } from "./counts";
import { counted } from "./counted";
import { pathOf, pathToThread } from "./paths";
import { inTimeline, type RoomState } from "./room";
import type { Rooms } from "./rooms";
import { waits as waitsIn } from "./sections";

export type Filter = "all" | "unread" | "mentions" | "reactions";

/** Whether an entry is read by the pointer of its thread, too: then the server alone says whether it was. */
const ofThread = (i: InboxItem): boolean => i.cause === "thread" || !inTimeline(i.message);

/** Whether an entry waits to be read. Reactions wait for nobody, nor does what is in a room that one has left. */
export function waits(i: InboxItem, rooms: Rooms): boolean {
  const r = rooms.get(i.room);
  if (!r || i.cause === "reaction") return false;
  return i.cause === "thread" ? !i.read : i.seq > r.room.read_seq && !(ofThread(i) && i.read);
}

/** Whether an entry is drawn as one that has not been read. A reaction is, until one has seen it. */
export const isNew = (i: InboxItem, rooms: Rooms): boolean => (i.cause === "reaction" ? !i.read : waits(i, rooms));

/** How many unread entries there are beyond the first page of them. The server counts to a hundred: Infinity stands for "many". */
export function beyond({ items, unread, next }: Inbox): number {
  if (!next) return 0;
  const listed = items.filter((i) => i.cause !== "reaction").length;
  return unread < MANY ? Math.max(0, unread - listed) : Infinity;
}

/** The direct rooms in which something is unread, the latest message first. They stand above the entries. */
export const directs = (rooms: Iterable<RoomState>): RoomState[] =>
  [...rooms].filter((r) => r.room.kind === "direct" && waitsIn(r)).sort((a, b) => latest(b).localeCompare(latest(a)));
const latest = ({ room }: RoomState): string => room.last_message?.created_at ?? room.created_at;

/** The key of the entry that a message makes. */
export const keyFor = (m: Message): string => `m.${m.room}.${m.seq}`;

interface Mine {
  readonly me: string;
  readonly rooms: Rooms;
  readonly keywords: readonly string[];
  /** The inbox is on screen. */
  readonly open: boolean;
  /** What was known of the inbox before the event. */
  readonly known: Iterable<InboxItem>;
  /** Where one's pointer of a room was before the event. */
  readonly pointer: number;
}

/** Whether the inbox may be another one after an event, so that it is fetched again. What the event itself tells is not fetched. */
export function concerns(e: LiveEvent, { me, rooms, keywords, open, known, pointer }: Mine): boolean {
  if (e.type === "thread" || e.type === "joined" || e.type === "my_room") return true;
  if (e.type === "reaction") return open && e.user !== me; // they count for nobody who does not look
  // What was marked as unread comes back. Of replies the server alone knows what one has read.
  if (e.type === "read") return e.seq < pointer || [...known].some((i) => i.room === e.room && ofThread(i));
  if (e.type !== "message" || rooms.get(e.room)?.room.kind === "direct") return false; // a direct room is no entry
  const m = e.message;
  return !m || (m.author !== me && !m.system && (m.mentions.includes(me) || !!m.broadcast || hasAny(m, keywords)));
}

const plain = (s: string): string => s.normalize("NFKC").toLowerCase();

/** Whether one of the keywords may be in a text. The server looks at whole words. */
function hasAny(m: Message, keywords: readonly string[]): boolean {
  const text = plain(m.text);
  return keywords.some((k) => text.includes(plain(k).split(/\s+/)[0]!));
}

/** The entry after its message was changed; undefined when it was deleted. */
export function heardIn(i: InboxItem, m: Message): InboxItem | undefined {
  if (m.room !== i.room || m.seq !== i.message.seq || m.rev <= i.message.rev) return i;
  return m.deleted_at ? undefined : { ...i, message: m };
}

/** What was cleared: entries by key and everything, each up to a moment. */
export interface Cleared {
  readonly keys: ReadonlyMap<string, string>;
  readonly before: string;
}
export const NOTHING: Cleared = { keys: new Map(), before: "" };

/** What is cleared when these are too. */
export const cleared = (c: Cleared, items: readonly InboxItem[], before = ""): Cleared => ({
  keys: new Map([...c.keys, ...items.map((i) => [i.key, i.at] as const)]),
  before: before > c.before ? before : c.before,
});

/** What stays cleared when these entries are back. */
export const uncleared = (c: Cleared, items: readonly InboxItem[], before: string): Cleared => {
  const back = new Set(items.map((i) => i.key));
  return { keys: new Map([...c.keys].filter(([k]) => !back.has(k))), before };
};

/** Whether an answer still holds what was cleared meanwhile. Something newer about it is shown again. */
export const isCleared = (i: InboxItem, { keys, before }: Cleared): boolean =>
  i.at <= before || i.at <= (keys.get(i.key) ?? "");

/** Where an entry leads to: the message where it stands; a thread, at what is new in it. */
export const pathOfItem = ({ cause, room, message: m }: InboxItem): string =>
  cause === "thread" ? pathToThread(room, m.thread ?? m.seq) : pathOf(m);

/** What whoever caused an entry did, as it stands between their name and that of the room. */
export function didWhat({ cause, by, message: m }: InboxItem): string {
  const others = by.length > 1 ? `and ${counted(by.length - 1, "other")} ` : "";
  if (cause === "reaction") return `${others}reacted to your message`;
  if (cause === "thread") return `${others}replied in a thread`;
  if (cause === "keyword") return "wrote one of your keywords";
  if (cause === "broadcast") return m.broadcast === "here" ? "notified everybody who was there" : "notified everybody";
  return inTimeline(m) ? "mentioned you" : "mentioned you in a thread";
}

/** The reactions of others to a message, and how many there are of each. */
export const reactionsIn = (m: Message): { emoji: string; n: number }[] =>
  m.reactions.map(({ emoji, count, me }) => ({ emoji, n: count - (me ? 1 : 0) })).filter(({ n }) => n > 0);

/** The list on screen. Rows keep their places in it until it is loaded again. */
export interface List {
  readonly filter: Filter;
  /** What was new when the list was loaded, and what comes after it. */
  readonly fresh: readonly string[];
  readonly earlier: readonly string[];
  /** The newest entry when it was loaded. */
  readonly newest: string;
  readonly next?: string | undefined;
  readonly loaded: boolean;
  /** Why the last page could not be loaded. */
  readonly failed: string;
}
export const NO_LIST: List = { filter: "all", fresh: [], earlier: [], newest: "", loaded: false, failed: "" };

export const keysOf = (l: List): string[] => [...l.fresh, ...l.earlier];

/** The list with its next page. What is new on the first page stands above the rest. */
export function continued(l: List, { items, next }: Inbox, rooms: Rooms): List {
  const known = new Set(keysOf(l)),
    page = items.filter((i) => !known.has(i.key)),
    fresh = (i: InboxItem) => !l.loaded && isNew(i, rooms);
  return {
    ...l,
    fresh: [...l.fresh, ...page.filter(fresh).map((i) => i.key)],
    earlier: [...l.earlier, ...page.filter((i) => !fresh(i)).map((i) => i.key)],
    newest: l.loaded ? l.newest : (items[0]?.at ?? ""),
    next,
    loaded: true,
    failed: "",
  };
}

/** The list without some entries, and without its further pages if all was cleared. */
export function without(l: List, gone: ReadonlySet<string>, all: boolean): List {
  const stays = (k: string) => !gone.has(k);
  return {
    ...l,
    fresh: l.fresh.filter(stays),
    earlier: l.earlier.filter(stays),
    next: all ? undefined : l.next,
  };
}

/** The list when what was cleared is back in its place, and what was loaded since behind it. */
export function restored(l: List, was: List, all: boolean): List {
  if (l.filter !== was.filter || !l.loaded) return l;
  const known = new Set(keysOf(was));
  const { fresh, next } = was;
  return {
    ...l,
    fresh,
    earlier: [...was.earlier, ...keysOf(l).filter((k) => !known.has(k))],
    next: all ? next : l.next,
  };
}

const fits: Record<Filter, (i: InboxItem) => boolean> = {
  all: () => true,
  unread: () => true,
  mentions: (i) => i.cause !== "reaction" && i.cause !== "thread",
  reactions: (i) => i.cause === "reaction",
};

/** How many new entries came since the list was loaded, and are not in it. */
export function missingIn(l: List, known: Iterable<InboxItem>, rooms: Rooms): number {
  const listed = new Set(keysOf(l));
  if (!l.loaded) return 0;
  return [...known].filter((i) => i.at > l.newest && !listed.has(i.key) && fits[l.filter](i) && isNew(i, rooms)).length;
}

/** Which row has the focus when one is gone: the next, or else the one before it; undefined when none is left. */
export function afterward(keys: readonly string[], gone: string): string | undefined {
  const i = keys.indexOf(gone);
  return i < 0 ? keys[0] : (keys[i + 1] ?? keys[i - 1]);
}

/** The newest reaction among the entries, which one has then seen; "" when all were seen before. */
export const newestReaction = (items: readonly InboxItem[]): string =>
  items.reduce((last, i) => (i.cause === "reaction" && !i.read && i.at > last ? i.at : last), "");
