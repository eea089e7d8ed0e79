// What came while do not disturb was on. It is said once, afterwards, in one line.
import { counted } from "./counted";
import { MANY } from "./counts";
import type { RoomState } from "./room";

/** Of each room: its latest message when do not disturb began, and the mentions that waited then. */
export type Before = Readonly<Record<string, readonly [latest: number, mentions: number]>>;

const latest = ({ room }: RoomState): number => room.last_message?.seq ?? 0;

export const before = (rooms: Iterable<RoomState>): Before =>
  Object.fromEntries([...rooms].map((r) => [r.room.id, [latest(r), r.room.mention_count]]));

/** Says what is new and still unread; "" when nothing is. Nothing waits in a muted room. */
export function meanwhile(was: Before, rooms: Iterable<RoomState>): string {
  let places = 0,
    mentions = 0;
  for (const r of rooms) {
    const [last, waited] = was[r.room.id] ?? [0, 0];
    const { muted, unread, mention_count, read_seq } = r.room;
    if (muted || !unread || latest(r) <= last) continue;
    places++;
    mentions += read_seq >= last ? mention_count : Math.max(0, mention_count - waited);
  }
  if (!places) return "";
  const named = mentions >= MANY ? "many mentions" : counted(mentions, "mention");
  return `While do not disturb was on: new messages in ${counted(places, "room")}${mentions ? `, ${named}` : ""}.`;
}
