// @vitest-environment happy-dom
// The commands about rooms and messages, the address of the page, and the visits.
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { serverOf, type Server } from "../../testing/server";
import { direct, GENERAL, LUNCH, loaded, message, problem, reaction, room, user } from "../core/testing";
import { freshRoom } from "../core/room";
import { ApiError } from "../net/api";
import type { MyRoom } from "../wire/types";
import { Chat } from "./chat.svelte";
import { Messages } from "./messages";
import { Notices } from "./notices.svelte";
import { Overlay } from "./overlay.svelte";
import { Rooms } from "./rooms";
import { Visits } from "./visits.svelte";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const refuse =
  (why: string, more = {}) =>
  () =>
    Promise.reject(new ApiError(400, problem(400, why, more)));

function house(commands: Server = {}) {
  const { api, asked } = serverOf(commands);
  const log: string[] = [];
  const chat = new Chat(),
    notices = new Notices();
  chat.me = "mira";
  const connection = {
    command: async (f: () => Promise<MyRoom>) => {
      const r = await f();
      log.push(`took ${r.id}`);
      return r;
    },
    newest: (m: unknown) => m,
    took: (m: { seq: number }) => log.push(`took ${m.seq}`),
    left: (room: string) => log.push(`left ${room}`),
  } as never;
  const settings = { used: (emoji: string) => log.push(`used ${emoji}`) } as never;
  const rooms = new Rooms(chat, connection, notices, (r) => log.push(`show ${r}`), api);
  const messages = new Messages(connection, notices, settings, api);
  const done = () => log.push("close");
  return { chat, notices, rooms, messages, asked, log, done };
}

describe("a room that a dialog asks for", () => {
  test.each([
    ["join", (h: ReturnType<typeof house>) => h.rooms.join(LUNCH, h.done), ["join", LUNCH]],
    [
      "create",
      (h: ReturnType<typeof house>) => h.rooms.create("private", "lunch", "food", h.done),
      ["addRoom", { kind: "private", name: "lunch", topic: "food" }],
    ],
    [
      "talk to",
      (h: ReturnType<typeof house>) => h.rooms.talkTo(["jonas"], h.done),
      ["addRoom", { kind: "direct", members: ["jonas"] }],
    ],
  ])("%s: is put in place, the dialog closes, the room is shown", async (_, give, command) => {
    const answer = async () => room(LUNCH);
    const h = house({ join: answer, addRoom: answer });
    await give(h);
    expect([h.asked, h.log]).toEqual([[command], [`took ${LUNCH}`, "close", `show ${LUNCH}`]]);
  });

  test("a refusal leaves the dialog open, and says why", async () => {
    const h = house({ join: refuse("It is archived."), addRoom: refuse("The name is taken.", { field: "name" }) });
    expect(await h.rooms.join(LUNCH, h.done)).toBe(false);
    expect(h.notices.text).toBe("It is archived.");
    expect(await h.rooms.create("public", "lunch", "", h.done)).toEqual({ field: "name", text: "The name is taken." });
    expect([h.log, h.asked[1]]).toEqual([[], ["addRoom", { kind: "public", name: "lunch" }]]);
  });

  test("leaving it is known at once", async () => {
    const h = house({ removeMember: async () => {} });
    await h.rooms.leave(LUNCH, h.done);
    expect([h.asked, h.log]).toEqual([[["removeMember", LUNCH, "mira"]], ["close", `left ${LUNCH}`]]);
  });
});

test("changes of a room are sent as they are, and refusals said", async () => {
  const h = house({
    updateRoom: async () => room(),
    updateMyRoom: async () => room(),
    putMember: refuse("No."),
    removeMember: async () => {},
  });
  expect(await h.rooms.change(GENERAL, { topic: "food" })).toBe(true);
  expect(await h.rooms.changeMine(GENERAL, "muted", true)).toBe(true);
  expect(await h.rooms.removeMember(GENERAL, "jonas")).toBe(true);
  expect(await h.rooms.putMember(GENERAL, "jonas", "owner")).toBe(false);
  expect([h.asked.map(([c]) => c), h.notices.text]).toEqual([
    ["updateRoom", "updateMyRoom", "removeMember", "putMember"],
    "No.",
  ]);
});

