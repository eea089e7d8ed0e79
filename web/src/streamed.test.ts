// @vitest-environment happy-dom
// Messages that bots write while one looks.
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { counted } from "./core/counts";
import { at, GENERAL, message, room, user } from "./core/testing";
import { $, all, House, words } from "../testing/house";
import type { Message } from "./wire/types";

let house: House;
beforeAll(async () => {
  await import("./App.svelte");
  await Promise.all([
    import("./pages/Room.svelte"),
    import("./pages/Parts.svelte"),
    import("./features/room/Formatted.svelte"),
    import("./features/room/Ways.svelte"),
  ]);
}, 120_000); // a test waits for no transformation
beforeEach(() => {
  house = new House();
  house.users.push(user("builds", { name: "Builds", bot: true }));
});
afterEach(() => house.leave());

const SECOND = 1000;
const later = (s: number) => new Date(Date.parse(at(30)) + s * SECOND).toISOString();
const row = () => $("article.msg:last-of-type");
const isWriting = () => row().classList.contains("writing");

async function text(m: Message, rev: number, more: Partial<Message>): Promise<void> {
  const { streaming_at: _, ...still } = m;
  await house.say({ type: "message", room: GENERAL, rev, message: { ...still, rev, ...more } });
}

test("a message that its bot is writing has a mark until it is done, and is never edited", async () => {
  const m = house.post(GENERAL, "builds", { text: "…", streaming_at: at(30) });
  await house.open(`/r/${GENERAL}`);
  expect([isWriting(), words($(".msg .text"))]).toEqual([true, "…"]);
  await text(m, m.rev + 1, { text: "```\nhalf", streaming_at: later(1) });
  expect([isWriting(), words($(".msg .text pre"))]).toEqual([true, "half"]);
  await text(m, m.rev + 2, { text: "Soup", streaming_at: later(2) });
  const drawn = $(".msg .text p");
  await text(m, m.rev + 3, { text: "Soup is ready" });
  expect([isWriting(), words($(".msg .text"))]).toEqual([false, "Soup is ready"]);
  expect($(".msg .text p")).toBe(drawn); // nothing jumps
}, 30_000); // the first one loads what draws code

test("a bot that is silent for ten minutes is not waited for", async () => {
  const m = house.post(GENERAL, "builds", { text: "Soup", streaming_at: at(21) });
  await house.open(`/r/${GENERAL}`);
  expect(isWriting()).toBe(true);
  await house.wait(61 * SECOND);
  expect(isWriting()).toBe(false);
  await text(m, m.rev + 1, { text: "Soup is", streaming_at: later(61) });
  expect(isWriting()).toBe(true);
});

test("a screen reader says once that a bot writes, and not what", async () => {
  house.post(GENERAL, "jonas", { text: "Lunch?" });
  await house.open(`/r/${GENERAL}`);
  const m = house.post(GENERAL, "builds", { text: "So", streaming_at: later(0) });
  await house.say({ type: "message", room: GENERAL, rev: m.rev, message: m });
  const said = () => all("p.hidden[role=status]").map(words).filter(Boolean);
  expect(said()).toEqual(["Builds: Writing…"]);
  for (const [i, more] of [{ text: "Sou", streaming_at: later(1) }, { text: "Soup" }].entries()) {
    await text(m, m.rev + 1 + i, more);
    await house.wait(10 * SECOND);
    expect(said()).toEqual(["Builds: Writing…"]);
  }
});

test("the latest message of a room is what its bot has written, and nobody asks the server for it", () => {
  const latest = { seq: 3, author: "builds", text: "…", created_at: at(1) };
  const r = room(GENERAL, { last_seq: 3, last_message: latest, unread: 1, read_seq: 2 });
  const m = message(3, { author: "builds", text: "Soup", created_at: at(1), rev: 9 });
  for (const next of [{ ...m, streaming_at: at(2) }, m])
    expect(counted(r, next, "mira")).toEqual([{ ...r, last_message: { ...latest, text: "Soup" } }, []]);
  const mine = counted(r, { ...m, mentions: ["mira"] }, "mira");
  expect(mine[1]).toEqual([{ what: "room", room: GENERAL }]); // the last text mentions me: it counts
  expect(counted(r, { ...m, seq: 2 }, "mira")).toEqual([r, []]);
});
