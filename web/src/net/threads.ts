// The commands about the threads that one follows. They are loaded with what knows these threads.
import type * as wire from "../wire/types";
import { get, query, send } from "./api";

/** A page of the threads that one follows, the newest reply first. */
export const threads = (unread: boolean, limit: number, cursor?: string) =>
  get<wire.MyThreads>(`/threads?${query({ unread: unread ? "true" : undefined, cursor, limit })}`);
export const thread = (id: string, root: number) => get<wire.MyThread>(`/rooms/${id}/threads/${root}`);
export const followThread = (id: string, root: number, on: boolean) =>
  send<wire.MyThread>("PUT", `/rooms/${id}/threads/${root}/follow`, {
    follow: on ? "on" : "off",
  } satisfies wire.FollowThread);
export const readThread = (id: string, root: number, seq: number) =>
  send<wire.MyThread>("PUT", `/rooms/${id}/threads/${root}/read`, { seq } satisfies wire.SetRead);
