import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { blocks } from "./markdown";
import { broadcasts, meant, roomFold, runs } from "./mentions";

interface Fixture {
  what: string;
  text: string;
  mentions: string[];
  broadcasts?: string[];
}
const fixtures = JSON.parse(readFileSync("../text/testdata/mentions.json", "utf8")) as Fixture[];
const holder = (handle: string) => (["mira", "jonas", "mira.l"].includes(handle) ? `id of ${handle}` : undefined);

/** Whom a text means, by the handles that it has. */
const marks = (text: string, mentions?: string[]) =>
  [...meant(blocks(text), mentions, holder)].map(([h, id]) => `${h}: ${id}`);

test.each(fixtures)("$what: $text", (f) => {
  const { text, mentions } = f;
  expect([...broadcasts(blocks(text))].sort()).toEqual(f.broadcasts ?? []);
  expect(
    [...meant(blocks(text), undefined, (h) => (["mira", "jonas"].includes(h) ? h : undefined)).values()].sort(),
  ).toEqual(mentions.sort());
});

test("who is marked is who was notified", () => {
  expect(marks("@mira @jonas", ["id of mira"])).toEqual(["mira: id of mira"]);
  expect(marks("@mira @jonas", [])).toEqual([]);
  expect(marks("@mira.l @mira.", ["id of mira.l", "id of mira"])).toEqual(["mira.l: id of mira.l", "mira: id of mira"]);
});

test("a mark stays that of somebody who was renamed since", () => {
  expect(marks("@Mia, @jonas and @mia.", ["kim", "id of jonas"])).toEqual(["jonas: id of jonas", "mia: kim"]);
  expect(marks("@mia and @ben", ["kim", "sam"])).toEqual(["mia: kim", "ben: sam"]);
  expect(marks("@mia and @nobody", ["kim"]), "one of two, it is not known which").toEqual([]);
});

test("runs hold every letter, and the handle is no longer than its mention", () => {
  const drawn = (s: string, handle: string) =>
    runs(s, new Map([[handle, "kim"]]))
      .map((r) => (r.t === "mention" ? `<${r.text}>` : r.text))
      .join("");
  expect(drawn("🎉@Mira... ok", "mira")).toBe("🎉<@Mira>... ok");
  expect(drawn("@mira.. ok", "mira..")).toBe("<@mira..> ok");
  expect(drawn("a@mira @mirabel @jonas", "mira")).toBe("a@mira @mirabel @jonas");
});

test.each([
  ["see #lunch", "see <#lunch>"],
  ["#lunch, #Lunch. (#LUNCH)", "<#lunch>, <#Lunch>. (<#LUNCH>)"],
  ["#lunch- and #café", "<#lunch>- and <#café>"],
  ["#lunches a#lunch https://x.example/#lunch ##lunch #lunch#lunch &#lunch", undefined],
  ["#1 #none #", undefined],
  ["🎉#lunch @mira", "🎉<#lunch> <@mira>"],
])("rooms in %s", (text, want) => {
  const rooms = new Map([
      ["lunch", "r"],
      ["café", "c"],
    ]),
    drawn = runs(text, new Map([["mira", "m"]]), undefined, (name) => rooms.get(roomFold(name)));
  expect(drawn.map((r) => (r.t === "room" || r.t === "mention" ? `<${r.text}>` : r.text)).join("")).toBe(want ?? text);
});

test("a broadcast is a mark where the message is one", () => {
  const drawn = (broadcast?: "here" | "room") =>
    runs("@Room @here", new Map(), broadcast).map((r) => (r.t === "broadcast" ? `<${r.text}>` : r.text));
  expect(drawn("room").join("")).toBe("<@Room> @here");
  expect(drawn("here").join("")).toBe("@Room <@here>");
  expect(drawn().join("")).toBe("@Room @here");
});
