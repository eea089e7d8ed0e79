// What the client has of one room in memory, and how that changes.
import type { Message, MyRoom } from "../wire/types";
import { heard, type Aside } from "./asides";
import { EMPTY, put, type Stretch } from "./stretch";

/** A room, and the stretch of its timeline that is in memory. `room.rev` is to the counts what `held` is to the stretch. */
export interface RoomState extends Stretch {
  readonly room: MyRoom;
  /** Replies that mention me, as far as they are known, by seq. */
  readonly asides?: readonly Aside[];
  /** All unread replies that mention me are known. */
  readonly searched?: boolean;
  /** Grows with each change of membership: a member list on screen is then fetched again. */
  readonly membersVersion: number;
  /** How one ceased to be a member, just before the room is forgotten. */
  readonly left?: { readonly reason: "left" | "removed"; readonly by?: string };
}

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

export const freshRoom = (room: MyRoom): RoomState => ({ ...EMPTY, room, membersVersion: 0 });

export const inTimeline = (m: Message): boolean => !m.thread || !!m.also_in_room;

/** Whether a message counts as a mention of me: it names me, or somebody calls the whole room. */
export const mentioned = (m: Message, me: string): boolean =>
  m.mentions.includes(me) || (m.author !== me && m.broadcast === "room");

/** Puts a message into the timeline; a reply is known by whom it mentions. */
export const merge = (s: RoomState, m: Message, me: string): RoomState =>
  !s.loaded ? s : inTimeline(m) ? put(s, m, me) : heard(s, m, me);
