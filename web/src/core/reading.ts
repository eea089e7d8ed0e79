// What counts as read, and where a room is opened. A message is read when it has been in sight for a while, and nothing after it is.
import type { Message } from "../wire/types";
import { unseenAsides } from "./asides";
import type { RoomState } from "./room";
import { lowerBound, type Stretch } from "./stretch";

/** How long a message has to be in sight, ms. */
export const IN_SIGHT = 400;

/** The messages in sight, and since when. Times in ms, of a clock that is never set. */
export class InSight {
  private since: ReadonlyMap<number, number> = new Map();

  /** These are in sight now, and no others. */
  look(seqs: readonly number[], now: number): void {
    this.since = new Map(seqs.map((seq) => [seq, this.since.get(seq) ?? now]));
  }

  /** The last message that has been in sight for long enough; 0 when none has. */
  seen(now: number): number {
    return [...this.since].reduce((last, [seq, at]) => (now - at >= IN_SIGHT ? Math.max(last, seq) : last), 0);
  }

  /** After how many ms another one will have been; undefined when none is to come. */
  next(now: number): number | undefined {
    const left = [...this.since.values()].map((at) => at + IN_SIGHT - now).filter((ms) => ms > 0);
    return left.length ? Math.min(...left) : undefined;
  }
}

/**
 * Where the read pointer goes when `seen` is the last message of the timeline that was seen: before the next one of the timeline.
 * Between them are replies, which stand in their threads. It stops before one that mentions me and was not seen there.
 */
export function pointerAfter(r: RoomState, seen: number): number {
  return Math.min(inTimeline(r, seen), (unseenAsides(r)[0]?.seq ?? Infinity) - 1);
}

function inTimeline(r: RoomState, seen: number): number {
  const next = r.messages[lowerBound(r.messages, seen + 1)];
  if (next) return next.seq - 1;
  return r.moreAfter || r.held !== r.room.rev ? seen : Math.max(seen, r.room.last_seq);
}

/**
 * The first message of the timeline that was not seen, when those up to the last of `seen` were. The end is followed while it stays
 * in sight.
 */
export const firstUnseen = (r: RoomState, ...seen: number[]): number | undefined =>
  r.messages[lowerBound(r.messages, Math.max(r.room.read_seq, ...seen) + 1)]?.seq;

const isNew = (m: Message, after: number, me: string): boolean => m.seq > after && m.author !== me && !m.deleted_at;

/** The first message of others after `newAfter`; undefined where it is not in memory. What is older is not looked at. */
export function firstNew(r: Stretch, newAfter: number, me: string): Message | undefined {
  if (!holds(r, newAfter)) return undefined;
  let i = lowerBound(r.messages, newAfter + 1);
  while (i < r.messages.length && !isNew(r.messages[i]!, newAfter, me)) i++;
  return r.messages[i];
}

/** Whether the stretch in memory goes back to what was read. Then the first new message is the first one after it. */
export const holds = ({ moreBefore, messages: [first] }: Stretch, newAfter: number): boolean =>
  !moreBefore || (!!first && first.seq <= newAfter + 1);

/** How many messages came after `newAfter`: those that are unread, and those that were read since and are in memory. */
export const newSince = (r: RoomState, newAfter: number, me: string): number =>
  r.room.unread + r.messages.filter((m) => isNew(m, newAfter, me) && !m.system && m.seq <= r.room.read_seq).length;

/** This many unread messages are on the latest page, as a rule. */
const FEW = 30;

/**
 * What has to be loaded before a room can be opened where one left off: the page around a message, the latest page (0), or
 * nothing. `newAfter` is Infinity where nothing is new.
 */
export function missing(r: RoomState, newAfter: number): number | undefined {
  const latest = r.loaded && !r.moreAfter;
  if (newAfter === Infinity || (!r.loaded && r.room.unread < FEW)) return latest ? undefined : 0;
  const within = latest || (r.messages.at(-1)?.seq ?? 0) > newAfter;
  return r.loaded && within && holds(r, newAfter) ? undefined : Math.max(1, newAfter);
}
