import { expect, test } from "vitest";
import { me, room } from "../core/testing";
import { deed, mine } from "./commands";
import type { RoomState } from "../core/room";
import { needsLook } from "./textbox";

const inRoom = (more: object = {}) =>
  ({ room: room("roomgeneral0", { role: "owner", ...more }) }) as unknown as RoomState;
const deeds = (text: string, more?: object, who: object = {}) => deed(text, inRoom(more), me(who));

test.each<[string, object | undefined]>([
  ["hello", undefined],
  ["/usr/bin is a path", undefined],
  ["/", undefined],
  ["/ lunch", undefined],
  ["+1", undefined],
  ["+:tada: yes", undefined],
  ["//me is a command", { is: "send", text: "/me is a command" }],
  ["/me eats", { is: "send", text: "*eats*" }],
  ["/ME eats", { is: "send", text: "*eats*" }],
  ["/me", { is: "refuse", title: "/me needs more", why: "Write it as: /me text" }],
  ["/shrug", { is: "send", text: "¯\\_(ツ)_/¯" }],
  ["/shrug who knows", { is: "send", text: "who knows ¯\\_(ツ)_/¯" }],
  ["/topic Lunch, at noon", { is: "topic", topic: "Lunch, at noon" }],
  ["/invite @kim Jonas, @kim", { is: "invite", handles: ["kim", "jonas"] }],
  ["/status :palm_tree: away", { is: "status", emoji: ":palm_tree:", text: "away" }],
  ["/status 🌴 away", { is: "status", emoji: "🌴", text: "away" }],
  ["/status busy", { is: "status", emoji: "", text: "busy" }],
  ["/status", { is: "chooseStatus" }],
  ["/poll Soup? | yes | no", { is: "poll", text: "Soup? | yes | no" }],
  ["/poll", { is: "poll", text: "" }],
  ["+:tada:", { is: "react", emoji: ":tada:" }],
  ["+👍🏽 ", { is: "react", emoji: "👍🏽" }],
])("%j", (text, want) => {
  expect(deeds(text)).toEqual(want);
  if (want) expect(needsLook(text)).toBe(true);
});

test("an unknown command says which there are, and can be sent", () =>
  expect(deeds("/lunch now")).toEqual({
    is: "refuse",
    title: "There is no command /lunch",
    why: expect.stringContaining("/me, /shrug, /topic, /invite, /poll, /status"),
    text: "/lunch now",
  }));

test("what one may not do is said before it is tried", () => {
  const title = (text: string, more: object, who: object = {}) => (deeds(text, more, who) as { title?: string })?.title;
  expect(title("/topic x", { role: "member" })).toBe("You cannot use /topic here");
  expect(title("/topic x", { role: "member" }, { role: "admin" })).toBeUndefined();
  expect(title("/topic x", { kind: "direct" })).toBe("You cannot use /topic here");
  expect(title("/invite @kim", { kind: "direct" })).toBe("You cannot use /invite here");
  expect(title("/invite @kim", {}, { role: "guest" })).toBe("You cannot use /invite here");
});

test("only commands that can be given are offered: calls, once their address is set", () => {
  const names = (more: object, workspace: object) =>
    mine(inRoom(more), me({ workspace: { ...me().workspace, ...workspace } })).map((c) => c.name);
  expect(names({}, {})).toEqual(["me", "shrug", "topic", "invite", "poll", "status"]);
  expect(names({ kind: "direct" }, { call_url: "https://meet.example/{room}" })).toEqual([
    "me",
    "shrug",
    "poll",
    "status",
    "call",
  ]);
  expect(deeds("/call")).toMatchObject({ is: "refuse", title: "There are no calls here" });
  expect(deeds("/lunch", { kind: "direct" })).toMatchObject({ why: expect.not.stringContaining("/topic") });
});
