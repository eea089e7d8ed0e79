// What the box of ⌘K lists: rooms, people and commands.
import type { Me, User } from "../wire/types";
import { first } from "./first";
import { isAdmin } from "./may";
import { inLine, wordsOf, type Called } from "./names";
import type { RoomState } from "./room";
import { othersIn } from "./sections";
import type { State } from "./state";
import { byName } from "./users";

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

/** An entry, and the objects that it was made of. While they are the same, so is the entry. */
interface Made {
  readonly entry: Entry;
  readonly of: readonly (User | undefined)[];
  readonly me: string;
}
const made = new WeakMap<RoomState, Made>(),
  persons = new WeakMap<User, Entry>();

type Listed = Pick<State, "me" | "rooms" | "users">;
type Title = (r: RoomState) => Called[];

/**
 * One's rooms, or the first `most` of them: the one with the latest message comes first. The people in a direct room are found by all
 * their names.
 */
export function roomEntries(s: Listed, title: Title, most?: number): Entry[] {
  const all = s.rooms.values();
  return (most ? first(all, most, byLatest) : [...all].sort(byLatest)).map((r) => madeOf(s, title, r));
}

function byLatest(a: RoomState, b: RoomState): number {
  const at = latest(a),
    than = latest(b);
  return at < than ? 1 : at > than ? -1 : 0;
}

const latest = (r: RoomState): string => r.room.last_message?.created_at ?? "";

/** Makes the entries of all rooms and people one by one: to list all of them at once would take long while they are not made. */
export function* eachEntry(s: Listed, title: Title): Generator<Entry, undefined> {
  for (const r of s.rooms.values()) yield madeOf(s, title, r);
  for (const u of unlisted(s)) yield personEntry(u);
}

function madeOf(s: Listed, title: Title, r: RoomState): Entry {
  const of = (othersIn(r, s.me) ?? []).map((id) => s.users.get(id)),
    before = made.get(r);
  if (before?.me === s.me && before.of.length === of.length && of.every((u, i) => u === before.of[i]))
    return before.entry;
  const fresh = roomEntry(
    r,
    of.flatMap((u) => u ?? []),
    title(r),
  );
  made.set(r, { entry: fresh, of, me: s.me });
  return fresh;
}

/** What stands beside a room: how much is unread in it, or else what it is. */
export function hintOf(room: RoomState["room"]): string {
  if (room.unread) return `${Math.min(99, room.unread)} unread`;
  return room.kind === "direct" ? "Direct message" : "Room";
}

function roomEntry({ room }: RoomState, people: readonly User[], of: readonly Called[]): Entry {
  const direct = room.kind === "direct";
  return {
    is: "room",
    key: room.id,
    title: direct ? of : [{ name: `#${room.name}` }],
    hint: hintOf(room),
    words: people.length === 1 ? people.flatMap(wordsOf) : [[...people.flatMap(wordsOf), ...of.map(inLine)].join(" ")],
  };
}

/** The people whom no entry of a room leads to. */
export const personEntries = (s: Listed): Entry[] => unlisted(s).map(personEntry);

function unlisted(s: Listed): User[] {
  const listed = new Set<string>();
  for (const r of s.rooms.values()) {
    const others = othersIn(r, s.me);
    if (others?.length === 1) listed.add(others[0]!);
  }
  return [...s.users.values()].filter((u) => !u.deactivated && u.id !== s.me && !listed.has(u.id));
}

function personEntry(u: User): Entry {
  const { id: key, name, handle } = u,
    before = persons.get(u);
  if (before) return before;
  const hint = u.bot ? "Bot" : "Person";
  const entry: Entry = { is: "person", key, title: [{ name, handle }], hint, words: wordsOf(u) };
  persons.set(u, entry);
  return entry;
}

/** Of entries that fit equally well: people stand from A to Z, others as they are listed. To sort all the people would take long. */
export const byPerson = (a: Entry, b: Entry): number =>
  a.is === "person" && b.is === "person" ? byName(personIn(a), personIn(b)) : 0;

const personIn = (e: Entry) => e.title[0] as Required<Called>;

/** The texts by which an entry is found. */
export const textsOf = (e: Entry): readonly string[] => e.words;
