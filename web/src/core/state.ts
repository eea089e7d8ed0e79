// All that the client knows of the workspace, and the one place where events change it.
import type { LiveEvent, Message, MyRoom, Presence, User } from "../wire/types";
import { freshRoom, inTimeline, merge, react, type RoomState } from "./room";

export interface State {
  me: string;
  readonly rooms: Map<string, RoomState>;
  readonly users: Map<string, User>;
  readonly presence: Map<string, Presence>;
  /** By room: who writes, until when (ms). */
  readonly typing: Map<string, ReadonlyMap<string, number>>;
}

/** What has to be fetched since an event alone does not tell it. */
export type Need =
  | { what: "changes"; room: string } // a gap in a room whose timeline is held
  | { what: "room"; room: string } // counts or the last message
  | { what: "reconcile" };

export const TYPING_LASTS = 5000;

/** Applies one event. `now` in ms. */
export function apply(s: State, e: LiveEvent, now: number): Need[] {
  switch (e.type) {
    case "message":
      return revised(s, e.room, e.rev, (r) => {
        const m = e.message;
        if (!m) return [r, [{ what: "changes", room: e.room }, { what: "room", room: e.room }]];
        stopTyping(s, e.room, m.author);
        return counted(merge(r, m, s.me), m, s.me);
      });
    case "reaction":
      return revised(s, e.room, e.rev, (r) => [react(r, e.seq, e.rev, e.user, e.added, e.reaction, s.me), []]);
    case "room":
      update(s, e.room.id, (r) => ({ ...r, room: { ...r.room, ...optional, ...e.room } }));
      return [];
    case "my_room":
      update(s, e.room.id, (r) => ({
        ...r,
        room: { ...r.room, role: e.room.role, notify: e.room.notify, starred: e.room.starred, muted: e.room.muted },
        membersVersion: r.membersVersion + 1,
      }));
      return [];
    case "joined":
      s.rooms.set(e.room.id, freshRoom(e.room));
      return [];
    case "left":
      s.rooms.delete(e.room);
      s.typing.delete(e.room);
      return [];
    case "members":
      update(s, e.room, (r) => ({ ...r, room: { ...r.room, member_count: e.member_count }, membersVersion: r.membersVersion + 1 }));
      return [];
    case "read":
      update(s, e.room, (r) => e.read_rev <= r.room.read_rev ? r : {
        ...r, room: { ...r.room, read_seq: e.seq, read_rev: e.read_rev, unread: e.unread, mention_count: e.mention_count },
      });
      return [];
    case "user":
      s.users.set(e.user.id, { ...e.user, email: s.users.get(e.user.id)?.email });
      return [];
    case "typing":
      s.typing.set(e.room, new Map(s.typing.get(e.room)).set(e.user, now + TYPING_LASTS));
      return [];
    case "presence":
      for (const [id, p] of Object.entries(e.users)) s.presence.set(id, p);
      return [];
    case "resync":
      return [{ what: "reconcile" }];
    case "hello":
    case "pong":
      return [];
    default:
      return []; // a kind of a newer server
  }
}

/** What a room's event leaves out when it is empty. */
const optional = { name: undefined, topic: undefined, archived: undefined };

function update(s: State, room: string, f: (r: RoomState) => RoomState): void {
  const r = s.rooms.get(room);
  if (r) s.rooms.set(room, f(r));
}

/** The rule of revisions: the next one applies, an old one is ignored, a later one shows a gap. */
function revised(s: State, room: string, rev: number, f: (r: RoomState) => [RoomState, Need[]]): Need[] {
  const r = s.rooms.get(room);
  if (!r || rev <= r.held) return [];
  if (rev > r.held + 1) return [{ what: "changes", room }];
  const [next, needs] = f(r);
  const gap = needs.some((n) => n.what === "changes");
  s.rooms.set(room, gap ? next : { ...next, held: rev, room: { ...next.room, rev } });
  return needs;
}

/** Counts and the latest message after `m` changed. */
function counted(r: RoomState, m: Message, me: string): [RoomState, Need[]] {
  const room = r.room;
  const ask: Need[] = [{ what: "room", room: room.id }];
  if (m.seq !== room.last_seq + 1) { // an edit, a deletion, a thread that grew
    const touches = m.seq > room.read_seq || m.seq === room.last_message?.seq;
    return [r, touches && (m.deleted_at || m.edited_at) ? ask : []];
  }
  const next: MyRoom = { ...room, last_seq: m.seq };
  if (!inTimeline(m)) return [{ ...r, room: next }, m.mentions.includes(me) ? ask : []];
  next.last_message = { seq: m.seq, author: m.author, text: m.text.slice(0, 200), created_at: m.created_at };
  if (m.author === me && !m.system) Object.assign(next, { read_seq: m.seq, unread: 0, mention_count: 0 });
  else if (!m.system) {
    next.unread = Math.min(100, room.unread + 1);
    if (m.mentions.includes(me)) next.mention_count = Math.min(100, room.mention_count + 1);
  }
  return [{ ...r, room: next }, []];
}

function stopTyping(s: State, room: string, user: string): void {
  const t = s.typing.get(room);
  if (!t?.has(user)) return;
  const rest = new Map(t);
  rest.delete(user);
  s.typing.set(room, rest);
}

/** Compares a fresh list of one's rooms with what is held, and says what to heal. */
export function reconcile(s: State, rooms: readonly MyRoom[]): Need[] {
  const needs: Need[] = [];
  const now = new Set(rooms.map((r) => r.id));
  for (const id of [...s.rooms.keys()]) if (!now.has(id)) s.rooms.delete(id);
  for (const room of rooms) {
    const r = s.rooms.get(room.id);
    if (!r) s.rooms.set(room.id, freshRoom(room));
    else if (!r.loaded) s.rooms.set(room.id, { ...r, room, held: room.rev });
    else {
      s.rooms.set(room.id, { ...r, room: keepRead(r.room, room) });
      if (room.rev > r.held) needs.push({ what: "changes", room: room.id });
    }
  }
  return needs;
}

/** A list that was read before a move of the pointer arrived does not undo it. */
export function keepRead(held: MyRoom, fresh: MyRoom): MyRoom {
  if (fresh.read_rev >= held.read_rev) return fresh;
  const { read_seq, read_rev, unread, mention_count } = held;
  return { ...fresh, read_seq, read_rev, unread, mention_count };
}
