import { describe, expect, test } from "vitest";
import { moved, swiped, toggled, whole, WHOLE, zoomed } from "./zoom";

const stage = { width: 1000, height: 800 },
  picture = { width: 800, height: 600 };

test("a picture is seen whole, and never larger than it is", () => {
  expect(whole({ width: 4000, height: 3000 }, stage)).toEqual({ width: 1000, height: 750 });
  expect(whole({ width: 300, height: 6000 }, stage)).toEqual({ width: 40, height: 800 });
  expect(whole({ width: 64, height: 32 }, stage)).toEqual({ width: 64, height: 32 });
});

describe("magnifying", () => {
  test("keeps what lies below the pointer", () => {
    const at = { x: 200, y: 150 },
      v = zoomed(WHOLE, 4, at, stage, picture);
    expect((at.x - v.x) / v.scale).toBeCloseTo(200);
    expect((at.y - v.y) / v.scale).toBeCloseTo(150);
  });

  test("has a least and a greatest", () => {
    expect(zoomed(WHOLE, 100, { x: 0, y: 0 }, stage, picture).scale).toBe(8);
    expect(zoomed({ scale: 2, x: 10, y: 10 }, 0.01, { x: 5, y: 5 }, stage, picture)).toEqual(WHOLE);
  });

  test("a second time shows the whole picture again", () => {
    const close = toggled(WHOLE, { x: 0, y: 0 }, stage, picture);
    expect(close.scale).toBeGreaterThan(1);
    expect(toggled(close, { x: 0, y: 0 }, stage, picture)).toEqual(WHOLE);
  });
});

test("a picture is moved no further than to its edges", () => {
  const v = { scale: 2, x: 0, y: 0 }; // 1600 × 1200 on 1000 × 800
  expect(moved(v, { x: 100, y: -50 }, stage, picture)).toEqual({ scale: 2, x: 100, y: -50 });
  expect(moved(v, { x: 9999, y: -9999 }, stage, picture)).toEqual({ scale: 2, x: 300, y: -200 });
  expect(moved(WHOLE, { x: 50, y: 50 }, stage, picture), "one that is seen whole stays").toEqual(WHOLE);
});

test.each([
  [-100, 20, "next"],
  [100, -20, "previous"],
  [10, 120, "close"],
  [10, -120, undefined],
  [30, 20, undefined],
  [0, 0, undefined],
])("a finger that goes %d, %d asks for %s", (x, y, what) => expect(swiped({ x, y })).toBe(what));
