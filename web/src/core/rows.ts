// What the timeline shows of each message besides the message itself. A row stays the same object until something in it
// changes. One event therefore redraws one row, not all of them.
import type { Message } from "../wire/types";
import { sameDay } from "./days";
import type { RoomState } from "./room";

export interface Row {
  readonly m: Message;
  /** Shown without a header: the row before is by the same author, shortly earlier. */
  readonly more: boolean;
  /** The first of its day. */
  readonly day: boolean;
  /** The first new one: the "New" line stands above it. */
  readonly fresh: boolean;
  /** The one that the address names. */
  readonly marked: boolean;
}

const TOGETHER = 5 * 60_000;

const follows = (a: Message | undefined, b: Message): boolean =>
  !!a &&
  a.author === b.author &&
  a.sender?.name === b.sender?.name &&
  !a.system &&
  !b.system &&
  !a.deleted_at &&
  !b.thread === !a.thread &&
  Date.parse(b.created_at) - Date.parse(a.created_at) < TOGETHER &&
  sameDay(a.created_at, b.created_at);

/** How many messages of others one has not read yet. */
export const unseenIn = (r: RoomState, me: string): number =>
  r.messages.filter((m) => m.seq > r.room.read_seq && m.author !== me && !m.system && !m.deleted_at).length;

/**
 * Returns a function that makes the rows of one timeline. It remembers a row for as long as its message is in memory. Most messages
 * stand where they stood the last time: these are not even looked at.
 */
export function rowMaker(): (messages: readonly Message[], fresh?: number, marked?: number) => Row[] {
  const known = new WeakMap<Message, { row: Row; before: Message | undefined }>();
  let last: { messages: readonly Message[]; rows: Row[]; fresh?: number | undefined; marked?: number | undefined };
  last = { messages: [], rows: [] };

  function rowOf(m: Message, before: Message | undefined, is: Pick<Row, "fresh" | "marked">): Row {
    const old = known.get(m);
    if (old && old.before === before && old.row.fresh === is.fresh && old.row.marked === is.marked) return old.row;
    const row: Row = {
      m,
      ...is,
      more: !is.fresh && follows(before, m),
      day: !before || !sameDay(before.created_at, m.created_at),
    };
    const kept = old && same(old.row, row) ? old.row : row;
    known.set(m, { row: kept, before });
    return kept;
  }

  return (messages, fresh, marked) => {
    const was = fresh === last.fresh && marked === last.marked ? last : { messages: [], rows: [] };
    const rows = messages.map((m, i) => {
      const before = messages[i - 1];
      if (m === was.messages[i] && before === was.messages[i - 1]) return was.rows[i]!;
      return rowOf(m, before, { fresh: m.seq === fresh, marked: m.seq === marked });
    });
    last = { messages, rows, fresh, marked };
    return rows;
  };
}

const same = (a: Row, b: Row): boolean =>
  a.more === b.more && a.day === b.day && a.fresh === b.fresh && a.marked === b.marked;
