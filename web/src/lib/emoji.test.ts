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

test("a code is GitHub's emoji where GitHub knows it, and the first that is suggested", () => {
  const hexOf = new Map(data.map((e) => [e.unicode.replaceAll("\uFE0F", ""), e.hexcode]));
  const contested = new Set(Object.values(more as Record<string, string | string[]>).flat());
  for (const [hex, codes] of Object.entries(short as Record<string, string | string[]>))
    for (const code of [codes].flat()) {
      const emoji = all.byCode.get(code);
      if (!emoji) continue; // regional indicators
      expect(hexOf.get(emoji.char.replaceAll("\uFE0F", "")), code).toBe(hex);
      if (contested.delete(code) && [more[hex as keyof typeof more] ?? []].flat().includes(code)) continue;
      expect(search(all, code, 1)[0]?.char, code).toBe(emoji.char);
    }
  for (const [code, emoji] of all.byCode) expect(convert(all, `:${code}:`, 0), code).toBe(emoji.char);
  expect(convert(all, ":dog:", 0)).toBe("🐶");
}, 30_000);

test.each([
  [":a::b:", "🅰️🅱️"],
  [":TADA:", "🎉"],
  [":x:", "❌"],
  ["10:30:00 and 10:100:20", "10:30:00 and 10:100:20"],
  ["std::x::y", "std::x::y"],
  ["https://h.example/:tada:/x :tada:", "https://h.example/:tada:/x 🎉"],
  ["[:tada:](https://h.example/:tada:)", "[🎉](https://h.example/:tada:)"],
  ["`:tada:` :tada: q qq", "`:tada:` 🎉 q qq"],
  ["```\n:tada:\n```\n:tada:", "```\n:tada:\n```\n🎉"],
  ["**:tada:**\n> :tada:\n- :tada:", "**🎉**\n> 🎉\n- 🎉"],
])("%j is stored as %j", (text, want) => expect(convert(all, text, 0)).toBe(want));