test("browsing answers what was found, and nothing when it failed", async () => {
  expect(await house({ browse: async () => [room(LUNCH)] }).rooms.browse("lu")).toHaveLength(1);
  expect(await house({ browse: refuse("No.") }).rooms.browse("lu")).toBeUndefined();
});

describe("an invitation", () => {
  const made = async () => ({ url: "https://acme.example/signup#s" });

  test("for an address, or for everybody", async () => {
    const h = house({ invite: made });
    expect(await h.rooms.invite("kim@example.com", "member", GENERAL)).toEqual({
      url: "https://acme.example/signup#s",
    });
    await h.rooms.invite("", "member", GENERAL);
    expect(h.asked.map(([, b]) => b)).toEqual([{ role: "member", email: "kim@example.com" }, { role: "member" }]);
  });

  test("of a guest names the room", async () => {
    const h = house({ invite: made });
    await h.rooms.invite("", "guest", GENERAL);
    expect(h.asked[0]![1]).toEqual({ role: "guest", rooms: [GENERAL] });
  });

  test("that is refused says why", async () => {
    const h = house({ invite: refuse("Guests need a room.") });
    expect(await h.rooms.invite("", "guest", undefined)).toEqual({ field: "", text: "Guests need a room." });
  });
});

describe("messages", () => {
  const m = message(4, { reactions: [reaction("🎉", ["mira"], { me: true })] });

  test("a reaction is added or removed, and what one uses is remembered", async () => {
    const h = house({ react: async () => message(4, { rev: 9 }) });
    await h.messages.toggle(m, "👍");
    await h.messages.toggle(m, "🎉");
    expect(h.asked).toEqual([
      ["react", GENERAL, 4, "👍", true],
      ["react", GENERAL, 4, "🎉", false],
    ]);
    expect(h.log).toEqual(["used 👍", "took 4", "took 4"]);
  });

  test("are edited and deleted", async () => {
    const h = house({ edit: async () => message(4), remove: refuse("It is gone.") });
    expect([await h.messages.edit(m, "Lunch!"), await h.messages.remove(m)]).toEqual([true, false]);
    expect([h.log, h.notices.text]).toEqual([["took 4"], "It is gone."]);
  });

  test("who reacted is asked for", async () => {
    expect(await house({ reactions: async () => m.reactions }).messages.reactions(m)).toEqual(m.reactions);
    expect(await house({ reactions: refuse("No.") }).messages.reactions(m)).toBeUndefined();
  });

  test("a pointer that does not move is no trouble; a bug is", async () => {
    const h = house({ setRead: () => Promise.reject(new ApiError(0)) });
    await h.messages.read(GENERAL, 4);
    expect(h.notices.text).toBe("");
    const bug = house({ setRead: () => Promise.reject(new TypeError("odd")) });
    await expect(bug.messages.read(GENERAL, 4)).rejects.toThrow("odd");
  });

  test("a link leads to the message", async () => {
    const board: string[] = [];
    vi.stubGlobal("navigator", { clipboard: { writeText: async (t: string) => void board.push(t) } });
    const h = house();
    await h.messages.copyLink(m);
    expect([board, h.notices.text]).toEqual([[`${location.origin}/r/${GENERAL}/4`], "The link is copied."]);
  });
});

test("visits: the present room first, and nothing anew while one stays in it", () => {
  const chat = new Chat(),
    v = new Visits(chat);
  for (const r of [loaded(3), freshRoom(room(LUNCH)), freshRoom(direct("c", ["mira"]))]) chat.rooms.set(r.room.id, r);
  v.go(GENERAL);
  v.mark(GENERAL, 2);
  v.go(GENERAL);
  expect(v.all).toEqual([{ room: GENERAL, newAfter: 1, kept: true }]);
  v.go(LUNCH);
  expect(v.all.map((x) => x.room)).toEqual([LUNCH, GENERAL]);
  v.go(undefined);
  expect(v.all).toEqual([]);
});

test("a dialog that was replaced is not closed by the one before", () => {
  const o = new Overlay();
  o.dialog = "browse";
  o.dialog = "newRoom";
  o.close("browse");
  expect(o.dialog).toBe("newRoom");
  o.close("newRoom");
  expect(o.dialog).toBeUndefined();
});

test("people are found by their handle", () => {
  const chat = new Chat();
  chat.users.set("jonas", user("jonas", { handle: "jw" }));
  expect([chat.people.get("jw")?.id, chat.people.get("jonas")]).toEqual(["jonas", undefined]);
});
