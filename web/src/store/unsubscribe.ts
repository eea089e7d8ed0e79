// Stopping the digest by the link in one of them. It needs no session.
import * as api from "../net/api";

/** Stops the digest of whom the link is for. The result says why it did not; undefined if it did. */
export async function unsubscribe(token: string): Promise<string | undefined> {
  if (!/^[a-z2-7]{44}$/.test(token)) return "The link is incomplete. Copy the whole link again.";
  try {
    await api.unsubscribe(token);
    return undefined;
  } catch (e) {
    return e instanceof api.ApiError ? e.message : "That did not work. Try again.";
  }
}
