// The commands about the inbox. They are loaded with it.
import type * as wire from "../wire/types";
import { get, query, send } from "./api";

/** A page of what concerns one, newest first. */
export const inbox = (filter: string, limit: number, cursor?: string) =>
  get<wire.Inbox>(`/inbox?${query({ filter, cursor, limit })}`);
/** Hides an entry, or all up to a moment, until there is something newer. */
export const clearInbox = (b: wire.ClearInbox) => send<void>("PUT", "/inbox/cleared", b);
/** One has seen the reactions up to a moment. */
export const seeInbox = (at: string) => send<void>("PUT", "/inbox/seen", { at } satisfies wire.SeeInbox);
