// @vitest-environment happy-dom
// Somebody in hundreds of rooms: how much is drawn, and what one event draws anew.
import { tick } from "svelte";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { $, all, House, words } from "../testing/house";
import { direct, GENERAL, LUNCH, message, room } from "./core/testing";

const ROW = 30,
  HIGH = 310,
  COUNT = 330;
const idOf = (i: number) => `r${String(i).padStart(11, "a")}`;
let house: House, scrolled: number;

/** happy-dom lays nothing out: the list begins at the top of its box, and the rows are alike. */
beforeEach(() => {
  house = new House();
  scrolled = 0;
  house.rooms.push(...Array.from({ length: COUNT }, (_, i) => room(idOf(i), { name: `room-${i}` })));
  vi.spyOn(HTMLElement.prototype, "offsetHeight", "get").mockReturnValue(ROW);
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(HIGH);
  vi.spyOn(HTMLElement.prototype, "getBoundingClientRect").mockImplementation(function (this: HTMLElement) {
    return { top: this.matches("nav ul") ? -scrolled : 0, bottom: 0, height: 0 } as DOMRect;
  });
});
afterEach(() => house.leave());

const rows = () => all('[data-section="Rooms"] li');
const names = () => rows().map((e) => words(e.querySelector(".name")!));
const space = () =>
  rows().reduce(
    (sum, e) => sum + (parseFloat(e.style.paddingTop) || 0) + ROW + 1,
    parseFloat($("nav ul").style.paddingBottom) || 0,
  );
async function scrollTo(row: number): Promise<void> {
  scrolled = row * (ROW + 1);
  $("nav .rooms").dispatchEvent(new Event("scroll"));
  await house.wait(20);
}

test("only the rows near those in sight are drawn, in a list as long as all", async () => {
  await house.open(`/r/${GENERAL}`);
  expect(rows().length).toBeLessThan(50);
  expect([names().slice(0, 3), space()]).toEqual([["general", "room-0", "room-1"], (COUNT + 1) * (ROW + 1)]);
  await scrollTo(300);
  expect(names()).toEqual(expect.arrayContaining(["general", "room-299", "room-309"])); // the room on screen stays
  expect([rows().length < 50, names().includes("room-0"), space()]).toEqual([true, false, (COUNT + 1) * (ROW + 1)]);
  const last = rows().at(-1)!;
  expect([last.getAttribute("aria-setsize"), last.getAttribute("aria-posinset")]).toEqual([
    String(COUNT + 1),
    String(Number(names().at(-1)!.slice(5)) + 2),
  ]);
});

test("as one scrolls, rows show other rooms, and are not made anew", async () => {
  house.rooms.push(
    direct("direct000000", ["mira", "jonas"]),
    room("locked000000", { name: "room-150b", kind: "private" }),
  );
  await house.open(`/r/${GENERAL}`);
  await scrollTo(100);
  const before = new Set(rows());
  for (const row of [150, 200, 30, 260, 149]) await scrollTo(row);
  expect(rows().filter((e) => !before.has(e))).toEqual([]);
  const drawn = rows().map((e) => {
    const name = words(e.querySelector(".name")!),
      { id } = house.rooms.find((r) => r.name === name)!;
    return [e.dataset["room"] === id, e.querySelector("a")!.getAttribute("href") === `/r/${id}`];
  });
  expect(drawn.flat()).not.toContain(false);
  expect(
    rows()
      .filter((e) => /private room/.test(e.textContent))
      .map((e) => words(e.querySelector(".name")!)),
  ).toEqual(["room-150b"]);
  expect(
    rows()
      .filter((e) => e.querySelector("[aria-current]"))
      .map((e) => e.dataset["room"]),
  ).toEqual([GENERAL]);
});

test("after a jump the rows in sight are drawn first, and those around them in the next frame", async () => {
  await house.open(`/r/${GENERAL}`);
  scrolled = 200 * (ROW + 1);
  $("nav .rooms").dispatchEvent(new Event("scroll"));
  for (let i = 0; i < 9; i++) await Promise.resolve();
  const there = () => ["room-199", "room-207", "room-195", "room-211"].map((name) => names().includes(name));
  expect([there(), space()]).toEqual([[true, true, false, false], (COUNT + 1) * (ROW + 1)]);
  await house.wait(20);
  expect([there(), space()]).toEqual([[true, true, true, true], (COUNT + 1) * (ROW + 1)]);
});

test("a list that is hidden keeps its rows and its length: on a phone one comes back from a room to where one was", async () => {
  await house.open(`/r/${GENERAL}`);
  await scrollTo(200);
  const before = names();
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(0);
  vi.spyOn(HTMLElement.prototype, "offsetHeight", "get").mockReturnValue(0);
  await scrollTo(0);
  expect([names(), space()]).toEqual([before, (COUNT + 1) * (ROW + 1)]);
});

test("the row with the focus stays, and Tab leads on from it", async () => {
  await house.open(`/r/${GENERAL}`);
  const row = rows()[5]!.querySelector("a")!;
  row.focus();
  await scrollTo(300);
  expect(document.activeElement).toBe(row);
  expect(names().slice(1, 4)).toEqual(["room-3", "room-4", "room-5"]);
  const next = rows()[3]!.querySelector("a")!;
  row.dispatchEvent(new FocusEvent("focusout", { bubbles: true, relatedTarget: next }));
  await house.wait(20);
  expect([next.isConnected, names()[3]], "a browser moves the focus in several steps").toEqual([true, "room-6"]);
  next.focus();
  next.blur();
  await scrollTo(310);
  expect(names().slice(0, 2)).not.toContain("room-4");
});

