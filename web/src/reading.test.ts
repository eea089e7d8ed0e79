// @vitest-environment happy-dom
// What counts as read, and what leads to the end of a room. What needs a layout is in e2e/.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { GENERAL, LUNCH, message, problem, room } from "./core/testing";
import { $, all, House, key, named, type } from "../testing/house";
import { Wire } from "./net/testing";

let house: House;
beforeEach(() => {
  house = new House();
  HTMLElement.prototype.showPopover ??= () => {}; // happy-dom has no top layer
  house.rooms.push(room(LUNCH));
  house.post(GENERAL, "jonas");
  house.post(GENERAL, "jonas");
});
afterEach(() => house.leave());

const reads = () => house.commands(`PUT /rooms/${GENERAL}/read`);
const goes = async (to: string) => {
  $(`nav a[href='/r/${to}']`).click();
  await house.wait(1000);
};
/** Counts how often the timeline is brought to its end. */
function ends(): () => number {
  let n = 0;
  Object.defineProperty($("[role=log]"), "scrollTop", { configurable: true, get: () => 0, set: () => n++ });
  return () => n;
}

test("what one marks as unread stays so while one looks at it, and is read after one left the room and came back", async () => {
  await house.open(`/r/${GENERAL}`);
  await house.wait(1000);
  expect(reads()).toEqual([{ seq: 2 }]);
  $("article[data-seq='2']").dispatchEvent(new Event("pointerover", { bubbles: true }));
  await house.wait(20);
  named("More").click();
  await house.wait(20);
  house.instead.set(`PUT /rooms/${GENERAL}/read`, (b) => {
    const { seq } = b as { seq: number };
    Object.assign(house.rooms[0]!, { read_seq: seq, read_rev: house.rooms[0]!.read_rev + 1, unread: 2 - seq });
    return { body: house.rooms[0] };
  });
  named("Mark unread from here").click();
  await house.wait(3000);
  expect([reads().at(-1), reads().length, all(".new").length]).toEqual([{ seq: 1 }, 2, 1]);
  await goes(LUNCH);
  await goes(GENERAL);
  expect(reads().at(-1)).toEqual({ seq: 2 });
});

test("a room to which one comes back draws what is new there, and the rows that were there stay", async () => {
  for (let i = 0; i < 60; i++) house.post(GENERAL, "jonas");
  await house.open(`/r/${GENERAL}`);
  await house.wait(3000);
  const rows = () => all(".view:not(.away) article"),
    before = rows();
  expect(before.length).toBe(62);
  await goes(LUNCH);
  const m = house.post(GENERAL, "jonas");
  await house.say({ type: "message", room: GENERAL, rev: m.rev, message: m });
  await goes(GENERAL);
  expect(
    rows()
      .slice(0, -1)
      .every((e, i) => e === before[i]),
  ).toBe(true);
  expect([rows().length, rows().at(-1)!.dataset["seq"], all(".new").length]).toEqual([63, String(m.seq), 1]);
});

test("what one marks as unread and the server refuses is said", async () => {
  await house.open(`/r/${GENERAL}`);
  await house.wait(1000);
  $("article[data-seq='2']").dispatchEvent(new Event("pointerover", { bubbles: true }));
  await house.wait(20);
  named("More").click();
  await house.wait(20);
  house.instead.set(`PUT /rooms/${GENERAL}/read`, () => ({ status: 503, body: problem(503, "Not now.") }));
  named("Mark unread from here").click();
  await house.wait();
  expect(document.body.textContent).toContain("Not now.");
});

test("what another device marks as unread stays so here, and begins at the line", async () => {
  await house.open(`/r/${GENERAL}`);
  await house.wait(1000);
  expect(reads().length).toBe(1);
  await house.say({ type: "read", room: GENERAL, seq: 0, read_rev: 2, unread: 2, mention_count: 0 });
  await house.wait(3000);
  expect(reads().length).toBe(1);
  expect($(".new").nextElementSibling?.getAttribute("data-seq")).toBe("1");
});

test("after Esc what comes is read when it is seen", async () => {
  await house.open(`/r/${GENERAL}`);
  await house.wait(1000);
  await house.say({ type: "read", room: GENERAL, seq: 0, read_rev: 2, unread: 2, mention_count: 0 });
  key(window, "Escape");
  await house.wait(1000);
  expect(reads()).toEqual([{ seq: 2 }, { seq: 2 }]);
  await house.say({ type: "message", room: GENERAL, rev: 3, message: message(3) });
  await house.wait(1000);
  expect(reads().at(-1)).toEqual({ seq: 3 });
});

test("a click on the room that is open leads to its end", async () => {
  await house.open(`/r/${GENERAL}`);
  const n = ends();
  await goes(GENERAL);
  expect(n()).toBeGreaterThan(0);
});

test("sending leads to the end, and from a stretch that is not the end to the latest page", async () => {
  const path = `GET /rooms/${GENERAL}/messages?around=1&limit=80`;
  house.instead.set(path, () => ({
    body: { head: 2, messages: [message(1)], more_before: false, more_after: true },
  }));
  house.instead.set(`GET /rooms/${GENERAL}/messages?after=1`, () => new Promise(() => {}));
  await house.open(`/r/${GENERAL}/1`);
  house.asked.length = 0;
  const box = $<HTMLTextAreaElement>("form.composer textarea");
  type(box, "mine");
  await house.wait(20);
  key(box, "Enter");
  await house.wait(1000);
  expect(house.asked.map(([w]) => w)).toContain(`GET /rooms/${GENERAL}/messages?limit=60`);
});

