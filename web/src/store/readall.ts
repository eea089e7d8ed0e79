// Reads everything, one request after the other. A server that counts too many requests, or cannot be reached, is waited for.
import type { RoomState } from "../core/room";
import * as Api from "../net/api";
import { retried, sleep } from "../net/retry";
import type { App } from "./app";

/**
 * Reads these rooms, and the threads that one follows; returns whether all of it is read. It says why it waits and what is refused, and
 * goes on with the rest. `gone` says that nobody waits for it any more: then it ends.
 */
export async function readAll(
  { connection, following, notices }: Pick<App, "connection" | "following" | "notices">,
  rooms: readonly RoomState[],
  gone: () => boolean,
): Promise<boolean> {
  const attempt = async (f: () => Promise<unknown>) => {
    if (gone()) return;
    try {
      await f();
    } catch (e) {
      if (e instanceof Api.ApiError && e.passing) notices.say(e.message);
      throw e;
    }
  };
  const give = async (f: () => Promise<unknown>): Promise<boolean> =>
    (await notices.attempt(() => retried(() => attempt(f), { isOver: () => connection.isOver() }, sleep))) && !gone();
  let done = true;
  for (const { room } of rooms)
    done = (await give(() => connection.command(() => Api.setRead(room.id, room.last_seq)))) && done;
  return ((await following.now?.readAll(give)) ?? true) && done;
}
