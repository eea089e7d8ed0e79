// Whose presence is shown, or soon may be, the most wanted first: not everybody can be watched.
import type { State } from "./state";

const recent = (a: string | undefined, b: string | undefined): number => (b ?? "").localeCompare(a ?? "");

/** Of those who wrote last in the open room. */
const WRITERS = 8;

/** The people of the open room if it is a direct one, some who wrote in it last, those one talks to directly, then all. */
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
