// What a message does to the counts of its room and to its latest message.
import type { Message, MyRoom } from "../wire/types";
import { inTimeline, mentioned } from "./room";
import type { Need } from "./state";

/** Counts are exact below this number; the number itself means "this many or more". */
export const MANY = 100;

/** The counts and the latest message after `m` changed, and what has to be fetched to know them. */
export function counted(room: MyRoom, m: Message, me: string): [MyRoom, Need[]] {
  const ask: Need[] = [{ what: "room", room: room.id }];
  if (m.seq <= room.last_seq) {
    // an edit, a deletion, or a thread that grew
    const touches = m.seq > room.read_seq || m.seq === room.last_message?.seq;
    if (touches && (m.deleted_at || m.edited_at || (!m.thread_info && mentioned(m, me)))) return [room, ask];
    return [m.seq === room.last_message?.seq ? { ...room, last_message: last(m) } : room, []]; // a bot is writing it
  }
  if (m.seq > room.last_seq + 1) return [room, ask];
  const next: MyRoom = { ...room, last_seq: m.seq };
  if (!inTimeline(m)) return [next, mentioned(m, me) ? ask : []];
  next.last_message = last(m);
  if (m.system) return [next, []];
  if (m.author === me) return [{ ...next, ...pointerAt(room, m.seq), unread: 0, mention_count: 0 }, []];
  next.unread = Math.min(MANY, room.unread + 1);
  if (mentioned(m, me)) next.mention_count = Math.min(MANY, room.mention_count + 1);
  return [next, []];
}

/** My own message moves my pointer, unless the pointer was fetched after the post and the rest of the room before it. */
const pointerAt = ({ read_seq, read_rev }: MyRoom, seq: number): Pick<MyRoom, "read_seq" | "read_rev"> =>
  seq > read_seq ? { read_seq: seq, read_rev: read_rev + 1 } : { read_seq, read_rev };

const last = (m: Message) => ({ seq: m.seq, author: m.author, text: brief(m.text), created_at: m.created_at });

const BRIEF = 200;
let segments: Intl.Segmenter | undefined;

/** The first 200 characters, cut as the server cuts them: between two grapheme clusters, never within an emoji. */
function brief(text: string): string {
  const head = Array.from(text.slice(0, 2 * (BRIEF + 1))).slice(0, BRIEF + 1);
  if (head.length <= BRIEF) return text;
  const most = head.slice(0, BRIEF).join("");
  segments ??= new Intl.Segmenter("en");
  let end = 0;
  for (const { index, segment } of segments.segment(head.join(""))) {
    if (index + segment.length > most.length) break;
    end = index + segment.length;
  }
  return most.slice(0, end) || most.replace(/\u200D+$/, "");
}
