// One's rooms, and the rule by which revisions change them.
import type { MyRoom, Room, User } from "../wire/types";
import { freshRoom, type RoomState } from "./room";
import type { Need, State } from "./state";
import { next } from "./stretch";
import type { Thread } from "./threads";
import { turned } from "./turns";
import { membershipsChanged, nameOf } from "./users";

export type Rooms = Map<string, RoomState>;

export function update(s: Pick<State, "rooms">, room: string, f: (r: RoomState) => RoomState): void {
  const r = s.rooms.get(room);
  if (r) s.rooms.set(room, f(r));
}

/** Forgets a room and all that belongs to it. */
export function drop(s: State, room: string): void {
  s.rooms.delete(room);
  s.typing.delete(room);
  s.threads.delete(room);
  s.members.delete(room);
}

type Left = { room: string; reason: "left" | "removed"; by?: string };

/** What is said to whoever has lost the room on screen. */
export function lossOf(name: string, how: RoomState["left"], users: ReadonlyMap<string, User>): string {
  if (how?.reason === "left") return `You left ${name}.`;
  const by = how?.by && users.has(how.by);
  return by ? `${nameOf(users, how.by!)} removed you from ${name}.` : `You are no longer in ${name}.`;
}

/** Applies a change that takes no revision. */
function settled(s: State, room: string, f: (r: RoomState) => RoomState): Need[] {
  turned(s.turns, room);
  update(s, room, f);
  return [];
}

/** An event leaves out those fields of a room that are empty. */
const optional = { name: undefined, topic: undefined, archived: undefined };

export const roomChanged = (s: State, room: Room): Need[] =>
  settled(s, room.id, (r) => ({ ...r, room: { ...r.room, ...optional, ...room } }));

/** One's own settings of a room changed, or one's role in it. */
export function mineChanged(s: State, { id, role, notify, starred, muted, greet }: MyRoom): Need[] {
  return settled(s, id, (r) => {
    const room: MyRoom = { ...r.room, role, notify, starred, muted };
    if (greet) room.greet = true;
    else delete room.greet;
    return { ...r, room, membersVersion: r.membersVersion + 1 };
  });
}

export function joined(s: State, room: MyRoom): Need[] {
  turned(s.turns, room.id);
  if (s.rooms.has(room.id)) return [{ what: "room", room: room.id }, ...membershipsChanged(s)]; // which of the two is newer?
  s.rooms.set(room.id, freshRoom(room));
  return membershipsChanged(s);
}

export function left(s: State, { room, reason, by }: Left): Need[] {
  turned(s.turns, room);
  update(s, room, (r) => ({ ...r, left: by ? { reason, by } : { reason } }));
  drop(s, room);
  return membershipsChanged(s);
}

export function membersChanged(s: State, room: string, member_count: number): Need[] {
  const needs = settled(s, room, (r) => ({
    ...r,
    room: { ...r.room, member_count },
    membersVersion: r.membersVersion + 1,
  }));
  return [...needs, ...membershipsChanged(s)];
}

/**
 * One's read pointer was moved, here or on another device. The next move is applied, an older one is ignored, and a later one shows
 * a gap: what is missing may be an own post whose event is still to come, and which would then raise read_rev once more.
 */
export function pointerMoved(
  s: State,
  e: { room: string; seq: number; read_rev: number; unread: number; mention_count: number },
): Need[] {
  const held = s.rooms.get(e.room)?.room.read_rev;
  if (held === undefined || e.read_rev <= held) return [];
  if (e.read_rev > held + 1) return [{ what: "room", room: e.room }];
  const { seq: read_seq, read_rev, unread, mention_count } = e;
  update(s, e.room, (r) => ({ ...r, room: { ...r.room, read_seq, read_rev, unread, mention_count } }));
  return [];
}

/** What an event changes. */
interface Change {
  timeline(r: RoomState): RoomState;
  thread(t: Thread): Thread;
  counts(room: MyRoom): [MyRoom, Need[]];
}

/**
 * The rule of revisions. It is applied to the stretches of messages in memory and, separately, to the counts: the next revision is
 * applied, an older one is ignored, and a later one shows a gap, which is fetched. Without `change` the event does not carry what
 * changed.
 */
export function revised(s: State, room: string, rev: number, change?: Change): Need[] {
  const r = s.rooms.get(room),
    t = s.threads.get(room);
  if (!r) return [{ what: "rooms" }]; // one is a member of a room that is not in memory
  const needs: Need[] = [];
  const timeline = next(r, rev, change?.timeline),
    thread = t && next(t, rev, change?.thread);
  if (!timeline || (t && !thread)) needs.push({ what: "changes", room });
  if (thread) s.threads.set(room, thread);
  let now = timeline ?? r;
  if (rev > r.room.rev) {
    if (change && rev === r.room.rev + 1) {
      const [counts, more] = change.counts(r.room);
      needs.push(...more);
      now = { ...now, room: { ...counts, rev } };
    } else needs.push({ what: "room", room });
  }
  s.rooms.set(room, now);
  return needs;
}
