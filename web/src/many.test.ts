// @vitest-environment happy-dom
// Somebody in hundreds of rooms: how much is drawn, and what one event draws anew.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { $, all, House, words } from "../testing/house";
import { GENERAL, message, room } from "./core/testing";

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
