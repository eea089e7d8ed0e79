import { expect, test } from "vitest";
import { Fingers } from "./fingers";

function hand() {
  const heard: unknown[] = [];
  const fingers = new Fingers({
    drawn: (by) => heard.push(["drawn", by]),
    pinched: (by, at) => heard.push(["pinched", by, at]),
    lifted: () => heard.push("lifted"),
  });
  const at = (pointerId: number, clientX: number, clientY: number) => ({
    pointerId,
    clientX,
    clientY,
    currentTarget: null,
  });
  return { heard, fingers, at };
}

test("one finger draws, and is lifted", () => {
  const { heard, fingers, at } = hand();
  fingers.down(at(1, 10, 10));
  fingers.moved(at(1, 15, 30));
  fingers.moved(at(1, 15, 25));
  fingers.up(at(1, 15, 25));
  expect(heard).toEqual([["drawn", { x: 5, y: 20 }], ["drawn", { x: 0, y: -5 }], "lifted"]);
});

test("two fingers magnify around the point between them, and only the last one is lifted", () => {
  const { heard, fingers, at } = hand();
  fingers.down(at(1, 0, 0));
  fingers.down(at(2, 100, 0));
  fingers.moved(at(2, 200, 0));
  fingers.up(at(1, 0, 0));
  fingers.up(at(2, 200, 0));
  expect(heard).toEqual([["pinched", 2, { clientX: 100, clientY: 0 }], "lifted"]);
});

test("a pointer that only hovers does nothing", () => {
  const { heard, fingers, at } = hand();
  fingers.moved(at(1, 5, 5));
  fingers.up(at(1, 5, 5));
  expect(heard).toEqual([]);
});
