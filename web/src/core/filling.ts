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
/** Rows that are added in one frame. */
const AT_ONCE = 16;
/** Rows that are drawn above the "New" line at first. */
const ABOVE = 8;
/** No row is lower, px. */
const LOWEST = 26;

export const LAST: Span = { from: BEGIN, to: END };
export const WHOLE: Span = { from: ALL, to: END };
export const isWhole = ({ from, to }: Span): boolean => from === ALL && to === END;

export const screenful = (height: number): number => Math.ceil(height / LOWEST);

/** The index of the first row that is drawn. */
export function startOf(messages: readonly Message[], from: number, screen: number): number {
  return from === BEGIN ? Math.max(0, messages.length - screen) : lowerBound(messages, from);
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

/** The rows that are drawn first around the row of a seq: those at the end if these are as many. */
export function around(messages: readonly Message[], seq: number, screen: number): Span {
  const i = lowerBound(messages, seq),
    last = messages[i + screen];
  return last ? { from: messages[Math.max(0, i - ABOVE)]!.seq, to: last.seq } : LAST;
}

/** The rows that are drawn in the next frame: first all those below, where one reads on, then those above. */
export function filled(messages: readonly Message[], { from, to }: Span, screen: number): Span {
  if (to !== END) return { from, to: messages[lowerBound(messages, to + 1) + AT_ONCE]?.seq ?? END };
  const start = startOf(messages, from, screen) - AT_ONCE;
  return { from: start > 0 ? messages[start]!.seq : ALL, to };
}

/** Whether more than a screenful came after the message `known`. */
export const muchCame = (messages: readonly Message[], known: number, screen: number): boolean =>
  known > 0 && messages.length - lowerBound(messages, known + 1) > screen;
