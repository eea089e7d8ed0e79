// The commands about feedback. They are loaded with what shows it.
import type * as wire from "../wire/types";
import { get, send } from "./api";

export const give = (b: wire.NewFeedback) => send<wire.GivenFeedback>("POST", "/feedback", b);

const page = (path: string, cursor: string) =>
  get<wire.FeedbackList>(path + (cursor ? `?cursor=${encodeURIComponent(cursor)}` : ""));

/** What all people gave, for admins. */
export const all = (cursor: string) => page("/feedback", cursor);

/** What one gave oneself, with the answers. */
export const mine = (cursor: string) => page("/me/feedback", cursor);
