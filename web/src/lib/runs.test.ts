import { expect, test } from "vitest";
import { emoji, isJumbo } from "./runs";

const show = (s: string): string =>
  emoji(s)
    .map((r) => (r.t === "emoji" ? `<emoji>${r.text}</emoji>` : r.text))
    .join("");

test.each([
  ["plain", "plain"],
  ["go 🎉 now 👩‍👩‍👧‍👦", "go <emoji>🎉</emoji> now <emoji>👩‍👩‍👧‍👦</emoji>"],
  ["🎉🇩🇪👍🏽 🎉", "<emoji>🎉🇩🇪👍🏽</emoji> <emoji>🎉</emoji>"],
  ["1 # * ©", "1 # * ©"],
])("runs of %j", (source, want) => expect(show(source)).toBe(want));

test("lone emoji", () => {
  expect(["🎉", "🍜🍜🍜", "👍🏽 ❤️"].every((s) => isJumbo(s))).toBe(true);
  expect(["🎉 yes", "🍜🍜🍜🍜", "1", "©", ""].some((s) => isJumbo(s))).toBe(false);
  expect(emoji("a🏳️‍🌈b").map((t) => t.t)).toEqual(["text", "emoji", "text"]);
});

test("a skin tone after a variation selector belongs to its emoji, and is drawn without the selector", () => {
  expect(emoji("☝️🏽 🕵️🏽‍♀️!")).toEqual([
    { t: "emoji", text: "☝🏽" },
    { t: "text", text: " " },
    { t: "emoji", text: "🕵🏽‍♀️" },
    { t: "text", text: "!" },
  ]);
});

const pictured = (code: string) => (/^:(party|cat-2)/.test(code) ? `/${code.slice(1, -1)}` : undefined);

test.each([
  ["soup :party: now", "soup |<:party:>| now"],
  [":party::cat-2:🎉", "<:party:>|<:cat-2:>|(🎉)"],
  ["(:party:)", "(|<:party:>|)"],
  [":nobody: :party:", ":nobody: |<:party:>"],
  ["at 10:party:30, x:party: :party:s ::party:", "at 10:party:30, x:party: :party:s ::party:"],
  ["https://a.example:party:80", "https://a.example:party:80"],
  [":nobody::party:", ":nobody:|<:party:>"],
])("custom emoji in %s", (text, want) => {
  const marks = { text: ["", ""], emoji: ["(", ")"], custom: ["<", ">"] };
  expect(
    emoji(text, pictured)
      .map((d) => marks[d.t].join(d.text))
      .join("|"),
  ).toBe(want);
  expect(emoji(text).some((d) => d.t === "custom")).toBe(false); // nobody knows any
});

test("lone custom emoji are large as well", () => {
  for (const s of [":party:", ":party: :cat-2:", "🎉:party:🎉"]) expect(isJumbo(s, pictured), s).toBe(true);
  for (const s of [":party: yes", ":party::party::party::party:", ":nobody:", ": party:"])
    expect(isJumbo(s, pictured), s).toBe(false);
});

test("a text of nothing but custom emoji, or of nothing but colons, is split at once", () => {
  const began = performance.now();
  expect(emoji(":party:".repeat(2857), pictured).filter((d) => d.t === "custom")).toHaveLength(200);
  emoji(":".repeat(20_000), pictured);
  emoji(":a".repeat(10_000), pictured);
  expect(performance.now() - began).toBeLessThan(1000);
});
