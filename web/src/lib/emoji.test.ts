import { readFileSync } from "node:fs";
import data from "emojibase-data/en/compact.json";
import short from "emojibase-data/en/shortcodes/github.json";
import more from "emojibase-data/en/shortcodes/emojibase.json";
import { expect, test } from "vitest";
import { build, convert, search, toned } from "./emoji";

const all = build(data, short, more);

test.each([
  ["party", "🎉"],
  ["tada", "🎉"],
  ["+1", "👍"],
  ["joy", "😂"],
  ["ramen", "🍜"],
  ["woman technologist", "👩‍💻"],
  ["smi", "😄"],
  [":wave", "👋"],
])("search %s finds %s", (q, want) => expect(search(all, q, 12).map((e) => e.char)).toContain(want));

test("search of nonsense finds nothing", () => expect(search(all, "qzxv")).toEqual([]));

test("what the picker offers is what the server takes", () => {
  const known = new Set(
    readFileSync("../text/emoji.txt", "utf8")
      .split("\n")
      .filter((l) => l && !l.startsWith("# "))
      .map((l) => l.trim().split(/\s/)[0]!),
  );
  for (const e of all.all)
    for (const c of [e.char, ...e.tones]) expect(known.has(c) || known.has(c + "\uFE0F"), `${e.name} ${c}`).toBe(true);
});

test("five tones, one for each skin", () => {
  const wave = all.byCode.get("wave")!;
  expect(wave.tones).toEqual(["👋🏻", "👋🏼", "👋🏽", "👋🏾", "👋🏿"]);
  expect(toned(wave, 3)).toBe("👋🏽");
  expect(toned(all.byCode.get("tada")!, 3)).toBe("🎉");
  for (const e of all.all) expect([0, 5]).toContain(e.tones.length);
});

test("shortcodes become emoji, but not in code, in times or in names", () => {
  expect(convert(all, "well :tada: done :+1:", 2)).toBe("well 🎉 done 👍🏼");
  expect(convert(all, "`:tada:` at 10:30:15, a:tada: :nosuch:", 0)).toBe("`:tada:` at 10:30:15, a:tada: :nosuch:");
});
