// Puts the server's answers into the state. An answer shows the server at one moment and may arrive late, after newer events
// or answers. No function here replaces newer state by older. What a late answer cannot tell is fetched again.
import type { Changes, Message, MyRoom, Page, User } from "../wire/types";
import { heard } from "./asides";
import { freshRoom, inTimeline, merge } from "./room";
import { drop, update } from "./rooms";
import type { Need, State } from "./state";
import { edgeOf, extend, show, type Stretch } from "./stretch";
import { heldIn, mergeReply, rootOf, type Thread } from "./threads";
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
  return r?.loaded ? behind(s, fresh.id, fresh.rev) : [];
}

/** The message that answers a command. */
export function takeMessage(s: State, m: Message): void {
  update(s, m.room, (r) => merge(r, m, s.me));
  updateThread(s, m.room, (t) => mergeReply(t, m, s.me));
}

function updateThread(s: State, room: string, f: (t: Thread) => Thread): void {
  const t = s.threads.get(room);
  if (t) s.threads.set(room, f(t));
}

/** What has to be fetched when a stretch in memory lacks what came before revision `rev`. */
function behind(s: State, room: string, rev: number): Need[] {
  return heldIn(s, room) < rev ? [{ what: "changes", room }] : [];
}

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
  const { me } = s;
  if (!s.rooms.get(room)?.loaded) return { needs: [] };
  const all = <S extends Stretch>(was: S, f: (s: S, m: Message, me: string) => S): S => {
    const now = c.messages.reduce((now, m) => f(now, m, me), was);
    const whole = !c.more && since <= was.held; // else an older page was shown meanwhile
    return whole ? { ...now, held: Math.max(was.held, c.head) } : now;
  };
  update(s, room, (r) => all(r, merge));
  updateThread(s, room, (t) => all(t, mergeReply));
  return c.more ? { needs: [], next: c.next } : { needs: behind(s, room, c.head) };
}

/** The replies among messages that may have changed before the revision in memory. */
export const takeAsides = (s: State, room: string, messages: readonly Message[]): void =>
  update(s, room, (r) => messages.filter((m) => !inTimeline(m)).reduce((r, m) => heard(r, m, s.me), r));

/** GET /rooms/{room}/messages: a page that replaces the messages in memory. */
export function takePage(s: State, room: string, p: Page): Need[] {
  const r = s.rooms.get(room);
  if (!r) return [];
  s.rooms.set(room, { ...show(r, p), searched: false });
  const needs = behind(s, room, Math.max(r.room.rev, r.loaded ? r.held : 0, p.head));
  return needs.length || r.room.rev >= p.head ? needs : [{ what: "room", room }];
}

/** GET /rooms/{room}/messages before or after `edge`, which was the end of the stretch at the moment of asking. */
export function takeMore(s: State, room: string, p: Page, older: boolean, edge: number): Need[] {
  const r = s.rooms.get(room);
  if (!r || edgeOf(r, older) !== edge) return [];
  s.rooms.set(room, extend(r, p, older));
  return behind(s, room, r.held);
}

/** GET /rooms/{room}/messages of a thread: a page that replaces the replies in memory. `first` is a root fetched after it. */
export function takeReplies(s: State, room: string, root: number, p: Page, first?: Message): Need[] {
  const t = s.threads.get(room),
    r = s.rooms.get(room);
  if (t?.root !== root || !r) return [];
  const held = first ? p.head : Math.min(p.head, r.held); // a root in memory is as old as what is around it
  s.threads.set(room, { ...show(t, p), held, first: first ?? rootOf(r, root), failed: false });
  return r.loaded ? behind(s, room, Math.max(r.room.rev, r.held, t.loaded ? t.held : 0)) : []; // else the page of the room tells
}

/** The same before or after `edge`. */
export function takeMoreReplies(s: State, room: string, root: number, p: Page, older: boolean, edge: number): Need[] {
  const t = s.threads.get(room);
  if (t?.root !== root || edgeOf(t, older) !== edge) return [];
  s.threads.set(room, extend(t, p, older));
  return behind(s, room, t.held);
}
