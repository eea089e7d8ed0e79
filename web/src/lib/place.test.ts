import { describe, expect, test } from "vitest";
import { cardPlace, menuPlace, pickerPlace } from "./place";

const window = { width: 1000, height: 800 };
const box = (left: number, top: number) => ({ left, right: left + 30, top, bottom: top + 30 });

describe("a menu", () => {
  const menu = { width: 200, height: 150 };

  test("stands below its button, right edges together", () => {
    expect(menuPlace(box(500, 100), menu, window)).toEqual({ left: 330, top: 134 });
  });

  test("stands above where there is no space below", () => {
    expect(menuPlace(box(500, 700), menu, window)).toEqual({ left: 330, top: 546 });
  });

  test("does not leave the window", () => {
    expect(menuPlace(box(10, 100), menu, window).left).toBe(8);
    expect(menuPlace(box(500, 100), menu, { width: 1000, height: 200 }).top).toBe(8);
  });
});

describe("the picker", () => {
  test("stands above its button where there is space", () => {
    expect(pickerPlace(box(100, 700), window)).toEqual({ x: 100, y: 252 });
  });

  test("stands on the right of a whole message, whose text is read beside it", () => {
    const row = { left: 260, right: 1280, top: 380, bottom: 420 };
    expect(pickerPlace(row, { width: 1280, height: 800 })).toEqual({ x: 920, y: 352 });
  });

  test("stands below at the top of the window", () => {
    expect(pickerPlace(box(100, 100), window)).toEqual({ x: 100, y: 136 });
  });

  test("stays inside at the right and at the bottom", () => {
    expect(pickerPlace(box(900, 700), window).x).toBe(578);
    expect(pickerPlace(box(100, 450), { width: 1000, height: 500 }).y).toBe(52);
    expect(pickerPlace(box(0, 100), { width: 320, height: 300 })).toEqual({ x: 8, y: 8 });
  });
});

test.each([
  ["below what opened it", { left: 300, top: 100, bottom: 120 }, { left: 300, top: 126 }],
  ["above, where there is no space below", { left: 300, top: 700, bottom: 720 }, { left: 300, top: 494 }],
  ["inside the window at its right edge", { left: 1200, top: 100, bottom: 120 }, { left: 952, top: 126 }],
  [
    "inside the window where it fits neither above nor below",
    { left: -9, top: 150, bottom: 620 },
    { left: 8, top: 592 },
  ],
])("the card stands %s", (_, opener, want) =>
  expect(cardPlace(opener, { width: 320, height: 200 }, { width: 1280, height: 800 })).toEqual(want),
);
