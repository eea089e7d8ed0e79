// What a message does to the counts of its room and to its latest message.
import type { Message, MyRoom } from "../wire/types";
import { inTimeline } from "./room";
import type { Need } from "./state";

/** Counts are exact below this number; the number itself means "this many or more". */
const MANY = 100;

/** The counts and the latest message after `m` changed, and what has to be fetched to know them. */
export function counted(room: MyRoom, m: Message, me: string): [MyRoom, Need[]] {
  const ask: Need[] = [{ what: "room", room: room.id }];
  if (m.seq <= room.last_seq) {
    // an edit, a deletion, or a thread that grew
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

/** The first 200 characters, none of them cut in two. */
const brief = (text: string): string => Array.from(text.slice(0, 400)).slice(0, 200).join("");
