// What the card of a person says.
import type { Presence } from "../wire/live";
import type { User } from "../wire/types";
import { othersIn } from "./sections";
import type { State } from "./state";

const roles = { owner: "Owner", admin: "Admin", member: "Member", guest: "Guest" } as const;

/** What somebody is in the workspace. */
export const roleOf = (u: Pick<User, "role" | "bot">): string => (u.bot ? "Bot" : roles[u.role]);

/** Whether somebody is here; "" where that is not known. */
export const presenceOf = (p: Presence | undefined): string =>
  p ? { active: "Active", away: "Away", offline: "Offline" }[p] : "";

/** The room in which one talks to a person alone; undefined as long as there is none. */
export function talkWith(s: Pick<State, "me" | "rooms">, id: string): string | undefined {
  for (const r of s.rooms.values()) {
    const others = othersIn(r, s.me);
    if (others?.length === 1 && others[0] === id) return r.room.id;
  }
  return undefined;
}
