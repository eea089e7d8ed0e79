// The ways in: setup, an invitation, a link for a new password, signing in.
import { only } from "../core/names";
import type { Door } from "../core/paths";
import type { Me } from "../wire/types";
import type * as Api from "./api";

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

/** Comes in; returns who one is. An invitation that is for one address needs none. */
export function comeIn(api: typeof Api, by: Door, entry: Entry): Promise<Me> {
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
