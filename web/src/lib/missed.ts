// Whom a message of mine names who was not notified of it.
import type { Message, User } from "../wire/types";
import { blocks } from "./markdown";
import { meant } from "./mentions";

/** The ids of those who are named and not in the room: the server mentions only its members. */
export function missed(m: Message, people: ReadonlyMap<string, User>): string[] {
  const named = meant(blocks(m.text), undefined, (handle) => {
    const u = people.get(handle);
    return u?.deactivated ? undefined : u?.id;
  });
  return [...new Set(named.values())].filter((id) => id !== m.author && !m.mentions.includes(id));
}
