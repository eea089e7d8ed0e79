// The rooms as the sidebar lists them, and the ways that lead through them.
import type { MyRoom, Section, User } from "../wire/types";
import { called, inLine, type Called } from "./names";
import type { Frame, RoomState } from "./room";
import { order } from "./users";

/** With whom one is in a direct room; undefined of a named one. */
export const othersIn = ({ room }: Frame, me: string): string[] | undefined =>
  room.kind === "direct" ? (room.members ?? []).filter((id) => id !== me) : undefined;

/** What a room is called: its name, or the people in it. */
export function calledOf(users: ReadonlyMap<string, User>, me: string, r: Frame): Called[] {
  const others = othersIn(r, me);
  if (!others) return [{ name: r.room.name ?? "" }];
  return others.length ? others.map((id) => called(users.get(id))) : [{ name: "Notes to myself" }];
}

/** The same in one line. */
export const titleOf = (users: ReadonlyMap<string, User>, me: string, r: Frame | undefined): string =>
  r ? calledOf(users, me, r).map(inLine).join(", ") : "";

/** What a section is known by, whatever its name is. */
export const idOf = (s: Section): string => s.id ?? s.name;

/** Ids of rooms. */
export interface Sections {
  /** Above the others, where one wants them there. */
  unread: string[];
  starred: string[];
  /** Those that one made, in their order, as they are kept: with the rooms that one is in. */
  made: Section[];
  named: string[];
  direct: string[];
}

/** Rooms from A to Z. Each title is made once: with thousands of rooms that is what takes the time. */
export function byTitle(frames: Iterable<Frame>, title: (r: Frame) => string): Frame[] {
  const titled = [...frames].map((r) => ({ r, title: title(r) }));
  return titled.sort((a, b) => order.compare(a.title, b.title)).map(({ r }) => r);
}

/**
 * Takes rooms in the order of their titles, and keeps it; direct ones are listed by their latest message. An archived room is listed while
 * it is shown. `latest` is asked for direct rooms alone: a message in a named room moves nothing. Those of `first` stand above all others.
 */
export function sections(
  titled: readonly Frame[],
  current: string | undefined,
  latest: (room: string) => MyRoom["last_message"],
  first: ReadonlySet<string> = new Set(),
  made: readonly Section[] = [],
): Sections {
  const out: Sections = {
    unread: [],
    starred: [],
    made: made.map((s) => ({ ...s, rooms: [] })),
    named: [],
    direct: [],
  };
  const places = new Map(made.flatMap((s, i) => s.rooms.map((id) => [id, out.made[i]!.rooms] as const)));
  const at = new Map<string, string>();
  for (const { room } of titled) {
    const { id } = room;
    if (room.archived && id !== current) continue;
    const place = first.has(id) ? out.unread : room.starred ? out.starred : places.get(id);
    (place ?? (room.kind === "direct" ? out.direct : out.named)).push(id);
    if (!place && room.kind === "direct") at.set(id, latest(id)?.created_at ?? room.created_at);
  }
  out.direct.sort((a, b) => (at.get(a)! < at.get(b)! ? 1 : at.get(a)! > at.get(b)! ? -1 : 0));
  return out;
}

/**
 * The next room `by` places on, going round. If `unread`, the next one in which something waits to be read: the walk ends when there is
 * no other.
 */
export function stepped(
  { unread: first, starred, made, named, direct }: Sections,
  rooms: ReadonlyMap<string, RoomState>,
  current = "",
  by: number,
  unread: boolean,
): string | undefined {
  const all = [...first, ...starred, ...made.flatMap((s) => s.rooms), ...named, ...direct];
  if (by < 0) all.reverse();
  const at = all.indexOf(current) + 1;
  return [...all.slice(at), ...all.slice(0, at)].find((id) => id !== current && (!unread || waits(rooms.get(id))));
}

/** Where one begins: in the room of last time, else in general, else in any room. */
export function firstRoom(rooms: ReadonlyMap<string, RoomState>, last: string): string | undefined {
  if (rooms.has(last)) return last;
  const general = [...rooms.values()].find((r) => r.room.name === "general");
  return general?.room.id ?? rooms.keys().next().value;
}

/** What a room counts of what waits for one: all that is unread in a direct room, mentions elsewhere. */
export const badgeOf = (room: MyRoom): number => (room.kind === "direct" ? room.unread : room.mention_count);

/** Whether something in a room waits to be read. Nothing does in a muted one. */
export const waits = (r: RoomState | undefined): boolean => !!r && r.room.unread > 0 && !r.room.muted;

/** Whether reading a room changes anything. */
export const waitsForMe = (r: RoomState): boolean => r.room.unread + r.room.mention_count > 0;

/** A count as it is drawn. */
export const count = (n: number): string => (n > 99 ? "99+" : String(n));

/** The title of the page. */
export const pageTitle = (unread: number, room: string, workspace: string): string =>
  `${unread ? `(${count(unread)}) ` : ""}${room ? `${room} · ` : ""}${workspace}`;
