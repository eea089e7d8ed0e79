// Tokens, as the form asks for them and the list shows them; and a line for a shell that tries one.
import type { MadeToken, Me, Token } from "../wire/types";
import { isAdmin } from "./may";

type Scope = Token["scopes"][number];

/** What the list of tokens shows: itself, the form that makes one, or the secret of a new one above itself. */
export type Stage = "list" | "form" | "secret";

export interface Right {
  readonly scope: Scope;
  readonly label: string;
  readonly scopes: Scope[];
}

/** What a token may do: each of the first three includes the one before. */
export const RIGHTS: readonly Right[] = [
  { scope: "read", label: "Read", scopes: ["read"] },
  { scope: "write", label: "Read and write", scopes: ["read", "write"] },
  { scope: "admin", label: "Read, write and administer", scopes: ["read", "write", "admin"] },
  { scope: "audit", label: "Read the audit log, and nothing else", scopes: ["audit"] },
];

/** What one may give to a token of a bot. */
export const BOT_RIGHTS = RIGHTS.slice(0, 2);

/** What one may give to a token of one's own. */
export const rightsOf = (me: Pick<Me, "role">): readonly Right[] => (isAdmin(me) ? RIGHTS : BOT_RIGHTS);

/** What a token may do, in words. */
export const rightsLabel = (t: Pick<Token, "scopes">): string =>
  RIGHTS.findLast((r) => t.scopes.includes(r.scope))?.label ?? "";

const DAY = 24 * 60 * 60;

/** How long a token may live. The first is offered. */
export const LIVES: readonly { seconds: number; label: string }[] = [
  { seconds: 90 * DAY, label: "90 days" },
  { seconds: 7 * DAY, label: "7 days" },
  { seconds: 30 * DAY, label: "30 days" },
  { seconds: 365 * DAY, label: "a year" },
];

export const isExpired = (t: Pick<Token, "expires_at">, now: number): boolean =>
  !!t.expires_at && Date.parse(t.expires_at) <= now;

/** A line for a shell that tries a token: it posts in a room, or, with a token that may not, fetches the list of rooms. */
export function tokenLine(origin: string, { secret, token }: MadeToken, room: string): string {
  const api = `${origin}/api/v1/rooms`,
    as = `curl -H 'Authorization: Bearer ${secret}'`;
  if (!token.scopes.includes("write")) return `${as} '${api}'`;
  return `${as} -H 'Content-Type: application/json' -d '{"text": "Hello from a script"}' '${api}/${room}/messages'`;
}
