// @vitest-environment happy-dom
// The first run: what a new workspace suggests in its empty room, to whom, and when that is done or gone.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { firstSteps } from "./core/firstrun";
import { GENERAL, LUNCH, me, message, room, user } from "./core/testing";
import { $, all, House, named, words } from "../testing/house";

let house: House;
beforeEach(() => {
  house = new House();
  house.who = me({ role: "owner" });
  house.users = [user("mira")];
  Object.assign(house.rooms[0]!, { created_by: "mira", member_count: 1 });
});
afterEach(async () => {
  vi.doUnmock("./features/room/FirstRun.svelte");
  await house.leave();
});

const steps = () => all("[aria-label='To begin with'] button").map((b) => words(b.querySelector("span")!));
const dialog = () => $("dialog").getAttribute("aria-label");
const [INVITE, ROOM, STATUS] = [
  "Invite your colleaguesWith a link that you send them",
  "Make a roomOne for each team or topic",
  "Set a statusSo that others know when you are at lunch",
];
const done = (step: string) => step.replace(/(colleagues|room|status)/, "$1, done");

test.each([
  [INVITE, "Invite people"],
  [ROOM, "New room"],
  [STATUS, "Settings"],
])("the empty general has a checklist, in which %s opens %s", async (line, opens) => {
  await house.open(`/r/${GENERAL}`);
  expect(steps()).toEqual([INVITE, ROOM, STATUS]);
  all("[aria-label='To begin with'] button")[steps().indexOf(line)]!.click();
  await house.wait();
  expect(dialog()).toBe(opens);
  if (line === STATUS) expect(document.activeElement!.getAttribute("aria-label")).toBe("Status");
});

test("a line is ticked when it is done, by whatever way", async () => {
  await house.open(`/r/${GENERAL}`);
  await house.say({ type: "user", user: user("jonas") });
  expect(steps()).toEqual([done(INVITE), ROOM, STATUS]);
  await house.say({ type: "joined", room: room(LUNCH) });
  expect(steps()).toEqual([done(INVITE), done(ROOM), STATUS]);
  const status = { emoji: "🍜", text: "At lunch" };
  house.instead.set("PATCH /me", () => ({ body: { ...me({ role: "owner" }), status } }));
  named(/^Set a status/).click();
  await house.wait();
  $<HTMLInputElement>("input[aria-label=Status]").value = "At lunch";
  $("input[aria-label=Status]").dispatchEvent(new Event("input", { bubbles: true }));
  $("dialog form").dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }));
  await house.wait();
  expect(steps()).toEqual([done(INVITE), done(ROOM), done(STATUS)]);
});

test("who cannot invite sees what they can do", () => {
  const of = (role: "owner" | "admin" | "member" | "guest") =>
    firstSteps({ me: "mira", users: new Map(), frames: new Map() }, { role }, GENERAL);
  expect(of("admin").map(([step]) => step)).toEqual(["invite", "room", "status"]);
  expect(of("member").map(([step]) => step)).toEqual(["room", "status"]);
  expect(of("guest").map(([step]) => step)).toEqual(["status"]);
});

test("a bot is nobody whom one invited, nor is who has left; a direct conversation is no room", () => {
  const users = new Map([user("build", { bot: true }), user("nils", { deactivated: true })].map((u) => [u.id, u]));
  const frames = new Map([[LUNCH, { room: room(LUNCH, { kind: "direct", members: ["mira"] }) }]]);
  expect(firstSteps({ me: "mira", users, frames }, { role: "owner" }, GENERAL).map(([, is]) => is)).toEqual([
    false,
    false,
    false,
  ]);
});

test("it stays beside what the server says of the room, and is gone with the first message", async () => {
  house.post(GENERAL, "mira", { system: { what: "topic", value: "Lunch" }, text: "set the topic: Lunch" });
  await house.open(`/r/${GENERAL}`);
  expect(steps()).toHaveLength(3);
  await house.say({ type: "message", room: GENERAL, rev: 2, message: message(2, { author: "mira" }) });
  expect(steps()).toEqual([]);
});

test("a message that is being sent is enough", async () => {
  house.instead.set(`POST /rooms/${GENERAL}/messages`, () => new Promise(() => {}));
  await house.open(`/r/${GENERAL}`);
  named(/^Say hello/).click();
  await house.wait();
  expect(steps()).toEqual([]);
});

test("another empty room has no checklist", async () => {
  house.rooms.push(room(LUNCH));
  await house.open(`/r/${LUNCH}`);
  expect([steps(), all("[role=log] section button").map(words)]).toEqual([[], ["Add people", "Say hello 👋"]]);
});

test("a checklist that cannot be loaded is left out", async () => {
  vi.doMock("./features/room/FirstRun.svelte", () => {
    throw new Error("not there");
  });
  await house.open(`/r/${GENERAL}`);
  expect([steps(), words(named(/^Say hello/))]).toEqual([[], "Say hello 👋"]);
});
