import { describe, expect, test, vi } from "vitest";
import { direct, GENERAL, LUNCH, room, user } from "../core/testing";
import { asked, complete, type Sources } from "./complete";
import { finish } from "./finish";

const sources = (more: Partial<Sources> = {}): Sources => ({
  users: [
    user("mira"),
    user("jonas"),
    user("kim", { name: "Mika Lind" }),
    user("gone", { name: "Miro", deactivated: true }),
  ],
  rooms: [{ room: room(GENERAL) }, { room: room(LUNCH, { topic: "food" }) }, { room: direct("c", ["mira"]) }],
  members: undefined,
  skinTone: 0,
  ...more,
});
const labels = async (text: string, more?: Partial<Sources>) =>
  (await complete(text, text.length, sources(more))).map((c) => c.label);

describe("what asks for suggestions", () => {
  test.each([
    ["@mi", 3, { sign: "@", q: "mi" }],
    ["hi @mi", 6, { sign: "@", q: "mi" }],
    ["(@mi", 4, { sign: "@", q: "mi" }],
    ["hi @mi there", 6, { sign: "@", q: "mi" }],
    ["#lu", 3, { sign: "#", q: "lu" }],
    [":ta", 3, { sign: ":", q: "ta" }],
    ["@", 1, { sign: "@", q: "" }],
    ["a@b", 3, undefined],
    ["hi @mi there", 12, undefined],
    ["", 0, undefined],
  ])("%j at %d", (text, caret, want) => expect(asked(text, caret)).toEqual(want));
});

describe("people", () => {
  test("are found by name and handle; who is deactivated is not", async () => {
    expect(await labels("@mi")).toEqual(["Mika Lind", "Mira"]);
  });

  test("come in the order of how often one talks to them, and only then by name", async () => {
    const often = () => new Map([["mira", 5]]);
    expect(await labels("@mi", { often })).toEqual(["Mira", "Mika Lind"]);
    expect(await labels("@jo", { often })).toEqual(["Jonas"]);
    expect(await labels("@kim", { often, users: [user("kimmy"), user("kim")] }), "a whole name comes first").toEqual([
      "Kim",
      "Kimmy",
    ]);
  });

  test("of a direct room are those in it", async () => {
    expect(await labels("@", { members: ["mira", "jonas"] })).toEqual(["Jonas", "Mira"]);
  });

  test("are inserted by handle, with a space", async () => {
    expect(await complete("hi @jo", 6, sources())).toEqual([
      { insert: "@jonas ", replaces: 3, label: "Jonas", handle: "jonas", hint: "", likely: true },
    ]);
  });

  test("are seven at most", async () => {
    const many = Array.from({ length: 30 }, (_, i) => user(`m${i}`));
    expect(await labels("@m", { users: many })).toHaveLength(7);
  });
});

test("rooms are public ones, with their topics", async () => {
  expect(await complete("#lu", 3, sources())).toEqual([
    { insert: "#lunch ", replaces: 3, label: "#lunch", hint: "food", likely: true },
  ]);
  const hidden = room(LUNCH, { kind: "private" });
  expect(await labels("#lu", { rooms: [{ room: hidden }] })).toEqual([]);
});

describe("emoji", () => {
  test("are found by shortcode, from two letters on", async () => {
    expect(await labels(":t")).toEqual([]);
    const [first] = await complete(":tada", 5, sources());
    expect(first).toMatchObject({ insert: "🎉 ", replaces: 5, label: ":tada:", emoji: "🎉" });
  });

  test("custom ones stand before the others, and leave them room", async () => {
    const all = Array.from({ length: 9 }, (_, i) => ({ name: `party${i}`, picture: "p", by: "mira", created_at: "" })),
      custom = (q: string, n: number) => all.filter((e) => e.name.startsWith(q)).slice(0, n);
    const found = await complete("hi :party", 9, sources({ custom }));
    expect(found[0]).toEqual({
      insert: ":party0: ",
      replaces: 6,
      label: "party0",
      hint: "",
      emoji: ":party0:",
      likely: true,
    });
    expect(found.map((c) => c.emoji).slice(0, 5)).toEqual([0, 1, 2, 3, 4].map((i) => `:party${i}:`));
    expect(found).toHaveLength(7);
    expect(found.at(-1)!.emoji).not.toMatch(/^:/);
  });

  test("come in one's skin tone", async () => {
    const [first] = await complete(":wave", 5, sources({ skinTone: 3 }));
    expect(first!.emoji).toBe("👋🏽");
  });
});

test.each([
  ["@", false],
  ["@jo", true],
  ["@Jon", true],
  ["@jonas", false], // nothing is left to complete
  ["@lin", true], // a word of Mika Lind
  ["@lind", true], // whose handle is kim
  ["@ika", false],
  ["#lu", true],
  ["#", false],
  ["#lunch", false],
  [":no", false],
  [":ok", false],
  [":30", false],
  [":1234", false],
  [":tad", true],
  [":Tada", true],
  [":thumbsu", true],
  [":celebrat", false], // a synonym
])("Enter takes what %j suggests: %s", async (text, want) => {
  expect((await complete(text, text.length, sources()))[0]?.likely ?? false).toBe(want);
});

test("shortcodes become emoji when the text is sent, outside of code", async () => {
  expect(await finish("done :tada: `:tada:`", 0)).toBe("done 🎉 `:tada:`");
  expect(await finish(":wave:", 2)).toBe("👋🏼");
  expect(await finish("12:30 to 13:00", 0)).toBe("12:30 to 13:00");
});

test("emoji that cannot be loaded suggest nothing, and the text is sent as it was typed", async () => {
  vi.doMock("./emoji", () => {
    throw new Error("offline");
  });
  vi.resetModules(); // what is loaded once is kept
  const { complete } = await import("./complete");
  expect(await complete(":tada", 5, sources())).toEqual([]);
  expect(await finish("done :tada:", 0)).toBe("done :tada:");
  vi.doUnmock("./emoji");
});
