// @vitest-environment happy-dom
// @room and @here in the whole client: what is suggested, asked, refused and drawn.
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { $, all, House, key, named, type, words } from "../testing/house";
import { at, GENERAL, LUNCH, message, problem, room, user } from "./core/testing";

let house: House;
beforeEach(() => void (house = new House()));
afterEach(() => house.leave());

const POST = `POST /rooms/${GENERAL}/messages`;
const box = () => $<HTMLTextAreaElement>("form.composer textarea");
const sent = () => house.commands(POST).map((b) => (b as { text: string }).text);
const dialog = () => words($("dialog"));

async function write(text: string) {
  type(box(), text);
  await house.wait();
}
async function send(text: string, more: Parameters<typeof room>[1] = {}) {
  house.rooms.splice(0, 1, room(GENERAL, more));
  await house.open(`/r/${GENERAL}`);
  await write(text);
  key(box(), "Escape");
  key(box(), "Enter");
  await house.wait();
}

describe("before a message is sent", () => {
  test("a question says how many people it notifies, and nothing is sent without the answer", async () => {
    await send("lunch, @room", { member_count: 215 });
    expect(dialog()).toContain("Notify 214 people?");
    expect(dialog()).toContain("@room notifies everybody in #general: 214 people.");
    expect(words(document.activeElement!)).toBe("Keep writing");
    named("Keep writing").click();
    await house.wait();
    expect([all("dialog").length, sent(), box().value]).toEqual([0, [], "lunch, @room"]);
    key(box(), "Enter");
    await house.wait();
    named("Send", "dialog button").click();
    await house.wait();
    expect([all("dialog").length, sent(), box().value]).toEqual([0, ["lunch, @room"], ""]);
  });

  test.each([
    ["twenty people", "@room", { member_count: 21 }],
    ["code", "`@room`", { member_count: 500 }],
    ["an address", "ask@room.example", { member_count: 500 }],
    ["a room in which one is an owner", "@here", { broadcast: "owners", role: "owner", member_count: 8 }],
  ] as const)("there is none for %s", async (_, text, more) => {
    await send(text, more);
    expect([all("dialog").length, sent()]).toEqual([0, [text]]);
  });

  test("who has no right is told so", async () => {
    await send("@here, lunch", { broadcast: "owners" });
    expect(dialog()).toContain("Only owners of this room can notify everybody with @room and @here.");
    expect([all("dialog button.primary").length, sent()]).toEqual([0, []]);
  });

  test("a second one within a minute is not put in the way of other messages", async () => {
    house.post(GENERAL, "mira", { text: "@room", broadcast: "room", created_at: at(30) });
    await send("@here", { rev: 1, last_seq: 1, read_seq: 1 });
    expect(dialog()).toMatch(/once a minute. Send this message in [56]\d s/);
  });

  test("forty-one people are too many", async () => {
    house.users.push(...Array.from({ length: 41 }, (_, i) => user(`u${i}`)));
    const people = house.users.slice(-41).map((u) => `@${u.handle}`);
    await send(people.join(" "));
    expect(dialog()).toContain("You mention 41 people. A message can mention 40 people at most.");
    expect(sent()).toEqual([]);
  });

  test("a change of a message asks nothing", async () => {
    house.post(GENERAL, "mira", { text: "lunch" });
    house.instead.set(`PATCH /rooms/${GENERAL}/messages/1`, (b) => ({
      body: message(1, { author: "mira", rev: 9, ...(b as object) }),
    }));
    house.rooms = [room(GENERAL, { member_count: 215, rev: 1, last_seq: 1, read_seq: 1 })];
    await house.open(`/r/${GENERAL}`);
    key(box(), "ArrowUp");
    await house.wait(20);
    type($<HTMLTextAreaElement>("form.edit textarea"), "lunch, @room");
    await house.wait();
    named("Save").click();
    await house.wait();
    expect(house.commands(`PATCH /rooms/${GENERAL}/messages/1`)).toEqual([{ text: "lunch, @room" }]);
  });
});

test("the words are suggested with what they do, where one may use them", async () => {
  house.rooms = [room(GENERAL, { member_count: 215 })];
  await house.open(`/r/${GENERAL}`);
  await write("@ro");
  expect(all("[role=option]").map(words)).toEqual(["@room Notifies everybody in #general: 214 others"]);
  await write("@her");
  expect(all("[role=option]").map(words)).toEqual(["@here Notifies whoever is active now, of 214 others in #general"]);
  await house.say({ type: "room", room: room(GENERAL, { broadcast: "owners", member_count: 215 }) });
  await write("@ro");
  expect(all("[role=option]")).toEqual([]);
});

test("a broadcast is drawn as a mention of everybody, and its word as a mark", async () => {
  house.post(GENERAL, "jonas", { text: "lunch @room, `@room`", broadcast: "room" });
  house.post(GENERAL, "kim", { text: "coffee @here", broadcast: "here" });
  house.post(GENERAL, "kim", { text: "what does @room do?" });
  house.post(GENERAL, "mira", { text: "@room", broadcast: "room" });
  await house.open(`/r/${GENERAL}`);
  await vi.waitFor(() =>
    expect(all("article").map((a) => [...a.querySelectorAll(".text .at")].map(words))).toEqual([
      ["@room"],
      ["@here"],
      [],
      ["@room"],
    ]),
  );
  expect(all("article").map((a) => a.classList.contains("mention"))).toEqual([true, true, false, false]);
});

