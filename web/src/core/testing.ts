// For tests: people, rooms and messages with boring defaults. A test names only what it is about.
import type { Attention, File, Limits, Me, Message, MyRoom, Problem, Reaction, User } from "../wire/types";
import { freshRoom, type RoomState } from "./room";
import { emptyState, type State } from "./state";

export { Memory } from "./shelf";

export const GENERAL = "aaaaaaaaaaaa";
export const LUNCH = "bbbbbbbbbbbb";

/** 9:00 and so many minutes. */
export const at = (minute: number): string => new Date(Date.UTC(2026, 10, 24, 9, minute)).toISOString();

export const user = (id: string, more: Partial<User> = {}): User => ({
  id,
  handle: id,
  name: id[0]!.toUpperCase() + id.slice(1),
  role: "member",
  ...more,
});

const limits: Limits = {
  body_bytes: 1 << 20,
  changes_page: 500,
  connections_of_user: 20,
  handle_changes_in_30_days: 3,
  stored_bytes_a_day: 10_000_000,
  files: 10,
  file_bytes: 100_000_000,
  emoji_on_message: 20,
  invite_rooms: 20,
  members_at_once: 40,
  mentions: 40,
  page: 200,
  password_max_bytes: 256,
  sessions_of_user: 50,
  socket_frame_bytes: 32_768,
  title: 80,
  watched_users: 200,
  message: 20_000,
  name: 80,
  topic: 250,
  status: 100,
  room_name: 80,
  password_min: 8,
  direct_members: 10,
};

const attention: Attention = {
  default_notify: "mentions",
  thread_alert: false,
  keywords: [],
  sound: "off",
  digest: "off",
  push_delay: 30,
};

export const me = (more: Partial<Me> = {}): Me => ({
  ...user("mira"),
  email: "mira@example.com",
  settings: { theme: "system", skin_tone: 0, enter_sends: true, attention, sections: [], sections_version: "v0" },
  workspace: {
    name: "Acme",
    epoch: "e",
    mail: true,
    previews: false,
    can_preview: true,
    vitals: false,
    version: "v1",
    feedback: false,
    limits,
  },
  ...more,
});

export const room = (id = GENERAL, more: Partial<MyRoom> = {}): MyRoom => ({
  id,
  kind: "public",
  name: id === GENERAL ? "general" : "lunch",
  posting: "everyone",
  broadcast: "everyone",
  member_count: 2,
  created_at: at(0),
  role: "member",
  rev: 0,
  last_seq: 0,
  read_seq: 0,
  read_rev: 0,
  unread: 0,
  mention_count: 0,
  notify: "all",
  starred: false,
  muted: false,
  ...more,
});

export const direct = (id: string, members: string[], more: Partial<MyRoom> = {}): MyRoom => {
  const { name: _, ...rest } = room(id, { kind: "direct", members, ...more });
  return rest;
};

export const message = (seq: number, more: Partial<Message> = {}): Message => ({
  room: GENERAL,
  seq,
  rev: seq,
  author: "jonas",
  text: `m${seq}`,
  created_at: at(seq),
  mentions: [],
  files: [],
  reactions: [],
  ...more,
});

export const aFile = (more: Partial<File> = {}): File => ({
  id: "ffffffffffff",
  name: "minutes.pdf",
  size: 4_100_000,
  type: "application/pdf",
  kind: "file",
  sha256: "",
  ...more,
});

export const reaction = (emoji: string, users: string[], more: Partial<Reaction> = {}): Reaction => ({
  emoji,
  count: users.length,
  users,
  ...more,
});

/** A room whose messages 1 to `n` are in memory. */
export const loaded = (n: number, more: Partial<RoomState> = {}): RoomState => ({
  ...freshRoom(room(GENERAL, { rev: n, last_seq: n })),
  loaded: true,
  held: n,
  messages: Array.from({ length: n }, (_, i) => message(i + 1)),
  ...more,
});

/** The state of Mira with these rooms and people. */
export function stateOf(rooms: readonly RoomState[], users: readonly User[] = [user("mira"), user("jonas")]): State {
  const s = emptyState("mira");
  for (const r of rooms) s.rooms.set(r.room.id, r);
  for (const u of users) s.users.set(u.id, u);
  return s;
}

export const problem = (status: number, detail: string, more: Partial<Problem> = {}): Problem => ({
  type: "about:blank",
  title: "",
  status,
  detail,
  code: "invalid",
  request_id: "r",
  ...more,
});

/** Lets all promises run that wait for no time. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 300; i++) await Promise.resolve();
}
