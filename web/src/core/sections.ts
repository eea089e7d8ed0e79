// The rooms as the sidebar lists them, and the ways that lead through them.
import type { MyRoom, Section, User } from "../wire/types";
import { called, inLine, type Called } from "./names";
import type { Frame, RoomState } from "./room";

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

/**
 * Starred and named rooms by title, direct ones by their latest message. An archived room is listed while it is shown.
 * `latest` is asked for direct rooms alone: a message in a named room moves nothing. Those of `first` stand above all others.
 */
export function sections(
  frames: Iterable<Frame>,
  current: string | undefined,
  title: (r: Frame) => string,
  latest: (room: string) => MyRoom["last_message"],
  first: ReadonlySet<string> = new Set(),
  made: readonly Section[] = [],
): Sections {
  const rooms = [...frames].filter((r) => !r.room.archived || r.room.id === current);
  const byTitle = (a: Frame, b: Frame) => title(a).localeCompare(title(b));
  const at = (r: Frame) => latest(r.room.id)?.created_at ?? r.room.created_at;
  const byLatest = (a: Frame, b: Frame) => at(b).localeCompare(at(a));
  const ids = (of: Frame[]) => of.map((r) => r.room.id);
  const old = rooms.filter((r) => !first.has(r.room.id)),
    loose = old.filter((r) => !r.room.starred),
    placed = new Set(made.flatMap((s) => s.rooms)),
    rest = loose.filter((r) => !placed.has(r.room.id));
  const inSection = (s: Section) => ids(loose.filter((r) => s.rooms.includes(r.room.id)).sort(byTitle));
  return {
    unread: ids(rooms.filter((r) => first.has(r.room.id)).sort(byTitle)),
    starred: ids(old.filter((r) => r.room.starred).sort(byTitle)),
    made: made.map((s) => ({ ...s, rooms: inSection(s) })),
    named: ids(rest.filter((r) => r.room.kind !== "direct").sort(byTitle)),
    direct: ids(rest.filter((r) => r.room.kind === "direct").sort(byLatest)),
  };
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