test("#names of rooms that I see are links; others are text", async () => {
  house.rooms.push(room(LUNCH));
  const outside = room("outside00000", { name: "releases" });
  house.instead.set("GET /rooms?browse=true", () => ({ body: { rooms: [outside], more: false, total: 1 } }));
  house.post(GENERAL, "jonas", { text: "#lunch, #releases and #secret" });
  await house.open(`/r/${GENERAL}`);
  const links = () => all(".text a.at").map((a) => `${words(a)} ${a.getAttribute("href")}`);
  await vi.waitFor(() => expect(links()).toEqual([`#lunch /r/${LUNCH}`, "#releases /r/outside00000"]));
  named("#lunch", ".text a").click();
  await house.wait();
  expect(location.pathname).toBe(`/r/${LUNCH}`);
});

describe("somebody who is named and not in the room", () => {
  const line = () => all(".missed").map(words);
  const PUT = `PUT /rooms/${GENERAL}/members/kim`;
  const SAID = "Kim is not in #general and did not get a notification. Add to the room Not now";
  /** The server mentions these people in each message of mine. */
  const mentioning = (...mentions: string[]) =>
    house.instead.set(POST, (b) => ({
      status: 201,
      body: house.post(GENERAL, "mira", { ...(b as object), mentions }),
    }));
  const again = async (text: string) => {
    await write(text);
    key(box(), "Escape");
    key(box(), "Enter");
    await house.wait();
  };
  beforeEach(() => {
    mentioning("jonas");
    house.instead.set(PUT, () => ({ body: { user: "kim", role: "member", joined_at: at(1) } }));
  });
  afterEach(() => void vi.doUnmock("./features/composer/Missed.svelte"));
  const naming = () => send("@kim @jonas, lunch? `@ada`");

  test("can be added, or left out", async () => {
    await naming();
    expect(line()).toEqual([SAID]);
    named("Not now").click();
    await house.wait();
    expect(line()).toEqual([]);
    await again("@kim?");
    named("Add to the room").click();
    named("Add to the room").click();
    await house.wait();
    expect([line(), house.commands(PUT).length]).toEqual([[], 1]);
  });

  test("is added to the room of the message, whichever is on screen by then", async () => {
    house.users.push(user("ada"));
    house.rooms.push(room(LUNCH));
    let add = () => {};
    const slow = new Promise<void>((done) => (add = done));
    house.instead.set(PUT, async () => (await slow, { body: { user: "kim", role: "member", joined_at: at(1) } }));
    await send("@kim @ada");
    named("Add to the room").click();
    await house.wait();
    named(/lunch/, "nav a").click();
    await house.wait();
    add();
    await house.wait();
    expect(
      house.asked.map(([what]) => what).filter((what) => what.startsWith("PUT") && what.includes("members")),
    ).toEqual([PUT, `PUT /rooms/${GENERAL}/members/ada`]);
  });

  test("is not offered again when somebody reacts to the message", async () => {
    await naming();
    named("Not now").click();
    await house.say({ type: "message", room: GENERAL, rev: 1, message: house.messages.get(GENERAL)![0] });
    const reaction = { emoji: "👍", count: 1, users: ["jonas"], me: false };
    await house.say({ type: "reaction", room: GENERAL, rev: 2, seq: 1, user: "jonas", added: true, reaction });
    expect([words($("article")), line()]).toEqual([expect.stringContaining("👍"), []]);
  });

  test("stays in the line while the server refuses to add them", async () => {
    house.instead.set(PUT, () => ({ status: 403, body: problem(403, "No.") }));
    await naming();
    named("Add to the room").click();
    await house.wait();
    expect(line()).toEqual([SAID]);
    named("Add to the room").click();
    await house.wait();
    expect(house.commands(PUT).length).toBe(2);
  });

  test("nothing is said where everybody heard of it", async () => {
    mentioning("jonas", "kim");
    await naming();
    expect(line()).toEqual([]);
  });

  test("nothing is said of somebody who was deactivated", async () => {
    house.users = house.users.map((u) => (u.id === "kim" ? { ...u, deactivated: true } : u));
    await naming();
    expect(line()).toEqual([]);
  });

  test("nothing is said of an older message when one that follows is refused", async () => {
    house.post(GENERAL, "mira", { text: "@kim" });
    house.instead.set(POST, () => ({ status: 403, body: problem(403, "No.") }));
    await send("lunch?", { rev: 1, last_seq: 1, read_seq: 1 });
    expect([words($(".rows, main")).includes("Not sent"), line()]).toEqual([true, []]);
  });

  test("nothing is said when the line cannot be loaded", async () => {
    vi.doMock("./features/composer/Missed.svelte", () => {
      throw new Error("not there");
    });
    await naming();
    expect([sent().length, line(), all("dialog").length]).toEqual([1, [], 0]);
  });
});
