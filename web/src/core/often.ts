// How often I talk to somebody, as far as the rooms in memory tell. It orders what is suggested.
import type { RoomState } from "./room";

/** What somebody's message weighs in a room of many, and what it weighs where it was meant for me, or mine for them. */
const NEARBY = 1,
  BETWEEN_US = 3;

/** A weight for everybody whom I talk to. */
export function often(rooms: Iterable<RoomState>, me: string): ReadonlyMap<string, number> {
  const weights = new Map<string, number>();
  const add = (id: string, weight: number) => void weights.set(id, (weights.get(id) ?? 0) + weight);
  for (const { room, messages } of rooms) {
    const people = room.kind === "direct" ? (room.members ?? []).filter((id) => id !== me) : [];
    if (room.last_message) for (const id of people) add(id, BETWEEN_US);
    for (const m of messages) {
      if (m.system || m.deleted_at) continue;
      if (m.author !== me) add(m.author, people.length || m.mentions.includes(me) ? BETWEEN_US : NEARBY);
      else for (const id of m.mentions) if (id !== me) add(id, BETWEEN_US);
    }
  }
  return weights;
}
