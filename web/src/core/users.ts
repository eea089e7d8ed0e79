// The directory: everybody whom one may see.
import type { User } from "../wire/types";
import { called, inLine } from "./names";
import type { Need, State } from "./state";
import { DIRECTORY, turned } from "./turns";

/** How a person is shown in one line. */
export const nameOf = (users: ReadonlyMap<string, User>, id: string): string => inLine(called(users.get(id)));

/**
 * A user changed. One's own role says whom one sees, and whose e-mail addresses: another one makes the directory another. That of a guest
 * may be newer than this event, and hold people whom events of before it have put back.
 */
export function userChanged(s: Pick<State, "me" | "users" | "turns">, user: User): Need[] {
  const was = s.users.get(user.id);
  turned(s.turns, DIRECTORY);
  s.users.set(user.id, withEmail(user, was));
  if (!was || user.id !== s.me) return [];
  return user.role !== was.role || user.role === "guest" ? [{ what: "users" }] : [];
}

/** Memberships changed. Guests see only those with whom they share a room, so a guest fetches the directory again. */
export function membershipsChanged(s: Pick<State, "me" | "users" | "turns">): Need[] {
  const me = s.users.get(s.me);
  if (me && me.role !== "guest") return [];
  turned(s.turns, DIRECTORY);
  return [{ what: "users" }];
}

export const order = new Intl.Collator(undefined, { numeric: true });

type Named = Pick<User, "name" | "handle">;

/** People from A to Z. */
export const byName = (a: Named, b: Named): number =>
  order.compare(a.name, b.name) || order.compare(a.handle, b.handle);

/** Everybody whom one can choose, oneself apart, from A to Z. */
export const others = (users: Iterable<User>, me: string): User[] =>
  [...users].filter((u) => !u.deactivated && u.id !== me).sort(byName);

/** Events leave the e-mail address out: a known one is kept. */
const withEmail = (u: User, old: User | undefined): User => (old?.email === undefined ? u : { ...u, email: old.email });
