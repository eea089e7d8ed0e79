import { describe, expect, test } from "vitest";
import { drawn, near } from "./window";

const ids = Array.from({ length: 100 }, (_, i) => `room${i}`);
const at = (range: [number, number], kept: number[] = []) => drawn(ids, range, kept).map((r) => [r.at, r.skipped]);

describe("the rows near those in sight", () => {
  test.each([
    ["at the top", 0, 310, [0, 20]],
    ["a little down: the same, so that nothing is drawn anew", 60, 250, [0, 20]],
    ["far down", 1550, 310, [40, 68]],
    ["of a list that is below", -1000, 310, [0, -12]],
    ["of a list that begins in sight", -155, 310, [0, 16]],
  ])("%s", (_, above, high, want) => expect(near(31, above, high)).toEqual(want));

  test("are never fewer than those in sight, and few in all", () => {
    for (let above = 0; above < 3000; above += 7) {
      const [from, to] = near(31, above, 310);
      expect(from * 31 <= above && to * 31 >= above + 310 && to - from <= 35, `${above}: ${from} to ${to}`).toBe(true);
    }
  });
});

describe("what is drawn", () => {
  test("the window, with the space above it", () => {
    expect(at([40, 43])).toEqual([
      [40, 40],
      [41, 0],
      [42, 0],
    ]);
    expect(drawn(ids, [99, 120], [])).toEqual([{ id: "room99", at: 99, skipped: 99 }]);
    expect(at([0, -12])).toEqual([]);
  });

  test("what is kept far from it, in its place", () =>
    expect(at([40, 42], [3, 41, 90, -1, 100])).toEqual([
      [3, 3],
      [40, 36],
      [41, 0],
      [90, 48],
    ]));
});
