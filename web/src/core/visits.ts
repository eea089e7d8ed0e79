// The rooms of the last visits. Their timelines stay in the document, out of sight and unchanged, so that going back to one
// costs nothing.
import type { RoomState } from "./room";

export interface Visit {
  readonly room: string;
  /** The "New" line stands before the first message of others after this seq. Reading does not move it. */
  readonly newAfter: number;
  /** Messages were marked as unread: seeing them does not read them before one has left the room and come back. */
  readonly kept?: boolean;
  /** The room as it was last seen; undefined while it is on screen. */
  readonly left?: RoomState | undefined;
}

/** How many rooms are kept, the one on screen included. */
const KEPT = 3;

type Rooms = ReadonlyMap<string, RoomState>;

function begin(rooms: Rooms, room: string): Visit {
  const r = rooms.get(room)?.room;
  return { room, newAfter: r && r.unread > 0 ? r.read_seq : Infinity };
}

/** The visits, the present one first, after `to` was opened. Without a room on screen none is kept. */
export function visited(visits: readonly Visit[], rooms: Rooms, to: string | undefined): Visit[] {
  if (!to) return [];
  const before = visits.filter((v) => v.room !== to && rooms.has(v.room));
  const kept = before.map((v) => (v.left ? v : { ...v, left: rooms.get(v.room) }));
  return [begin(rooms, to), ...kept].slice(0, KEPT);
}

/** The visits after one came back to the tab, with the room still on screen: as if one had left the room meanwhile. */
export const resumed = (visits: readonly Visit[], rooms: Rooms, room: string): readonly Visit[] =>
  visits.map((v) => (v.room === room && !v.kept && rooms.get(room)?.room.unread ? begin(rooms, room) : v));

/** The visits after a message of the room was marked as unread. */
export const marked = (visits: readonly Visit[], room: string, seq: number): Visit[] =>
  visits.map((v) => (v.room === room ? { ...v, newAfter: seq - 1, kept: true } : v));

/** The visits after the pointer of the room moved: back when something was marked as unread, perhaps on another device. */
export function moved(visits: readonly Visit[], room: string, from: number, to: number): readonly Visit[] {
  const v = visits.find((v) => v.room === room);
  if (to < from) return v?.kept && v.newAfter === to ? visits : marked(visits, room, to + 1);
  return v?.kept ? visits.map((o) => (o === v ? { ...v, kept: false } : o)) : visits;
}
