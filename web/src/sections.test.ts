// @vitest-environment happy-dom
// The sections of the sidebar that one makes.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { changed, idFrom, misnamed, moved, put, sectionOf } from "./core/arrange";
import { byTitle, sections } from "./core/sections";
import { direct, GENERAL, LUNCH, me, room, stateOf } from "./core/testing";
import { freshRoom } from "./core/room";
import { $, all, House, named, words } from "../testing/house";
import type { Section, UpdateMe } from "./wire/types";

const DIRECT = "cccccccccccc";
const work: Section = { id: "w", name: "Work", rooms: [LUNCH, "left"] };
const play: Section = { id: "p", name: "Play", folded: true, rooms: [DIRECT] };

describe("the rules", () => {
  const listed = (made: Section[], starred = false) => {
    const rooms = [room(GENERAL), room(LUNCH, { starred }), direct(DIRECT, ["mira", "jonas"])];
    const s = stateOf(rooms.map(freshRoom));
    const of = sections(
      byTitle(s.rooms.values(), (r) => r.room.name ?? ""),
      undefined,
      () => undefined,
      new Set(),
      made,
    );
    return { made: of.made.map((m) => m.rooms), named: of.named, direct: of.direct, starred: of.starred };
  };
  test("a room stands in its section alone; one that one is not in is ignored", () =>
    expect(listed([work, play])).toEqual({ made: [[LUNCH], [DIRECT]], named: [GENERAL], direct: [], starred: [] }));
  test("a starred one with the starred", () =>
    expect(listed([work], true)).toEqual({ made: [[]], named: [GENERAL], direct: [DIRECT], starred: [LUNCH] }));
  test("a room is put into one section, or into none", () => {
    expect(put([work, play], LUNCH, "p").map((s) => s.rooms)).toEqual([["left"], [DIRECT, LUNCH]]);
    expect(put([work, play], LUNCH, undefined).map((s) => s.rooms)).toEqual([["left"], [DIRECT]]);
    expect(put([work, play], LUNCH, "gone"), "another device has deleted it").toEqual([work, play]);
    expect([sectionOf([work, play], DIRECT), sectionOf([work, play], GENERAL)]).toEqual(["p", undefined]);
  });
  test("sections move within their list, and change", () => {
    const names = (of: Section[]) => of.map((s) => s.name);
    expect(names(moved([work, play], "p", -1))).toEqual(["Play", "Work"]);
    expect(names(moved([work, play], "p", 1))).toEqual(["Work", "Play"]);
    expect(changed([work, play], "w", { name: "Projects" })).toEqual([{ ...work, name: "Projects" }, play]);
  });
  test("a new one has an id as the server makes them", () =>
    expect(idFrom("0b5c1d62-7f0a-4a53-9f60-12345abcde90")).toBe("hijklabcdepg"));
  test.each([
    ["", "", "Enter a name."],
    [" work ", "", "You have a section with this name."],
    ["work", "Work", undefined],
    ["Projects", "", undefined],
  ])("the name %o for %o", (name, before, why) => expect(misnamed([work, play], name, before)).toBe(why));
});

