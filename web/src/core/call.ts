// Links to calls: the workspace has a template, and each room its own part of it.
import type { Room } from "../wire/types";

/** The link to the call of a room. Its id is in it: whoever only guesses its name finds no call. */
export function callLink(template: string, room: Pick<Room, "id" | "name">): string {
  const name = (room.name ?? "")
    .normalize("NFKD")
    .replace(/[^a-z0-9]+/gi, "-")
    .replace(/^-+|-+$/g, "");
  return template.replace("{room}", [name, room.id].filter(Boolean).join("-"));
}

/** The message that invites to it. */
export const callText = (link: string): string => `📞 [Join the call](${link})`;
