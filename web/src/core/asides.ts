// Replies that mention me and are unread. They stand in their threads: whoever reads the timeline has not seen them.
import type { Message } from "../wire/types";
import { mentioned, type RoomState } from "./room";
import { lowerBound } from "./stretch";

export interface Aside {
  readonly seq: number;
  readonly m: Message;
  /** It was in sight in its thread. */
  readonly seen: boolean;
}

/** The room after a reply came, or a newer state of it. */
export function heard(s: RoomState, m: Message, me: string): RoomState {
  const all = s.asides ?? [],
    i = lowerBound(all, m.seq),
    old = all[i]?.seq === m.seq ? all[i] : undefined;
  const waits = m.seq > s.room.read_seq && mentionsMe(m, me);
  if (old ? old.m.rev >= m.rev : !waits) return s;
  const now = waits ? [{ seq: m.seq, m, seen: !!old?.seen }] : [];
  return { ...s, asides: all.toSpliced(i, old ? 1 : 0, ...now) };
}

const mentionsMe = (m: Message, me: string): boolean => m.author !== me && !m.deleted_at && mentioned(m, me);

/** The room after a reply was in sight in its thread. */
export const saw = (s: RoomState, seq: number): RoomState => ({
  ...s,
  asides: (s.asides ?? []).map((a) => (a.seq === seq ? { ...a, seen: true } : a)),
});

/** The replies that mention me and were not seen. */
export const unseenAsides = (s: RoomState): readonly Aside[] =>
  (s.asides ?? []).filter((a) => a.seq > s.room.read_seq && !a.seen);

/** Whether every unread mention is known. What is in memory may explain all of them; else replies have to be looked for. */
export function isSearched(s: RoomState, me: string): boolean {
  const { read_seq, mention_count } = s.room;
  if (s.searched || mention_count === 0) return true;
  const inTimeline = s.messages.slice(lowerBound(s.messages, read_seq + 1)).filter((m) => mentionsMe(m, me)).length;
  return inTimeline + (s.asides ?? []).filter((a) => a.seq > read_seq).length >= mention_count;
}
