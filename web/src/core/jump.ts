// What the box of ⌘K lists: rooms, people and commands.
import type { Me } from "../wire/types";
import { isAdmin } from "./may";
import { inLine, wordsOf, type Called } from "./names";
import type { RoomState } from "./room";
import { othersIn } from "./sections";
import type { State } from "./state";
import { others } from "./users";

export interface Entry {
  readonly is: "room" | "person" | "command";
  /** The id of the room or person, or the name of the command. */
  readonly key: string;
  readonly title: readonly Called[];
  readonly hint: string;
  /** The texts by which it is found. */
  readonly words: readonly string[];
}

const commands = [
  { key: "newDirect", title: "New message" },
  { key: "newRoom", title: "New room" },
  { key: "browse", title: "Browse rooms" },
  { key: "invite", title: "Invite people" },
  { key: "me", title: "Settings" },
  { key: "sections", title: "Sections of the sidebar" },
  { key: "ops", title: "Health of the server" },
  { key: "keys", title: "Help: keyboard shortcuts" },
] as const;

export type Command = (typeof commands)[number]["key"];

const forGuests: ReadonlySet<Command> = new Set<Command>(["newDirect", "me", "sections", "keys"]);
const forAdmins: ReadonlySet<Command> = new Set<Command>(["invite", "ops"]);

/** The commands that one may give. */
export function commandEntries(me: Pick<Me, "role">): (Entry & { key: Command })[] {
  const may = (c: Command) => (!forAdmins.has(c) || isAdmin(me)) && (me.role !== "guest" || forGuests.has(c));
  return commands
    .filter((c) => may(c.key))
    .map(({ key, title }) => ({ is: "command", key, title: [{ name: title }], hint: "Command", words: [title] }));
}

/** One's rooms, the one with the latest message first. The people in a direct room are found by all their names. */
export function roomEntries(s: Pick<State, "me" | "rooms" | "users">, title: (r: RoomState) => Called[]): Entry[] {
  const latest = (r: RoomState) => r.room.last_message?.created_at ?? "";
  const entry = (r: RoomState): Entry => {
    const people = (othersIn(r, s.me) ?? []).flatMap((id) => s.users.get(id) ?? []),
      direct = r.room.kind === "direct",
      of = title(r);
    return {
      is: "room",
      key: r.room.id,
      title: direct ? of : [{ name: `#${r.room.name}` }],
      hint: r.room.unread ? `${Math.min(99, r.room.unread)} unread` : direct ? "Direct message" : "Room",
      words:
        people.length === 1 ? people.flatMap(wordsOf) : [[...people.flatMap(wordsOf), ...of.map(inLine)].join(" ")],
    };
  };
  return [...s.rooms.values()].sort((a, b) => latest(b).localeCompare(latest(a))).map(entry);
}

/** The people from A to Z whom no entry of a room leads to. */
export function personEntries(s: Pick<State, "me" | "rooms" | "users">): Entry[] {
  const listed = new Set(
    [...s.rooms.values()].map((r) => othersIn(r, s.me)).flatMap((o) => (o?.length === 1 ? o : [])),
  );
  return others(s.users.values(), s.me)
    .filter((u) => !listed.has(u.id))
    .map((u) => ({
      is: "person",
      key: u.id,
      title: [{ name: u.name, handle: u.handle }],
      hint: "Person",
      words: wordsOf(u),
    }));
}
