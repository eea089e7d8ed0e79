// What the client has of one room in memory, and how that changes. Everything is plain and immutable: a change makes a new
// value.
import type { Message, MyRoom, Page, Reaction } from "../wire/types";
import { heard, type Aside } from "./asides";

/** A room, and the stretch of its timeline that is in memory. The stretch has no gap between its ends. */
export interface RoomState {
  readonly room: MyRoom;
  /** Every change up to this revision is applied to the stretch. `room.rev` says the same of the counts. */
  readonly held: number;
  readonly loaded: boolean;
  readonly messages: readonly Message[];
  readonly moreBefore: boolean;
  readonly moreAfter: boolean;
  /** Replies that mention me, as far as they are known, by seq. */
  readonly asides?: readonly Aside[];
  /** All unread replies that mention me are known. */
  readonly searched?: boolean;
  /** Grows with each change of membership: a member list on screen is then fetched again. */
  readonly membersVersion: number;
  /** How one ceased to be a member, just before the room is forgotten. */
  readonly left?: { readonly reason: "left" | "removed"; readonly by?: string };
  /** The reader has scrolled away from the end: the rows in sight stay in memory. */
  readonly reading?: boolean;
}

/** Rows kept in memory while messages come. A reader who scrolls may have twice as many before the far end is dropped. */
export const WINDOW = 300;
/** Rows dropped at once, so that not every new message drops one. */
const CUT = 30;

/** A room without the fields that every message changes, for those who show only the rest. */
export interface Frame {
  readonly room: Omit<MyRoom, (typeof counted)[number]>;
}
const counted = ["rev", "last_seq", "read_seq", "read_rev", "unread", "mention_count", "last_message"] as const;
const counters: ReadonlySet<string> = new Set(counted);

/** Whether two states of a room differ in counters alone. */
export function sameFrame(a: Frame, b: Frame): boolean {
  const keys = (f: Frame) => Object.keys(f.room).filter((k) => !counters.has(k)) as (keyof Frame["room"])[];
  return keys(a).length === keys(b).length && keys(a).every((k) => a.room[k] === b.room[k]);
}

export const freshRoom = (room: MyRoom): RoomState => ({
  room,
  held: 0,
  loaded: false,
  messages: [],
  moreBefore: false,
  moreAfter: false,
  membersVersion: 0,
});

export const inTimeline = (m: Message): boolean => !m.thread || !!m.also_in_room;

/** Whether a message counts as a mention of me: it names me, or somebody calls the whole room. */
export const mentioned = (m: Message, me: string): boolean =>
  m.mentions.includes(me) || (m.author !== me && m.broadcast === "room");

/** `m` with `me` set in its reactions: live events leave it out, since they are the same for everybody. */
function mine(m: Message, old: Message | undefined, me: string): Message {
  if (m.reactions.every((r) => r.me !== undefined)) return m;
  const before = new Map(old?.reactions.map((r) => [r.emoji, !!r.me]));
  return {
    ...m,
    reactions: m.reactions.map((r) => ({
      ...r,
      me: r.users.includes(me) || (r.count > r.users.length && !!before.get(r.emoji)),
    })),
  };
}

/** Puts a message into the stretch: it replaces an older state of itself, or follows the last row. One outside is left out. */
export function merge(s: RoomState, m: Message, me: string): RoomState {
  if (!s.loaded) return s;
  if (!inTimeline(m)) return heard(s, m, me);
  const i = lowerBound(s.messages, m.seq);
  const old = s.messages[i];
  if (old?.seq === m.seq) {
    if (old.rev >= m.rev) return s;
    return { ...s, messages: s.messages.with(i, mine(m, old, me)) };
  }
  if (i === s.messages.length ? s.moreAfter : i === 0 && s.moreBefore) return s;
  return trim({ ...s, messages: s.messages.toSpliced(i, 0, mine(m, undefined, me)) });
}

/** Drops the oldest rows while the end is in sight, and the newest ones while somebody reads far above the end. */
function trim(s: RoomState): RoomState {
  if (s.messages.length <= (s.reading ? 2 * WINDOW : WINDOW) || s.moreAfter) return s;
  if (s.reading) return { ...s, messages: s.messages.slice(0, 2 * WINDOW - CUT), moreAfter: true };
  return { ...s, messages: s.messages.slice(CUT - WINDOW), moreBefore: true };
}

export function lowerBound(messages: readonly { readonly seq: number }[], seq: number): number {
  let low = 0,
    high = messages.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (messages[middle]!.seq < seq) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** One user added or removed one reaction. */
export function react(
  s: RoomState,
  seq: number,
  rev: number,
  user: string,
  added: boolean,
  r: Reaction,
  me: string,
): RoomState {
  const i = lowerBound(s.messages, seq);
  const m = s.messages[i];
  if (m?.seq !== seq || m.rev >= rev) return s;
  const at = m.reactions.findIndex((o) => o.emoji === r.emoji);
  const before = m.reactions[at];
  const now: Reaction = { ...r, me: user === me ? added : (before?.me ?? r.users.includes(me)) };
  const reactions =
    r.count === 0
      ? m.reactions.filter((o) => o.emoji !== r.emoji)
      : at < 0
        ? [...m.reactions, now]
        : m.reactions.with(at, now);
  return { ...s, messages: s.messages.with(i, { ...m, rev, reactions }) };
}

/** A page that replaces the stretch. */
export const show = (s: RoomState, p: Page): RoomState => ({
  ...s,
  loaded: true,
  searched: false,
  messages: p.messages,
  moreBefore: p.more_before,
  moreAfter: p.more_after,
});

/** An older or newer page that continues the stretch. When there is too much, the far end is dropped. */
export function extend(s: RoomState, p: Page, older: boolean): RoomState {
  const known = new Map(s.messages.map((m) => [m.seq, m]));
  const fresh = p.messages.filter((m) => !known.has(m.seq));
  if (older) {
    const all = [...fresh, ...s.messages];
    const cut = all.length > 2 * WINDOW;
    return {
      ...s,
      messages: cut ? all.slice(0, WINDOW + fresh.length) : all,
      moreBefore: p.more_before,
      moreAfter: s.moreAfter || cut,
    };
  }
  const all = [...s.messages, ...fresh];
  const cut = all.length > 2 * WINDOW;
  return {
    ...s,
    messages: cut ? all.slice(-WINDOW - fresh.length) : all,
    moreAfter: p.more_after,
    moreBefore: s.moreBefore || cut,
  };
}
