// Puts the server's answers into the state. An answer shows the server at one moment and may arrive late, after newer events
// or answers. No function here replaces newer state by older. What a late answer cannot tell is fetched again.
import type { Changes, Message, MyRoom, Page, User } from "../wire/types";
import { heard } from "./asides";
import { extend, freshRoom, inTimeline, merge, show } from "./room";
import { drop, update } from "./rooms";
import type { Need, State } from "./state";
import { DIRECTORY, turn, turned } from "./turns";

/** The turns at the moment of asking. A room whose turn has changed since makes the answer about it old. */
export type Asked = ReadonlyMap<string, number>;
export const asking = (s: State): Asked => new Map(s.turns);
const same = (s: State, asked: Asked, of: string): boolean => turn(s.turns, of) === (asked.get(of) ?? 0);

/** GET /rooms/{room}, and the room that answers a command. */
export function takeRoom(s: State, fresh: MyRoom, asked: Asked): Need[] {
  if (!fresh.role) return takeGone(s, fresh.id, asked); // a public room as strangers see it
  const again: Need[] = [{ what: "room", room: fresh.id }];
  const r = s.rooms.get(fresh.id);
  if (!same(s, asked, fresh.id) || (r && (fresh.rev < r.room.rev || fresh.read_rev < r.room.read_rev))) return again;
  turned(s.turns, fresh.id);
  s.rooms.set(fresh.id, r ? { ...r, room: fresh } : freshRoom(fresh));
  return r?.loaded && fresh.rev > r.held ? [{ what: "changes", room: fresh.id }] : [];
}

/** The message that answers a command. */
export const takeMessage = (s: State, m: Message): void => update(s, m.room, (r) => merge(r, m, s.me));

/** A room that was asked for does not exist, or one is no longer a member of it. */
export function takeGone(s: State, room: string, asked: Asked): Need[] {
  if (!same(s, asked, room)) return [{ what: "room", room }];
  turned(s.turns, room);
  drop(s, room);
  return [];
}

/** GET /rooms: all of one's rooms, and no other. */
export function takeRooms(s: State, rooms: readonly MyRoom[], asked: Asked): Need[] {
  const now = new Set(rooms.map((r) => r.id));
  const gone = [...s.rooms.keys()].filter((id) => !now.has(id));
  return [...gone.flatMap((id) => takeGone(s, id, asked)), ...rooms.flatMap((r) => takeRoom(s, r, asked))];
}

/** GET /users: everybody whom one may see. */
export function takeUsers(s: State, users: readonly User[], asked: Asked): Need[] {
  if (!same(s, asked, DIRECTORY)) return [{ what: "users" }];
  turned(s.turns, DIRECTORY);
  const now = new Set(users.map((u) => u.id));
  for (const id of [...s.users.keys()]) if (!now.has(id)) s.users.delete(id);
  for (const u of users) s.users.set(u.id, u);
  return [];
}

/** GET /rooms/{room}/changes: one page of what changed after `since`. `next` is where the next page begins, if there is one. */
export function takeChanges(s: State, room: string, since: number, c: Changes): { needs: Need[]; next?: number } {
  const r = s.rooms.get(room);
  if (!r?.loaded) return { needs: [] };
  const merged = c.messages.reduce((r, m) => merge(r, m, s.me), r);
  if (c.more) {
    s.rooms.set(room, merged);
    return { needs: [], next: c.next };
  }
  const whole = since <= r.held; // else an older page was shown meanwhile
  s.rooms.set(room, whole ? { ...merged, held: Math.max(r.held, c.head) } : merged);
  return { needs: whole ? [] : [{ what: "changes", room }] };
}

/** The replies among messages that may have changed before the revision in memory. */
export const takeAsides = (s: State, room: string, messages: readonly Message[]): void =>
  update(s, room, (r) => messages.filter((m) => !inTimeline(m)).reduce((r, m) => heard(r, m, s.me), r));

/** GET /rooms/{room}/messages: a page that replaces the messages in memory. */
export function takePage(s: State, room: string, p: Page): Need[] {
  const r = s.rooms.get(room);
  if (!r) return [];
  s.rooms.set(room, { ...show(r, p), held: p.head });
  if (Math.max(r.room.rev, r.loaded ? r.held : 0) > p.head) return [{ what: "changes", room }];
  return r.room.rev < p.head ? [{ what: "room", room }] : [];
}

/** GET /rooms/{room}/messages before or after `edge`, which was the end of the stretch at the moment of asking. */
export function takeMore(s: State, room: string, p: Page, older: boolean, edge: number): Need[] {
  const r = s.rooms.get(room);
  if (!r?.loaded || (older ? r.messages[0] : r.messages.at(-1))?.seq !== edge) return [];
  s.rooms.set(room, { ...extend(r, p, older), held: Math.min(r.held, p.head) });
  return p.head < r.held ? [{ what: "changes", room }] : [];
}
