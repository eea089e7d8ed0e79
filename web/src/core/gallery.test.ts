import { expect, test } from "vitest";
import type { CustomEmoji } from "../wire/types";
import { foundIn, grouped, mayAdd, mayChange, mayRemove, nameFrom, suggested } from "./gallery";

const emoji = (name: string, alias_of?: string, by = "mira"): CustomEmoji => ({
  name,
  picture: alias_of ?? name,
  by,
  created_at: "2026-11-24T09:00:00.000Z",
  ...(alias_of && { alias_of }),
});
const all = [emoji("birdie", "partyparrot", "sam"), emoji("blob-cat"), emoji("my_parrot"), emoji("partyparrot")];
const names = (es: readonly { main: CustomEmoji }[]) => es.map((e) => e.main.name);

test("names of one picture stand together", () => {
  expect(grouped(all).map((e) => [e.main.name, ...e.aliases.map((a) => a.name)])).toEqual([
    ["blob-cat"],
    ["my_parrot"],
    ["partyparrot", "birdie"],
  ]);
});

test("they are found by any name, from its beginning first", () => {
  expect(names(foundIn(grouped(all), "bird"))).toEqual(["partyparrot"]);
  expect(names(foundIn(grouped(all), ":PARROT:"))).toEqual(["my_parrot", "partyparrot"]);
  expect(names(foundIn(grouped(all), "my parrot"))).toEqual(["my_parrot"]);
  expect(names(foundIn(grouped(all), "soup"))).toEqual([]);
  expect(suggested(all, "par", 9).map((e) => e.name)).toEqual(["partyparrot", "my_parrot"]);
  expect(suggested(all, "par", 1)).toHaveLength(1);
});

test("who may do what", () => {
  const parrot = grouped(all)[2]!,
    alias = parrot.aliases[0]!;
  for (const [id, role, add, change, remove] of [
    ["ada", "owner", true, true, true],
    ["eve", "admin", true, true, true],
    ["mira", "member", true, true, true],
    ["sam", "member", true, false, true],
    ["kim", "member", true, false, false],
    ["mira", "guest", false, false, false],
  ] as const) {
    const me = { id, role };
    expect([mayAdd(me), mayChange(parrot, me), mayRemove(alias, parrot, me)], id).toEqual([add, change, remove]);
  }
});

test.each([
  ["Party Parrot.gif", "party_parrot"],
  ["emoji/blob-cat.PNG", "blob-cat"],
  ["C:\\pictures\\Über uns!.jpeg", "uber_uns"],
  ["a".repeat(40) + ".png", "a".repeat(32)],
  ["🎉.png", ""],
  ["no extension", "no_extension"],
])("a file %s becomes %s", (file, name) => {
  expect(nameFrom(file)).toBe(name);
});