test("a folded list, and one of few rooms, are drawn whole", async () => {
  house.rooms.splice(40);
  await house.open(`/r/${GENERAL}`);
  expect([rows().length, rows().filter((e) => e.hasAttribute("aria-setsize")).length, space()]).toEqual([
    40,
    0,
    40 * (ROW + 1),
  ]);
  $('[data-section="Rooms"] button.title').click();
  await house.wait();
  expect(names()).toEqual(["general"]);
});

test("a message draws its room anew, and no other row", async () => {
  await house.open(`/r/${GENERAL}`);
  const touched = new Set<string>();
  const rowOf = (n: Node) => (n instanceof Element ? n : n.parentElement)?.closest("li")?.dataset["room"] ?? "none";
  const seen = new MutationObserver((all) => all.forEach((r) => touched.add(rowOf(r.target))));
  seen.observe($("nav"), { subtree: true, childList: true, attributes: true, characterData: true });
  await house.say({
    type: "message",
    room: idOf(3),
    rev: 1,
    message: message(1, { room: idOf(3), author: "jonas", rev: 1 }),
  });
  seen.disconnect();
  expect([...touched]).toEqual([idOf(3)]);
  expect(words(rows()[4]!)).toBe("room-3 1 unread");
});

test("in the frame in which the switcher opens it makes the entries that it shows, and no others", async () => {
  await house.open(`/r/${GENERAL}`);
  const set = vi.spyOn(WeakMap.prototype, "set");
  dispatchEvent(new KeyboardEvent("keydown", { key: "k", ctrlKey: true }));
  await tick();
  const made = set.mock.calls.filter(([, value]) => !!value && "entry" in value).length;
  set.mockRestore();
  expect([all("dialog [role=option]").length, made]).toEqual([9, 9]);
});

test("no row of the open switcher moves with a message, and a room that one comes into is there", async () => {
  const found = () => all("dialog [role=option]").map(words),
    latest = { seq: 9, author: "jonas", text: "hi", created_at: "2099-01-01T00:00:00Z" };
  await house.open(`/r/${GENERAL}`);
  dispatchEvent(new KeyboardEvent("keydown", { key: "k", ctrlKey: true }));
  await house.wait();
  const before = found();
  await house.say({ type: "room", room: room(idOf(200), { name: "room-200", last_message: latest }) });
  expect(found()).toEqual(before);
  await house.say({ type: "room", room: room(GENERAL, { unread: 3 }) });
  expect(found(), "what waits is told").toEqual(before.map((s) => s.replace("#generalRoom", "#general3 unread")));
  await house.say({ type: "joined", room: room(LUNCH, { last_message: latest }) });
  expect(found().slice(0, 2).sort()).toEqual(["#lunchRoom", "#room-200Room"]);
});

test("a box that comes back below the open switcher does not take the focus, as it does when nothing lies above it", async () => {
  const focus = vi.spyOn(HTMLTextAreaElement.prototype, "focus");
  const comesBack = async (rev: number) => {
    focus.mockClear();
    for (const archived of [true, false])
      await house.say({ type: "room", room: room(GENERAL, { archived, rev: rev++ }) });
    return [all("form.composer textarea").length, focus.mock.calls.length > 0];
  };
  await house.open(`/r/${GENERAL}`);
  expect(await comesBack(1)).toEqual([1, true]);
  dispatchEvent(new KeyboardEvent("keydown", { key: "k", ctrlKey: true }));
  await house.wait();
  expect(await comesBack(3)).toEqual([1, false]);
});

test("⌘K right after the switcher was closed opens it again", async () => {
  const press = () => dispatchEvent(new KeyboardEvent("keydown", { key: "k", ctrlKey: true }));
  const ways = {
    Escape: (d: HTMLElement) => d.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true })),
    "✕": (d: HTMLElement) => d.querySelector<HTMLElement>("[aria-label=Close]")!.click(),
    "a click beside it": (d: HTMLElement) => d.click(),
  };
  // As browsers do, and happy-dom does not: the event comes in a task of its own.
  vi.spyOn(HTMLDialogElement.prototype, "close").mockImplementation(function (this: HTMLDialogElement) {
    this.open = false;
    setTimeout(() => this.dispatchEvent(new Event("close")));
  });
  await house.open(`/r/${GENERAL}`);
  for (const [way, close] of Object.entries(ways)) {
    press();
    await house.wait();
    close($("dialog"));
    press();
    await house.wait();
    expect(all("dialog[open]").length, way).toBe(1);
    press();
    await house.wait();
    expect(all("dialog").length, way).toBe(0);
  }
});

test("the switcher takes apart what it searches before one types, a little in each frame", async () => {
  await house.open(`/r/${GENERAL}`);
  dispatchEvent(new KeyboardEvent("keydown", { key: "k", ctrlKey: true }));
  await house.wait();
  const set = vi.spyOn(WeakMap.prototype, "set"),
    field = $<HTMLInputElement>("dialog input");
  field.value = "room-32";
  field.dispatchEvent(new Event("input"));
  await house.wait(20);
  const apart = set.mock.calls.filter(([, value]) => !!value && "texts" in value).length;
  set.mockRestore();
  expect([all("dialog [role=option]").map(words)[0], apart]).toEqual(["#room-32Room", 0]);
});