test("where more than a screen comes at once, one stays at what was read, and little is followed", async () => {
  await house.open(`/r/${GENERAL}`);
  await house.wait(1000);
  const come = async (n: number) => {
    const since = house.rooms[0]!.rev,
      messages = Array.from({ length: n }, () => house.post(GENERAL, "jonas"));
    house.instead.set(`GET /rooms/${GENERAL}/changes?since=${since}`, () => ({
      body: { head: since + n, next: since + n, more: false, messages },
    }));
    Wire.all.at(-1)!.say({ type: "resync" });
    await house.wait(100);
  };
  await come(3);
  expect([all(".bar").length, $("article:last-of-type").dataset["seq"]]).toEqual([0, "5"]);
  await house.wait(2000);
  await come(80);
  expect($(".bar").textContent).toContain("80 new");
  expect($(".new").nextElementSibling?.getAttribute("data-seq")).toBe("6");
});

test.each<[string, number, string]>([
  ["faster than they can be seen, one stays at what was read", 5, "40 new"],
  ["slowly, one follows them", 50, ""],
])("where many come one by one, %s", async (_, pause, bar) => {
  await house.open(`/r/${GENERAL}`);
  await house.wait(1000);
  for (let i = 0; i < 40; i++) {
    const m = house.post(GENERAL, "jonas");
    Wire.all.at(-1)!.say({ type: "message", room: GENERAL, rev: m.rev, message: m });
    await vi.advanceTimersByTimeAsync(pause);
  }
  await house.wait(100);
  expect(
    all(".bar")
      .map((e) => /\d+ new/.exec(e.textContent)?.[0])
      .join(),
  ).toBe(bar);
  await house.wait(2000);
  if (!bar) expect(reads().at(-1)).toEqual({ seq: 42 });
});

test("who comes back to a tab in which nothing was read reads on", async () => {
  house.instead.set(`PUT /rooms/${GENERAL}/read`, () => ({ status: 500 }));
  await house.open(`/r/${GENERAL}`);
  await house.wait(100);
  const turn = (to: DocumentVisibilityState) => {
    vi.spyOn(document, "visibilityState", "get").mockReturnValue(to);
    vi.spyOn(document, "hidden", "get").mockReturnValue(to === "hidden");
    document.dispatchEvent(new Event("visibilitychange"));
  };
  turn("hidden");
  await house.say({ type: "message", room: GENERAL, rev: 3, message: message(3) });
  house.instead.clear();
  turn("visible");
  await house.wait(3000);
  expect(reads().at(-1)).toEqual({ seq: 3 });
});

test("a mention in a reply is read when it was on screen in its thread, and not before", async () => {
  const { post } = { post: (more: object) => house.post(GENERAL, "jonas", more) };
  await house.open(`/r/${GENERAL}`);
  await house.wait(1000);
  const said = post({ thread: 1, mentions: ["mira"], text: "@mira look" });
  await house.say({ type: "message", room: GENERAL, rev: said.rev, message: said });
  const last = post({});
  await house.say({ type: "message", room: GENERAL, rev: last.rev, message: last });
  await house.wait(5000);
  expect(reads().at(-1)).toEqual({ seq: 2 });
  expect(named(/mentioned you in a thread/, ".bar p").textContent).toContain("Jonas Weber");
  house.instead.set(`GET /rooms/${GENERAL}/messages?thread=1&limit=60`, () => ({
    body: { head: last.rev, messages: [said], more_before: false, more_after: false },
  }));
  named("Show").click();
  await house.wait(3000);
  expect(reads().at(-1)).toEqual({ seq: 4 });
  expect(all(".bar")).toEqual([]);
});

test("a mention in a reply, after which nothing came, is read when it was on screen in its thread", async () => {
  await house.open(`/r/${GENERAL}`);
  await house.wait(3000);
  const said = house.post(GENERAL, "jonas", { thread: 1, mentions: ["mira"], text: "@mira look" });
  await house.say({ type: "message", room: GENERAL, rev: said.rev, message: said });
  await house.wait(3000);
  expect(reads().at(-1)).toEqual({ seq: 2 });
  house.instead.set(`GET /rooms/${GENERAL}/messages?thread=1&limit=60`, () => ({
    body: { head: said.rev, messages: [said], more_before: false, more_after: false },
  }));
  named("Show").click();
  await house.wait(3000);
  expect(reads().at(-1)).toEqual({ seq: 3 });
});

test("a mention in a reply that came while one was away is looked for", async () => {
  const said = house.post(GENERAL, "jonas", { thread: 1, mentions: ["mira"] });
  house.messages.set(GENERAL, house.messages.get(GENERAL)!.slice(0, 2));
  Object.assign(house.rooms[0]!, { unread: 2, mention_count: 1 });
  house.instead.set(`GET /rooms/${GENERAL}/changes?since=0`, () => ({
    body: { head: 3, next: 3, more: false, messages: [said] },
  }));
  await house.open(`/r/${GENERAL}`);
  await house.wait(3000);
  expect(reads().at(-1)).toEqual({ seq: 2 });
  expect(named("Show")).toBeTruthy();
});
