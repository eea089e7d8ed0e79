// The commands about polls, which are loaded with what draws polls.
import * as Api from "../net/polls";
import type { Message, Votes } from "../wire/types";
import type { App } from "./app";

type With = Pick<App, "connection" | "messages" | "notices">;

/** Votes in the poll of a message; no options take one's vote back. */
export const vote = ({ messages }: With, m: Message, options: readonly number[]): Promise<boolean> =>
  messages.vote(m, options, Api.vote);

/** Closes a poll for good. */
export const closePoll = ({ connection, notices }: With, m: Message): Promise<boolean> =>
  notices.attempt(async () => connection.took(await Api.closePoll(m.room, m.seq)));

/** Who voted for what; undefined when that could not be fetched. */
export async function votes({ notices }: With, m: Message): Promise<Votes | undefined> {
  let all: Votes | undefined;
  await notices.attempt(async () => (all = await Api.votes(m.room, m.seq)));
  return all;
}
