// A room that is opened, or in which much came at once, first draws a screenful of rows: at its end, or at its "New" line. The
// other rows follow, a few in each frame.
import type { Message } from "../wire/types";
import { lowerBound } from "./stretch";

/** The rows that are drawn: from one seq to another. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** As `from`: nothing is drawn yet. */
export const BEGIN = Infinity;
/** As `from`: all rows are drawn. */
export const ALL = 0;
/** As `to`: the rows go on to the last one. */
export const END = Infinity;
/** Rows that are added in one frame, and lines in them: long ones are added one by one. */
const AT_ONCE = 16;
const LINES = 48;
/** A line of a wide window holds no more letters. */
const WIDEST = 300;
/** A message that is folded may have no more lines. */
const FOLDED = 6;
/** Rows that are drawn above the "New" line at first. */
const ABOVE = 8;
/** No row is lower, px. */
const LOWEST = 26;

export const LAST: Span = { from: BEGIN, to: END };
export const WHOLE: Span = { from: ALL, to: END };
export const isWhole = ({ from, to }: Span): boolean => from === ALL && to === END;

export const screenful = (height: number): number => Math.ceil(height / LOWEST);

/** The lines of a message: at least so many, up to what is shown of a long one. */
const linesOf = (m: Message): number => Math.min(FOLDED, Math.max(1, Math.floor(m.text.length / WIDEST)));

/** The index of the first of those messages before index `end` that have about so many lines. */
function before(messages: readonly Message[], end: number, lines: number): number {
  let i = end;
  for (let left = lines; i > 0 && left > 0;) left -= linesOf(messages[--i]!);
  return i;
}

/** The index of the first row that is drawn. */
export function startOf(messages: readonly Message[], from: number, screen: number): number {
  return from === BEGIN ? before(messages, messages.length, screen) : lowerBound(messages, from);
}

/** Those of the rows that are drawn. */
export function drawn<T extends { m: Message }>(
  rows: readonly T[],
  messages: readonly Message[],
  span: Span,
  screen: number,
) {
  if (isWhole(span)) return rows;
  return rows.slice(
    startOf(messages, span.from, screen),
    span.to === END ? undefined : lowerBound(messages, span.to + 1),
  );
}

/** The rows that are drawn first around the row of a seq: those at the end if it is one of them. */
export function around(messages: readonly Message[], seq: number, screen: number): Span {
  const i = lowerBound(messages, seq),
    last = messages[i + screen];
  if (!last && startOf(messages, BEGIN, screen) <= i) return LAST;
  return { from: messages[Math.max(0, i - ABOVE)]!.seq, to: last?.seq ?? END };
}

/** The same for a room that is shown again: all its rows are there, and stay, unless much came after the message `known`. */
export const opened = (messages: readonly Message[], span: Span, known: number, seq: number, screen: number): Span =>
  isWhole(span) && !muchCame(messages, known, screen) ? span : around(messages, seq, screen);

/** The rows that are drawn in the next frame: first all those below, where one reads on, then those above. */
export function filled(messages: readonly Message[], { from, to }: Span, screen: number): Span {
  if (to !== END) return { from, to: messages[lowerBound(messages, to + 1) + AT_ONCE]?.seq ?? END };
  const end = startOf(messages, from, screen),
    start = Math.max(end - AT_ONCE, before(messages, end, LINES));
  return { from: start > 0 ? messages[start]!.seq : ALL, to };
}

/** Whether more than a screenful came after the message `known`. */
export const muchCame = (messages: readonly Message[], known: number, screen: number): boolean =>
  known > 0 && messages.length - lowerBound(messages, known + 1) > screen;
