// What the box of ⌘K lists: rooms, people and commands.
import type { Me, User } from "../wire/types";
import { isAdmin } from "./may";
import { inLine, wordsOf, type Called } from "./names";
import type { RoomState } from "./room";

export interface Entry {
  readonly is: "room" | "person" | "command";
  /** The id of the room or person, or the name of the command. */
  readonly key: string;
  readonly title: readonly Called[];
  readonly hint: string;
  /** The words by which it is found. */
  readonly words: string;
}

const commands = [
  { key: "newDirect", title: "New message" },
  { key: "newRoom", title: "New room" },
  { key: "browse", title: "Browse rooms" },
  { key: "invite", title: "Invite people" },
  { key: "me", title: "Settings" },
  { key: "keys", title: "Keyboard shortcuts" },
] as const;

export type Command = (typeof commands)[number]["key"];

const forGuests: ReadonlySet<Command> = new Set<Command>(["newDirect", "me", "keys"]);

/** The commands that one may give. */
export function commandEntries(me: Pick<Me, "role">): (Entry & { key: Command })[] {
  const may = (c: Command) => (c !== "invite" || isAdmin(me)) && (me.role !== "guest" || forGuests.has(c));
  return commands
    .filter((c) => may(c.key))
    .map(({ key, title }) => ({ is: "command", key, title: [{ name: title }], hint: "Command", words: title }));
}

/** One's rooms, the one with the latest message first. */
export function roomEntries(rooms: Iterable<RoomState>, title: (r: RoomState) => Called[]): Entry[] {
  const latest = (r: RoomState) => r.room.last_message?.created_at ?? "";
  const entry = (r: RoomState): Entry => {
    const of = title(r),
      direct = r.room.kind === "direct";
    const hint = r.room.unread ? `${Math.min(99, r.room.unread)} unread` : direct ? "Direct message" : "Room";
    return {
      is: "room",
      key: r.room.id,
      title: direct ? of : [{ name: `#${r.room.name}` }],
      hint,
      words: of.map(inLine).join(", "),
    };
  };
  return [...rooms].sort((a, b) => latest(b).localeCompare(latest(a))).map(entry);
}

export const personEntries = (users: readonly User[]): Entry[] =>
  users.map((u) => ({
    is: "person",
    key: u.id,
    title: [{ name: u.name, handle: u.handle }],
    hint: "Person",
    words: wordsOf(u),
  }));
