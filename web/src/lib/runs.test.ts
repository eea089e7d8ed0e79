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
  expect(["🎉", "🍜🍜🍜", "👍🏽 ❤️"].every(isJumbo)).toBe(true);
  expect(["🎉 yes", "🍜🍜🍜🍜", "1", "©", ""].some(isJumbo)).toBe(false);
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
