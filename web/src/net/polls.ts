// The commands about polls that are seldom given. They are loaded with what draws polls.
import type * as wire from "../wire/types";
import { get, send } from "./api";

/** Replaces one's vote; no options take it back. */
export const vote = (id: string, seq: number, options: readonly number[]) =>
  send<wire.Message>("PUT", `/rooms/${id}/messages/${seq}/vote`, { options: [...options] } satisfies wire.Vote);
export const closePoll = (id: string, seq: number) =>
  send<wire.Message>("POST", `/rooms/${id}/messages/${seq}/poll/close`);
/** Who voted for what. */
export const votes = (id: string, seq: number) => get<wire.Votes>(`/rooms/${id}/messages/${seq}/votes`);