describe("the page", () => {
  let house: House;
  beforeEach(() => {
    house = new House();
    house.rooms.push(room(LUNCH), direct(DIRECT, ["mira", "jonas"]));
    house.who = me();
    house.who.settings.sections = [work, play];
    house.instead.set("PATCH /me", (body) => {
      const { settings } = body as UpdateMe;
      return { body: (house.who = { ...house.who!, settings: { ...house.who!.settings, ...(settings as object) } }) };
    });
  });
  afterEach(() => house.leave());
  const shown = () =>
    all("nav section").map((s) => [words(s.querySelector("h2")!), ...[...s.querySelectorAll("li .name")].map(words)]);
  const sent = () => house.commands("PATCH /me").map((c) => (c as UpdateMe).settings!.sections!);

  test("lists them between the starred rooms and the others, and folds them on all devices", async () => {
    await house.open(`/r/${GENERAL}`);
    expect(shown()).toEqual([["Work", "lunch"], ["Play"], ["Rooms", "general"], ["Direct messages"]]);
    named("Work", "nav h2 button").click();
    await house.wait();
    expect(sent()).toEqual([[{ ...work, folded: true }, play]]);
    expect(shown()[0]).toEqual(["Work"]);
  });

  test("a room is dragged into another section", async () => {
    await house.open(`/r/${GENERAL}`);
    const [, into] = all("nav section");
    const drag = (type: string, on: EventTarget) =>
      on.dispatchEvent(new Event(type, { bubbles: true, cancelable: true }));
    drag("dragstart", named(/^general/, "nav a"));
    await house.wait();
    expect(drag("dragover", into!), "it may be dropped").toBe(false);
    expect(into!.classList).toContain("target");
    drag("drop", into!);
    drag("dragend", document);
    await house.wait();
    expect(sent()).toEqual([[work, { ...play, rooms: [DIRECT, GENERAL] }]]);
    expect(all(".target")).toEqual([]);
    expect(drag("dragover", into!), "it is over").toBe(true);
  });

  test("a drag whose row has left the page moves its room no more", async () => {
    await house.open(`/r/${GENERAL}`);
    const [one, two, rooms] = all("nav section");
    const drag = async (type: string, on: EventTarget) => {
      on.dispatchEvent(new Event(type, { bubbles: true, cancelable: true }));
      await house.wait();
    };
    const general = () => named(/^general/, "nav a");
    await drag("dragstart", general());
    await drag("drop", two!); // the row is another one now, and the browser tells nobody that the drag has ended
    await drag("drop", one!); // something else
    await drag("dragstart", named(/^lunch/, "nav a"));
    await drag("dragstart", named(/^lunch/, "nav a")); // let go outside of the list, and begun again
    await drag("drop", rooms!);
    await drag("drop", one!);
    expect(sent().map((all) => all.map((s) => s.rooms))).toEqual([
      [
        [LUNCH, "left"],
        [DIRECT, GENERAL],
      ],
      [["left"], [DIRECT, GENERAL]],
    ]);
  });

  test("a room is put into a section by the keyboard", async () => {
    await house.open(`/r/${LUNCH}`);
    named("Room details").click();
    await house.wait();
    const select = all("dialog select").find((s) => (s as HTMLSelectElement).value === "w") as HTMLSelectElement;
    select.value = "p";
    select.dispatchEvent(new Event("change", { bubbles: true }));
    await house.wait();
    expect(sent()).toEqual([
      [
        { ...work, rooms: ["left"] },
        { ...play, rooms: [DIRECT, LUNCH] },
      ],
    ]);
  });

  test("they are made, named, moved and deleted in a dialog", async () => {
    await house.open(`/r/${GENERAL}`);
    named("Sections").click();
    await house.wait();
    const name = $<HTMLInputElement>("dialog input[aria-label='Name of Work']");
    name.value = "play";
    name.dispatchEvent(new Event("change", { bubbles: true }));
    await house.wait();
    expect([words($("dialog [role=alert]")), name.value]).toEqual(["You have a section with this name.", "Work"]);
    named("Move Work down").click();
    await house.wait();
    expect(document.activeElement?.getAttribute("aria-label")).toBe("Move Work up");
    named("Delete Play").click();
    await house.wait();
    expect(document.activeElement?.getAttribute("aria-label"), "the focus stays in the list").toBe("Name of Work");
    const box = $<HTMLInputElement>("dialog form input");
    box.value = " Home ";
    box.dispatchEvent(new Event("input", { bubbles: true }));
    named("Add the section").click();
    await house.wait();
    expect(sent()).toEqual([
      [play, work],
      [work],
      [work, { id: expect.stringMatching(/^[a-z]{12}$/), name: "Home", rooms: [] }],
    ]);
  });
});
