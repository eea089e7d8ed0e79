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
  /** By room, and of DIRECTORY: grows with each change that no revision counts. An answer asked for before it is old. */
  readonly turns: Map<string, number>;
}

/** What has to be fetched since an event or an answer alone does not tell it. */
export type Need =
  | { what: "changes"; room: string } // a gap in the stretch that is held
  | { what: "room"; room: string } // counts or the last message
  | { what: "rooms" }
  | { what: "users" };

export const TYPING_LASTS = 5000;
export const DIRECTORY = "users";

/** The state of one who has just signed in. */
export const emptyState = (me: string): State => ({
  me,
  rooms: new Map(),
  users: new Map(),
  presence: new Map(),
  typing: new Map(),
  turns: new Map(),
});

export const turn = (s: State, of: string): number => s.turns.get(of) ?? 0;
export const turned = (s: State, of: string): void => void s.turns.set(of, turn(s, of) + 1);

/** Applies one event. `now` in ms. */
export function apply(s: State, e: LiveEvent, now: number): Need[] {
  switch (e.type) {
    case "message":
      if (e.message) stopTyping(s, e.room, e.message.author);
      return revised(
        s,
        e.room,
        e.rev,
        e.message && ((r) => merge(r, e.message!, s.me)),
        e.message && ((r) => counted(r, e.message!, s.me)),
      );
    case "reaction":
      return revised(
        s,
        e.room,
        e.rev,
        (r) => react(r, e.seq, e.rev, e.user, e.added, e.reaction, s.me),
        (r) => [r, []],
      );
    case "room":
      return settled(s, e.room.id, (r) => ({ ...r, room: { ...r.room, ...optional, ...e.room } }));
    case "my_room": {
      const { role, notify, starred, muted } = e.room;
      return settled(s, e.room.id, (r) => ({
        ...r,
        room: { ...r.room, role, notify, starred, muted },
        membersVersion: r.membersVersion + 1,
      }));
    }
    case "joined": {
      turned(s, e.room.id);
      const r = s.rooms.get(e.room.id);
      if (r) return [{ what: "room", room: e.room.id }, ...directory(s)]; // it was held already: whichever is newer
      s.rooms.set(e.room.id, freshRoom(e.room));
      return directory(s);
    }
    case "left":
      turned(s, e.room);
      drop(s, e.room);
      return directory(s);
    case "members":
      return [
        ...settled(s, e.room, (r) => ({
          ...r,
          room: { ...r.room, member_count: e.member_count },
          membersVersion: r.membersVersion + 1,
        })),
        ...directory(s),
      ];
    case "read":
      update(s, e.room, (r) => {
        if (e.read_rev <= r.room.read_rev) return r;
        const { seq: read_seq, read_rev, unread, mention_count } = e;
        return { ...r, room: { ...r.room, read_seq, read_rev, unread, mention_count } };
      });
      return [];
    case "user":
      turned(s, DIRECTORY);
      s.users.set(e.user.id, withEmail(e.user, s.users.get(e.user.id)));
      return [];
    case "typing":
      s.typing.set(e.room, new Map(s.typing.get(e.room)).set(e.user, now + TYPING_LASTS));
      return [];
    case "presence":
      for (const [id, p] of Object.entries(e.users)) s.presence.set(id, p);
      return [];
    case "resync":
      return [{ what: "rooms" }, { what: "users" }];
    default:
      return []; // hello, pong and bye are the connection's; others are of a newer server
  }
}

/** What a room's event leaves out when it is empty. */
const optional = { name: undefined, topic: undefined, archived: undefined };

/** Events say nobody's address. */
const withEmail = (u: User, old: User | undefined): User => (old?.email === undefined ? u : { ...u, email: old.email });

export function update(s: State, room: string, f: (r: RoomState) => RoomState): void {
  const r = s.rooms.get(room);
  if (r) s.rooms.set(room, f(r));
}

export function drop(s: State, room: string): void {
  s.rooms.delete(room);
  s.typing.delete(room);
}

/** Guests see those alone with whom they share a room: who that is changes with memberships. */
function directory(s: State): Need[] {
  const me = s.users.get(s.me);
  if (me && me.role !== "guest") return [];
  turned(s, DIRECTORY);
  return [{ what: "users" }];
}

/** A change that takes no revision. */
function settled(s: State, room: string, f: (r: RoomState) => RoomState): Need[] {
  turned(s, room);
  update(s, room, f);
  return [];
}

/**
 * The rule of revisions, once for the stretch that is held and once for the counts: the next one applies, an old one is
 * ignored, a later one shows a gap. Without a function the event says only that something changed.
 */
function revised(
  s: State,
  room: string,
  rev: number,
  held?: (r: RoomState) => RoomState,
  counts?: (r: MyRoom) => [MyRoom, Need[]],
): Need[] {
  let r = s.rooms.get(room);
  if (!r) return [{ what: "rooms" }]; // one is a member of what one does not hold
  const needs: Need[] = [];
  if (r.loaded && rev > r.held) {
    if (held && rev === r.held + 1) r = { ...held(r), held: rev };
    else needs.push({ what: "changes", room });
  }
  if (rev > r.room.rev) {
    if (counts && rev === r.room.rev + 1) {
      const [next, more] = counts(r.room);
      needs.push(...more);
      r = { ...r, room: { ...next, rev } };
    } else needs.push({ what: "room", room });
  }
  s.rooms.set(room, r);
  return needs;
}

/** Counts and the latest message after `m` changed. */
function counted(room: MyRoom, m: Message, me: string): [MyRoom, Need[]] {
  const ask: Need[] = [{ what: "room", room: room.id }];
  if (m.seq <= room.last_seq) {
    // an edit, a deletion, a thread that grew
    const touches = m.seq > room.read_seq || m.seq === room.last_message?.seq;
    return [room, touches && (m.deleted_at || m.edited_at) ? ask : []];
  }
  if (m.seq > room.last_seq + 1) return [room, ask];
  const next: MyRoom = { ...room, last_seq: m.seq };
  if (!inTimeline(m)) return [next, m.mentions.includes(me) ? ask : []];
  next.last_message = { seq: m.seq, author: m.author, text: brief(m.text), created_at: m.created_at };
  if (m.system) return [next, []];
  if (m.author === me) return [{ ...next, read_seq: m.seq, unread: 0, mention_count: 0 }, []];
  next.unread = Math.min(MANY, room.unread + 1);
  if (m.mentions.includes(me)) next.mention_count = Math.min(MANY, room.mention_count + 1);
  return [next, []];
}

/** Counts are exact below it. */
const MANY = 100;

/** The first 200 characters, none of them cut in two. */
const brief = (text: string): string => Array.from(text.slice(0, 400)).slice(0, 200).join("");

function stopTyping(s: State, room: string, user: string): void {
  const t = s.typing.get(room);
  if (!t?.has(user)) return;
  const rest = new Map(t);
  rest.delete(user);
  s.typing.set(room, rest);
}
