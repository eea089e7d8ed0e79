import { describe, expect, test } from "vitest";
import { botsOf, changesOf, leaveQuestion, mayActivate, mayMakeBots, seesBots } from "./bots";
import { me, user } from "./testing";

const bot = user("ci", { bot: true, owner: "mira", role: "guest", title: "Builds" });
const users = new Map([user("mira"), user("jonas"), bot, user("old", { bot: true })].map((u) => [u.id, u]));

test("everybody makes bots but guests and bots", () => {
  const may = (role: "owner" | "member" | "guest", bot = false) => mayMakeBots({ role, bot });
  expect([may("owner"), may("member"), may("guest"), may("member", true)]).toEqual([true, true, false, false]);
});

test("a guest sees the bots that they have from before", () => {
  expect(seesBots(me({ role: "guest" }), users)).toBe(true);
  expect(seesBots(me({ ...user("jonas"), role: "guest" }), users)).toBe(false);
});

test("a bot is deactivated by its owner and by admins; one that has no owner, by nobody here", () => {
  expect(mayActivate(bot, me())).toBe(true);
  expect(mayActivate(bot, user("jonas"))).toBe(false);
  expect(mayActivate(bot, user("jonas", { role: "admin" }))).toBe(true);
  expect(mayActivate({}, user("jonas", { role: "admin" }))).toBe(false);
});

describe("before one leaves a room", () => {
  const members = ["mira", "jonas", "ci", "old"].map((user) => ({ user, role: "member" as const, joined_at: "" }));

  test("the bots are counted that leave too", () => {
    expect([botsOf("mira", members, users), botsOf("jonas", members, users)]).toEqual([1, 0]);
    expect(botsOf("mira", members.slice(0, 2), users)).toBe(0);
  });

  test.each([
    ["public", 0, "Really leave?"],
    ["private", 0, "Leave? Somebody will have to add you again"],
    ["public", 1, "Leave with your bot?"],
    ["private", 2, "Leave with your 2 bots? Somebody will have to add you again"],
  ])("a %s room with %d bots of one's own asks: %s", (kind, bots, asks) =>
    expect(leaveQuestion(kind, bots)).toBe(asks),
  );
});

test("of a form only what was changed in it is sent", () => {
  const was = { name: bot.name, handle: "ci", title: "Builds" };
  expect(changesOf(was, bot)).toEqual({});
  expect(changesOf({ ...was, title: "" }, bot)).toEqual({ title: "" });
  expect(changesOf({ ...was, name: "Builder", handle: "builder" }, bot)).toEqual({
    name: "Builder",
    handle: "builder",
  });
});
