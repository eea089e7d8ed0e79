// The shapes of the API, as /api/openapi.json has them.

export type Role = "owner" | "admin" | "member" | "guest";
export type Presence = "active" | "away" | "offline";

export interface Status {
  emoji?: string;
  text?: string;
  until?: string;
}

export interface User {
  id: string;
  handle: string;
  name: string;
  title?: string;
  bot?: boolean;
  role: Role;
  deactivated?: boolean;
  ambiguous?: boolean;
  status?: Status;
  time_zone?: string;
  email?: string;
}

export interface Settings {
  theme: "system" | "light" | "dark";
  skin_tone: number;
  enter_sends: boolean;
}

export interface Limits {
  message: number;
  name: number;
  topic: number;
  status: number;
  room_name: number;
  password_min: number;
  direct_members: number;
}

export interface Me extends User {
  email: string;
  settings: Settings;
  workspace: { name: string; epoch: string; limits: Limits };
}

export interface Room {
  id: string;
  kind: "public" | "private" | "direct";
  name?: string;
  topic?: string;
  archived?: boolean;
  posting: "everyone" | "owners";
  member_count: number;
  members?: string[];
  created_by?: string;
  created_at: string;
}

export interface MyRoom extends Room {
  role: "owner" | "member";
  rev: number;
  last_seq: number;
  read_seq: number;
  read_rev: number;
  unread: number;
  mention_count: number;
  notify: "all" | "mentions" | "nothing";
  starred: boolean;
  muted: boolean;
  last_message?: { seq: number; author: string; text: string; created_at: string };
}

export interface Member {
  user: string;
  role: "owner" | "member";
  joined_at: string;
}

export interface Reaction {
  emoji: string;
  count: number;
  users: string[];
  me?: boolean;
}

export interface Message {
  room: string;
  seq: number;
  rev: number;
  author: string;
  text: string;
  client_id?: string;
  created_at: string;
  edited_at?: string;
  deleted_at?: string;
  thread?: number;
  also_in_room?: boolean;
  thread_info?: { replies: number; last_reply_at: string; repliers: string[] };
  mentions: string[];
  system?: { what: string; value?: string };
  reactions: Reaction[];
}

export interface Page {
  head: number;
  messages: Message[];
  more_before: boolean;
  more_after: boolean;
}
export interface Changes {
  head: number;
  next: number;
  more: boolean;
  messages: Message[];
}
export interface Session {
  id: string;
  created_at: string;
  last_seen_at: string;
  user_agent: string;
  current: boolean;
}
export interface Invite {
  id: string;
  email?: string;
  role: Role;
  rooms: string[];
  expires_at: string;
  uses: number;
  max_uses?: number;
}

export interface Problem {
  status: number;
  title: string;
  detail: string;
  code: string;
  field?: string;
  request_id: string;
}

export type LiveEvent =
  | { type: "hello"; user: string; connection: string; epoch: string; heartbeat: number; presence_poll?: number }
  | { type: "message"; room: string; rev: number; seq?: number; message?: Message }
  | { type: "reaction"; room: string; rev: number; seq: number; user: string; added: boolean; reaction: Reaction }
  | { type: "room"; room: Room }
  | { type: "my_room"; room: MyRoom }
  | { type: "joined"; room: MyRoom }
  | { type: "left"; room: string; reason: "left" | "removed" }
  | { type: "members"; room: string; member_count: number }
  | { type: "read"; room: string; seq: number; read_rev: number; unread: number; mention_count: number }
  | { type: "user"; user: User }
  | { type: "typing"; room: string; user: string }
  | { type: "presence"; users: Record<string, Presence> }
  | { type: "resync" }
  | { type: "bye"; code: number; retry_ms?: number }
  | { type: "pong" };
