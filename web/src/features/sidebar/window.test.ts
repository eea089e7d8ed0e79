import { describe, expect, test } from "vitest";
import { drawn, drawnBy, jumped, near, same, seen, waiting } from "./window";

const ids = Array.from({ length: 100 }, (_, i) => `room${i}`);
const at = (range: [number, number], kept: number[] = []) => drawn(ids, range, kept).map((r) => [r.at, r.skipped]);

describe("the rows near those in sight", () => {
  test.each([
    ["at the top", 0, 310, [0, 24]],
    ["a little down: the same, so that nothing is drawn anew", 60, 250, [0, 24]],
    ["far down", 1550, 310, [40, 72]],
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

describe("what of the page draws a row", () => {
  /** Draws one window after another, and says by which key each row is drawn. */
  const by = (windows: [number, number][], kept: number[] = [], focused?: string) => {
    let keys: ReadonlyMap<string, string> = new Map();
    for (const w of windows) keys = drawnBy(drawn(ids, w, kept), keys, focused);
    return [...keys].map(([id, key]) => (id === key ? id : `${id} by ${key}`));
  };

  test("is that of a row that went, in the order of the rows; one that stays keeps its own", () => {
    expect(by([[0, 3]])).toEqual(["room0", "room1", "room2"]);
    expect(
      by([
        [0, 3],
        [2, 5],
      ]),
    ).toEqual(["room2", "room3 by room0", "room4 by room1"]);
    expect(
      by([
        [0, 3],
        [50, 53],
      ]),
    ).toEqual(["room50 by room0", "room51 by room1", "room52 by room2"]);
  });

  test("is a new one when none goes, and is no other row's", () => {
    expect(
      by([
        [0, 2],
        [2, 4],
        [1, 5],
      ]),
    ).toEqual(["room1 by room1+", "room2 by room0", "room3 by room1", "room4"]);
    expect(
      by([
        [0, 4],
        [0, 2],
        [0, 4],
      ]),
    ).toEqual(["room0", "room1", "room2", "room3"]);
  });

  test("stays over or under the row with the focus, so that this one is not moved", () => {
    const windows: [number, number][] = [
      [0, 5],
      [10, 13],
    ];
    expect(by(windows, [2], "room2")).toEqual(["room2", "room10 by room3", "room11 by room4", "room12"]);
    expect(by(windows, [2])).toEqual(["room2", "room10 by room0", "room11 by room1", "room12 by room3"]);
    const up: [number, number][] = [
      [10, 15],
      [0, 3],
    ];
    expect(by(up, [12], "room12")).toEqual(["room0 by room10", "room1 by room11", "room2", "room12"]);
  });
});

test("a row that is as it was is the same object", () => {
  const rows = (range: [number, number]) => drawn(ids, range, []).map((r) => ({ ...r, key: r.id })),
    before = rows([0, 5]),
    after = same(rows([2, 7]), before);
  expect(
    after.map((r) => before.includes(r)),
    "the first one has space above it now",
  ).toEqual([false, true, true, false, false]);
});

describe("after a jump", () => {
  test.each([
    ["a turn of the wheel is none", [40, 72], 1860, false],
    ["neither is one back", [40, 72], 1100, false],
    ["a screen down is one", [40, 72], 2260, true],
    ["a screen up is one", [40, 72], 700, true],
    ["and so is what is drawn first", [0, 0], 0, true],
  ] as const)("%s", (_, range, above, want) => expect(jumped(range, seen(31, above, 310))).toBe(want));

  test("nearly the rows in sight alone are drawn", () =>
    expect([seen(31, 1565, 310), seen(31, 0, 310), seen(31, -1000, 310)]).toEqual([
      [50, 61],
      [0, 10],
      [0, -22],
    ]));

  test("what drew the other rows waits where it is, for those that are drawn next", () => {
    const wait = (before: [number, number], now: [number, number], all = ids) =>
      waiting(all, drawn(all, now, []), drawn(ids, before, []));
    expect(wait([0, 10], [50, 53])).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(wait([50, 60], [0, 3])).toEqual([53, 54, 55, 56, 57, 58, 59]);
    expect(wait([0, 3], [50, 60])).toEqual([]);
    expect(wait([0, 10], [8, 12])).toEqual([0, 1, 2, 3, 4, 5]);
    expect(wait([0, 4], [50, 51], ids.slice(2)), "the list is another one").toEqual([]);
  });
});
