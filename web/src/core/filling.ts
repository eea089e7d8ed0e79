// A room that is opened, or in which much came at once, first draws a screenful of rows. The rows above it follow, a few in
// each frame. `from` is the seq of the first row that is drawn: BEGIN before anything is drawn, ALL when all rows are.
import type { Message } from "../wire/types";
import { lowerBound } from "./room";

export const BEGIN = Infinity;
export const ALL = 0;
/** Rows that are added in one frame. */
const AT_ONCE = 16;
/** No row is lower, px. */
const LOWEST = 26;

export const screenful = (height: number): number => Math.ceil(height / LOWEST);

/** The index of the first row that is drawn. */
export function startOf(messages: readonly Message[], from: number, screen: number): number {
  return from === BEGIN ? Math.max(0, messages.length - screen) : lowerBound(messages, from);
}

/** `from` after the next frame. */
export function filled(messages: readonly Message[], from: number, screen: number): number {
  const start = startOf(messages, from, screen) - AT_ONCE;
  return start > 0 ? messages[start]!.seq : ALL;
}

/** Whether more than a screenful came after the message `known`. */
export const muchCame = (messages: readonly Message[], known: number, screen: number): boolean =>
  known > 0 && messages.length - lowerBound(messages, known + 1) > screen;
