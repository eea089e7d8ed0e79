// The people whose presence the client watches, the most important first: the server limits how many can be watched.
import type { State } from "./state";

const recent = (a: string | undefined, b: string | undefined): number => (b ?? "").localeCompare(a ?? "");

/** How many of the latest authors in the open room come first. */
const WRITERS = 8;

/** In this order: the members of an open direct room, its latest authors, the people of one's direct rooms, everybody. */
export function wanted(s: Pick<State, "me" | "rooms" | "users">, open: string | null): string[] {
  const ids = new Set<string>(),
    r = open ? s.rooms.get(open) : undefined;
  for (const id of r?.room.members ?? []) ids.add(id);
  for (const id of new Set(r?.messages.toReversed().map((m) => m.author))) if (ids.size < WRITERS) ids.add(id);
  const direct = [...s.rooms.values()].map((o) => o.room).filter((o) => o.members);
  for (const o of direct.sort((a, b) => recent(a.last_message?.created_at, b.last_message?.created_at)))
    for (const id of o.members ?? []) ids.add(id);
  for (const u of s.users.values()) if (!u.deactivated) ids.add(u.id);
  ids.delete(s.me);
  return [...ids];
}
