import { expect, test } from "vitest";
import type { Message, MyRoom, User } from "../wire/types";
import { freshRoom } from "./room";
import { emptyState } from "./state";
import { wanted } from "./wanted";

const room = (id: string, members?: string[], at = ""): MyRoom => ({
  id,
  kind: members ? "direct" : "public",
  posting: "everyone",
  broadcast: "everyone",
  member_count: 2,
  created_at: "",
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
  ...(members ? { members } : {}),
  ...(at ? { last_message: { seq: 1, author: "a", text: "", created_at: at } } : {}),
});
const said = (seq: number, author: string): Message => ({
  room: "general",
  seq,
  rev: seq,
  author,
  text: "hi",
  created_at: "",
  mentions: [],
  files: [],
  reactions: [],
});
const user = (id: string, deactivated = false): User => ({ id, handle: id, name: id, role: "member", deactivated });

test("who is on screen comes first, and nobody twice", () => {
  const s = emptyState("me");
  s.rooms.set("general", {
    ...freshRoom(room("general")),
    messages: [said(1, "early"), said(2, "me"), said(3, "late"), said(4, "late")],
  });
  s.rooms.set("old", freshRoom(room("old", ["me", "mira"], "2026-01-01T00:00:00.000Z")));
  s.rooms.set("new", freshRoom(room("new", ["me", "jonas"], "2026-02-01T00:00:00.000Z")));
  for (const u of [user("gone", true), user("mira"), user("zoe"), user("me")]) s.users.set(u.id, u);
  expect(wanted(s, "general")).toEqual(["late", "early", "jonas", "mira", "zoe"]);
  expect(wanted(s, "old")).toEqual(["mira", "jonas", "zoe"]);
  expect(wanted(s, null)).toEqual(["jonas", "mira", "zoe"]);
});

test("a busy room leaves room for those one talks to directly", () => {
  const s = emptyState("me");
  s.rooms.set("general", {
    ...freshRoom(room("general")),
    messages: Array.from({ length: 50 }, (_, i) => said(i + 1, `w${i}`)),
  });
  s.rooms.set("d", freshRoom(room("d", ["me", "mira"])));
  expect(wanted(s, "general").indexOf("mira")).toBeLessThan(10);
});
