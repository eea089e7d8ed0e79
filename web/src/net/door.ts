// The ways in: setup, an invitation, a link for a new password, signing in.
import { only } from "../core/names";
import type { Door } from "../core/paths";
import type { Me } from "../wire/types";
import { ApiError } from "./api";
import type * as Api from "./entry";
import { type Sleep, sleep } from "./retry";

/** What the forms at the door collect. */
export interface Entry {
  /** The part of the link after #. */
  readonly secret: string;
  readonly workspace: string;
  readonly name: string;
  readonly handle: string;
  readonly email: string;
  readonly password: string;
}

/** Fails, as coming in would, when a link lets nobody in. */
export function checkLink(api: typeof Api, by: Door, secret: string): Promise<void> {
  if (by === "setup") return api.checkSetup(secret);
  return by === "reset" ? api.checkReset(secret) : api.checkInvite(secret);
}

/** How often a server that is too busy is asked. */
const TRIES = 5;

/**
 * Comes in; returns who one is. When many come at once, such as at the start of a day, the server takes them one after another and sends
 * the rest away for a moment: they wait for their turn.
 */
export async function comeIn(api: typeof Api, by: Door, entry: Entry, pause: Sleep = sleep): Promise<Me> {
  for (let tries = 1; ; tries++) {
    try {
      return await command(api, by, entry);
    } catch (e) {
      if (!(e instanceof ApiError && e.status === 503 && e.retryAfter) || tries === TRIES) throw e;
      await pause(e.retryAfter * 1000 * (1 + Math.random()));
    }
  }
}

/** An invitation that is for one address needs none. */
function command(api: typeof Api, by: Door, entry: Entry): Promise<Me> {
  const { secret, workspace, name, handle, email, password } = entry;
  if (by === "setup") return api.setup({ token: secret, workspace, name, handle, email, password });
  if (by === "reset") return api.resetPassword({ token: secret, password });
  if (by === "signin") return api.signIn(email, password);
  return api.signUp({
    invite: secret,
    name,
    handle,
    password,
    ...only<{ email?: string }>({ email: email || undefined }),
  });
}
