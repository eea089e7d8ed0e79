import { describe, expect, test } from "vitest";
import { colorOf, ending, fitted, iconOf, inBytes, inMinutes, loudness, ofBytes, sourceOf, type File } from "./file";
import { hasParts, saidBy } from "./part";
import { aFile, message } from "./testing";

const picture = (more: Partial<File> = {}) =>
  aFile({ kind: "image", type: "image/jpeg", size: 2_000_000, width: 4000, height: 3000, thumbs: [360, 960], ...more });

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1000, "1 kB"],
  [9_940, "9.9 kB"],
  [9_960, "10 kB"],
  [212_345, "212 kB"],
  [999_499, "999 kB"],
  [999_500, "1 MB"],
  [4_100_000, "4.1 MB"],
  [104_857_600, "105 MB"],
  [2_500_000_000, "2.5 GB"],
])("%d bytes are %s", (n, words) => expect(inBytes(n)).toBe(words));

test("what is done of a file is said in one unit where that can be", () => {
  expect(ofBytes(1_800_000, 4_100_000)).toBe("1.8 of 4.1 MB");
  expect(ofBytes(0, 4_100_000)).toBe("0 B of 4.1 MB");
  expect(ofBytes(950_000, 4_100_000)).toBe("950 kB of 4.1 MB");
});

test.each([
  [0, "0:00"],
  [6.6, "0:07"],
  [65, "1:05"],
  [3600, "60:00"],
  [-1, "0:00"],
])("%d seconds are %s", (n, words) => expect(inMinutes(n)).toBe(words));

describe("the size of a picture by itself", () => {
  test.each([
    ["a small one stays as it is", { width: 64, height: 32 }, { width: 64, height: 32 }],
    ["a wide one fills the width", { width: 4000, height: 1000 }, { width: 420, height: 105 }],
    ["a high one fills the height", { width: 1000, height: 4000 }, { width: 80, height: 320 }],
    ["a line keeps a pixel", { width: 16_000, height: 1 }, { width: 420, height: 1 }],
    ["one without a size is a square", {}, { width: 240, height: 240 }],
  ])("%s", (_, of, to) => expect(fitted(of)).toEqual(to));
});

describe("where a picture is fetched from", () => {
  const from = (f: File, wide: number, still = false) => sourceOf(f, wide, still).replace(/^.*files\/\w+/, "");
  test.each([
    ["the smallest thumbnail that fills the place", picture(), 220, "/thumb?size=360"],
    ["a larger one on a screen of two pixels a point", picture(), 440, "/thumb?size=960"],
    ["a high picture by its longest side", picture({ width: 500, height: 2000 }), 220, "/thumb?size=960"],
    ["the original where no thumbnail is large enough", picture(), 2000, ""],
    ["but not one of many megabytes", picture({ size: 20_000_000 }), 2000, "/thumb?size=960"],
    ["a small picture has no thumbnails", picture({ width: 64, height: 64, thumbs: [] }), 220, ""],
    ["a video by its poster", picture({ kind: "video", type: "video/mp4" }), 2000, "/thumb?size=960"],
  ])("%s", (_, f, wide, path) => expect(from(f, wide)).toBe(path));

  test("a GIF moves, unless it is large or nothing shall move", () => {
    const gif = picture({ type: "image/gif" });
    expect([from(gif, 220), from(gif, 220, true), from({ ...gif, size: 5_000_000 }, 220)]).toEqual([
      "",
      "/thumb?size=360",
      "/thumb?size=360",
    ]);
  });
});

test("a colour is one, or none", () => {
  expect(["#a1B2c3", "red", "#12345", undefined].map((color) => colorOf(color ? { color } : {}))).toEqual([
    "#a1B2c3",
    undefined,
    undefined,
    undefined,
  ]);
});

test("a waveform is read as loudness; what is none is silent", () => {
  expect(loudness({ waveform: btoa("\x00\x80\xff") })).toEqual([0, 128 / 255, 1]);
  expect([loudness({ waveform: "%%%" }), loudness({})]).toEqual([[], []]);
});

test.each([
  ["q4-budget.xlsx", "sheet", "XLSX"],
  ["Minutes.PDF", "text", "PDF"],
  ["archive.tar.gz", "archive", "GZ"],
  ["main.go", "code", "GO"],
  ["README", "file", ""],
  ["photo.heic", "picture", "HEIC"],
  ["a.toolongending", "file", ""],
])("%s", (name, icon, end) => expect([iconOf(name), ending(name)]).toEqual([icon, end]));

test("a message is said by its words, one without words by the names of its files", () => {
  const files = [aFile({ name: "a.pdf" }), aFile({ name: "b.png" })] as never;
  expect([saidBy(message(1, { text: "", files })), saidBy(message(1, { text: "Look", files }))]).toEqual([
    "a.pdf, b.png",
    "Look",
  ]);
});

test("only what a message brings beside its text are parts of it", () => {
  expect([hasParts(message(1)), hasParts(message(1, { files: [aFile()] as never }))]).toEqual([false, true]);
});
