// What somebody is told about a message before it is sent: that it would be refused, or how many people it notifies. The server decides
// on its own.
import { mayBroadcast } from "../core/broadcast";
import type { RoomState } from "../core/room";
import type { Me, User } from "../wire/types";
import { blocks } from "./markdown";
import { broadcasts, meant } from "./mentions";

export interface Before {
  readonly title: string;
  readonly why: string;
  /** It can be sent all the same. */
  readonly sends: boolean;
}

/** So many people are notified without a question. */
const FEW = 20;
/** One person may call a room once in so long, ms. */
const CALL_EVERY = 60_000;

export interface About {
  readonly r: RoomState;
  readonly rooms: Iterable<RoomState>;
  readonly me: Me;
  readonly people: ReadonlyMap<string, User>;
  readonly now: number;
}

/** What is to be said about a text; undefined when it can be sent at once. */
export function before(text: string, { r, rooms, me, people, now }: About): Before | undefined {
  const parts = blocks(text),
    limit = me.workspace.limits.mentions,
    named = meant(parts, undefined, (handle) => people.get(handle)?.id).size;
  if (named > limit)
    return refuse("Too many people", `You mention ${named} people. A message can mention ${limit} people at most.`);
  const words = broadcasts(parts),
    word = words.has("room") ? "room" : words.has("here") ? "here" : undefined;
  if (!word) return;
  if (!mayBroadcast(r, me)) {
    const who = r.room.broadcast === "owners" ? "Only owners of this room can" : "Guests cannot";
    return refuse(
      `@${word} cannot be used here`,
      `${who} notify everybody with @room and @here. Take the word out, or write it as code: \`@${word}\`.`,
    );
  }
  const wait = Math.ceil((lastCall(rooms, me.id) + CALL_EVERY - now) / 1000);
  if (wait > 0)
    return refuse("Wait a moment", `You can use @room and @here once a minute. Send this message in ${wait} s.`);
  const others = r.room.member_count - 1;
  if (others <= FEW) return;
  const where = r.room.kind === "direct" ? "this conversation" : `#${r.room.name}`;
  return word === "room"
    ? { title: `Notify ${others} people?`, why: `@room notifies everybody in ${where}: ${others} people.`, sends: true }
    : {
        title: `Notify up to ${others} people?`,
        why: `@here notifies whoever is active now, of ${others} people in ${where}.`,
        sends: true,
      };
}

const refuse = (title: string, why: string): Before => ({ title, why, sends: false });

/** When I last called a room, as far as that is in memory. */
function lastCall(rooms: Iterable<RoomState>, me: string): number {
  let last = -Infinity;
  for (const r of rooms) {
    const m = r.messages.findLast((m) => m.author === me && m.broadcast);
    if (m) last = Math.max(last, Date.parse(m.created_at));
  }
  return last;
}
