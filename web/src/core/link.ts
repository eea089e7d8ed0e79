// The links that lead to the door, with their secrets.
import type { Door } from "./paths";

/** What a path and the part after # show to whoever is not signed in: a form, and the secret of the link that leads to it. */
export interface Link {
  readonly door: Door;
  readonly secret: string;
}

function decoded(s: string): string {
  try {
    return decodeURIComponent(s);
  } catch {
    return s;
  }
}

/**
 * Reads a link as people send it: in brackets, with a full stop after it, in upper case, with an encoded #. The secret is the first
 * run of letters and digits.
 */
export function linkOf(path: string, hash: string): Link {
  const text = decoded(`${path}#${hash}`)
    .replace(/\p{Cf}/gu, "")
    .toLowerCase();
  const [, door, secret = ""] = /^\/+(setup|signup|reset)\b[^#]*#[^a-z0-9]*([a-z0-9]*)/.exec(text) ?? [];
  return { door: (door as Door | undefined) ?? "signin", secret };
}
