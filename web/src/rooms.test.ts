// @vitest-environment happy-dom
// What a room tells of itself, who sees it, its welcome, and messages that ask to be confirmed.
import { afterEach, beforeEach, expect, test } from "vitest";
import { at, GENERAL } from "./core/testing";
import { $, all, House, named, submit, type, words } from "../testing/house";
import type { Confirmations } from "./wire/types";

const ABOUT = `/rooms/${GENERAL}/about`;
const CONFIRMED = `/rooms/${GENERAL}/messages/1/confirmed`;
let house: House;
let told: { description: string; welcome: string };
beforeEach(() => {
  house = new House();
  told = { description: "", welcome: "" };
  house.instead.set(`GET ${ABOUT}`, () => ({ body: told }));
  house.instead.set(`PATCH ${ABOUT}`, (body) => ({ body: (told = { ...told, ...(body as object) }) }));
  house.instead.set(`GET /rooms/${GENERAL}/members`, () => ({ body: { members: [] } }));
});
afterEach(() => house.leave());

const details = async (role: "owner" | "member") => {
  house.rooms[0]!.role = role;
  await house.open(`/r/${GENERAL}`);
  named("Room details").click();
  await house.wait();
};

test("an owner describes the room; a member reads it", async () => {
  await details("owner");
  const [description] = all("dialog textarea");
  type(description!, "Where we talk");
  await house.wait();
  named("Save the texts").click();
  await house.wait();
  expect(house.commands(`PATCH ${ABOUT}`)).toEqual([{ description: "Where we talk", welcome: "" }]);
  expect(all("dialog button").map(words)).not.toContain("Save the texts");
});

test("a member reads the description", async () => {
  told.description = "Where we talk";
  await details("member");
  expect(words($("dialog"))).toContain("Where we talk");
  expect(all("dialog textarea")).toEqual([]);
  expect(words($("dialog"))).not.toContain("Make the room private");
});

test("a private room becomes public only when its name is typed", async () => {
  Object.assign(house.rooms[0]!, { kind: "private" });
  house.instead.set(`PATCH /rooms/${GENERAL}`, () => ({ body: { ...house.rooms[0]!, kind: "public" } }));
  await details("owner");
  named("Make the room public").click();
  await house.wait();
  expect(words($("dialog"))).toContain("all that was ever said in this room");
  const yes = () => named("Yes, make it public") as HTMLButtonElement;
  expect(yes().disabled).toBe(true);
  const box = all("dialog input").find((i) => i.getAttribute("autocapitalize") === "off")!;
  type(box, "genera");
  await house.wait();
  expect(yes().disabled).toBe(true);
  type(box, "general");
  await house.wait();
  yes().click();
  await house.wait();
  expect(house.commands(`PATCH /rooms/${GENERAL}`)).toEqual([{ kind: "public", confirm: "general" }]);
});

test("a public room becomes private after a question", async () => {
  house.instead.set(`PATCH /rooms/${GENERAL}`, () => ({ body: { ...house.rooms[0]!, kind: "private" } }));
  await details("owner");
  named("Make the room private").click();
  await house.wait();
  expect(house.commands(`PATCH /rooms/${GENERAL}`)).toEqual([]);
  named("Yes, make it private").click();
  await house.wait();
  expect(house.commands(`PATCH /rooms/${GENERAL}`)).toEqual([{ kind: "private" }]);
});

test("who joined sees the welcome until they put it away", async () => {
  told.welcome = "Hello, and **read** this.";
  house.rooms[0]!.greet = true;
  house.instead.set(`PATCH /rooms/${GENERAL}/me`, () => ({
    body: (house.rooms[0] = { ...house.rooms[0]!, greet: false }),
  }));
  await house.open(`/r/${GENERAL}`);
  await house.wait();
  expect(words($("section[aria-label=Welcome]"))).toBe("Hello, and read this. Only you see this. Got it");
  named("Got it").click();
  await house.wait();
  expect(house.commands(`PATCH /rooms/${GENERAL}/me`)).toEqual([{ greet: false }]);
  expect(all("section[aria-label=Welcome]")).toEqual([]);
});

test("a member confirms a message; nobody else's confirmation is shown to them", async () => {
  let held: Confirmations = {};
  house.post(GENERAL, "jonas", { text: "We move", confirm: true });
  house.instead.set(`GET ${CONFIRMED}`, () => ({ body: held }));
  house.instead.set(`PUT ${CONFIRMED}`, () => ({ body: (held = { mine: at(3) }) }));
  await house.open(`/r/${GENERAL}`);
  await house.wait();
  named("Confirm that you have read this").click();
  await house.wait();
  expect(words($("[aria-label=Confirmation]"))).toContain("You have confirmed that you read this");
  expect(all("[aria-label=Confirmation] details")).toEqual([]);
});

test("its author sees who has confirmed, without bots and as it happens", async () => {
  let held: Confirmations = { confirmed: [], missing: ["jonas", "bot"] };
  house.users.push({ ...house.users[0]!, id: "bot", handle: "bot", name: "Bot", bot: true });
  house.post(GENERAL, "mira", { text: "We move", confirm: true });
  house.instead.set(`GET ${CONFIRMED}`, () => ({ body: held }));
  await house.open(`/r/${GENERAL}`);
  await house.wait();
  expect(words($("[aria-label=Confirmation] summary"))).toBe("0 of 1 have confirmed");
  expect(all("[aria-label=Confirmation] button")).toEqual([]);
  held = { confirmed: [{ user: "jonas", at: at(4) }], missing: ["bot"] };
  await house.say({ type: "confirmed", room: GENERAL, seq: 1 });
  await house.wait();
  expect(words($("[aria-label=Confirmation] summary"))).toBe("1 of 1 have confirmed");
});

test("an owner asks for confirmation with one message", async () => {
  house.rooms[0]!.role = "owner";
  await house.open(`/r/${GENERAL}`);
  await house.wait();
  named(/^Add to/, "main button").click();
  await house.wait();
  named(/Ask to confirm/, "[role=menuitem]").click();
  await house.wait();
  expect(words($("main"))).toContain("Members are asked to confirm that they have read this.");
  for (const text of ["We move", "And again"]) {
    type($("main textarea"), text);
    await submit(house);
  }
  expect(house.commands(`POST /rooms/${GENERAL}/messages`).map((c) => (c as { confirm?: boolean }).confirm)).toEqual([
    true,
    undefined,
  ]);
});
