// The forms at the door, which are loaded for whoever is not signed in.
import type { Door } from "../core/paths";
import type { Refusal } from "../core/refusal";
import { ApiError } from "../net/api";
import { checkLink, comeIn, type Entry } from "../net/door";
import * as Api from "../net/entry";
import type { Session } from "./session.svelte";

/** Comes in by one of the forms; returns why it was refused. */
export const come = (session: Session, by: Door, entry: Entry, api = Api): Promise<Refusal | undefined> =>
  session.come(() => comeIn(api, by, entry));

/** Why a link lets nobody in; "" when it does, or when that cannot be known now: then the form will say it. */
export async function deadLink(session: Session, by: Door, secret: string, api = Api): Promise<string> {
  if (by === "setup" && session.workspace?.setup === false) return "Canteen is already set up.";
  try {
    if (secret) await checkLink(api, by, secret);
    return "";
  } catch (e) {
    if (e instanceof ApiError) return e.passing ? "" : e.message;
    throw e;
  }
}
