// @vitest-environment happy-dom
// Who somebody is: what opens it, and what it says.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { at, direct, GENERAL, me, reaction, user } from "./core/testing";
import { $, all, House, named, words } from "../testing/house";
import { Chat } from "./store/chat.svelte";
import type { User } from "./wire/types";

const ROOM = "cccccccccccc";
let house: House;
beforeEach(() => void (house = new House()));
afterEach(() => house.leave());

const card = () => $("dialog[aria-label^='Jonas Weber']");
const jonas = (more: Partial<User> = {}) => user("jonas", { name: "Jonas Weber", ...more });
const click = async (e: HTMLElement) => {
  e.focus();
  e.click();
  await house.wait();
};
const buttons = () => [...card().querySelectorAll(".actions button")].map(words);

test("a status is said as long as it lasts", () => {
  const chat = new Chat(undefined, { passed: (iso) => iso <= at(30) });
  for (const [until, lasts] of [
    [undefined, true],
    [at(31), true],
    [at(30), false],
    [at(29), false],
  ] as const)
    expect(!!chat.status({ status: { text: "Away", ...(until ? { until } : {}) } }), until).toBe(lasts);
  expect(chat.status({})).toBeUndefined();
});

describe("it is opened by", () => {
  beforeEach(async () => {
    house.users = [user("mira"), jonas(), user("kim")];
    house.rooms[0]!.role = "owner";
    house.rooms.push(direct(ROOM, ["mira", "jonas"]), direct("dddddddddddd", ["mira", "kim", "jonas"]));
    const reactions = [reaction("🎉", ["jonas"], { me: false })];
    house.post(GENERAL, "jonas", { text: "Lunch?", reactions });
    house.post(GENERAL, "kim", { text: "ask @jonas", mentions: ["jonas"] });
    house.instead.set(`GET /rooms/${GENERAL}/messages/1/reactions`, () => ({ body: { reactions } }));
    house.instead.set(`GET /rooms/${GENERAL}/members`, () => ({
      body: { members: [{ user: "jonas", role: "member" }] },
    }));
  });

  const row = "article[data-seq='1'] ";
  test.each<[string, () => HTMLElement | Promise<HTMLElement>]>([
    ["a face", () => $(`${row} button[title='Jonas Weber']`)],
    ["a name", () => $(`${row} header button`)],
    ["a mention", () => $("article button.at")],
    [
      "who reacted",
      async () => {
        named("Who?").click();
        await house.wait();
        return $("dialog li button");
      },
    ],
    [
      "a member",
      async () => {
        named("Room details").click();
        await house.wait();
        return named(/Jonas Weber/, "dialog li button");
      },
    ],
  ])("%s, which gets the focus back", async (_, find) => {
    await house.open(`/r/${GENERAL}`);
    const button = await find();
    expect([button.tagName, button.getAttribute("aria-haspopup")]).toEqual(["BUTTON", "dialog"]);
    await click(button);
    expect(words(card().querySelector("h2")!)).toBe("Jonas Weber");
    const before = all("dialog").length;
    (card() as HTMLDialogElement).close();
    await house.wait();
    expect(all("dialog").length).toBe(before - 1);
    expect(document.activeElement).toBe(button);
  });

  test.each([
    [ROOM, 0],
    ["dddddddddddd", 1],
  ])("the title of a direct room: %s", async (room, i) => {
    await house.open(`/r/${room}`);
    await click(all("main h1 button")[i]!);
    expect(words(card().querySelector("h2")!)).toBe("Jonas Weber");
  });

  test("one's own name below the rooms", async () => {
    await house.open(`/r/${GENERAL}`);
    await click($("nav footer button"));
    expect(all("dialog .actions button").map(words)).toEqual(["Edit profile", "Copy handle"]);
    await click(named("Edit profile"));
    expect(all("dialog").map((d) => d.getAttribute("aria-label"))).toEqual(["Settings"]);
  });
});

describe("it says", () => {
  const open = async (more: Partial<User>) => {
    house.users[1] = jonas(more);
    house.post(GENERAL, "jonas");
    await house.open(`/r/${GENERAL}`);
    await click($("article header button"));
  };

  test("who it is, and only what is known", async () => {
    await open({});
    expect(words($("dialog .in"))).toBe("JW Jonas Weber @jonas Member Message Copy handle");
  });

  test("title, status and its end, time of day, role, address", async () => {
    const until = at(90);
    await open({
      title: "Kitchen",
      role: "admin",
      time_zone: "UTC",
      email: "jonas@example.com",
      status: { emoji: "🌴", text: "Away", until },
    });
    const said = words(card());
    for (const what of ["Kitchen", "🌴 Away until", "Admin", "9:30", "local time", "jonas@example.com"])
      expect(said).toContain(what);
    expect(words($("dialog a[href^=mailto]"))).toBe("jonas@example.com");
    await house.say({ type: "presence", users: { jonas: "away" } });
    expect(words(card())).toContain("Admin · Away");
  });

  test("nothing of a status that is over", async () => {
    await open({ status: { text: "At lunch", until: at(20) } });
    expect(words(card())).not.toContain("At lunch");
  });

  test("who has left, and whom nobody can write to", async () => {
    await open({ deactivated: true });
    expect(words(card())).toContain("Deactivated: this person has left");
    expect(buttons()).toEqual(["Copy handle"]);
  });
});

describe("Message", () => {
  test("makes the room, and shows it", async () => {
    house.instead.set("POST /rooms", () => {
      house.rooms.push(direct(ROOM, ["mira", "jonas"]));
      return { status: 201, body: house.rooms.at(-1) };
    });
    house.post(GENERAL, "jonas");
    await house.open(`/r/${GENERAL}`);
    await click($("article header button"));
    await click(named("Message", "dialog button"));
    expect(house.commands("POST /rooms")).toEqual([{ kind: "direct", members: ["jonas"] }]);
    expect([location.pathname, all("dialog").length]).toEqual([`/r/${ROOM}`, 0]);
  });

  test("opens the room that there is, of somebody who has left too, from within a dialog too", async () => {
    house.users[1] = jonas({ deactivated: true });
    house.who = me();
    house.rooms.push(direct(ROOM, ["mira", "jonas"]));
    house.instead.set(`GET /rooms/${GENERAL}/members`, () => ({
      body: { members: [{ user: "jonas", role: "member" }] },
    }));
    await house.open(`/r/${GENERAL}`);
    named("Room details").click();
    await house.wait();
    await click(named(/Jonas Weber/, "dialog li button"));
    await click(named("Message", "dialog button"));
    expect([location.pathname, all("dialog").length, house.commands("POST /rooms")]).toEqual([`/r/${ROOM}`, 0, []]);
  });
});
