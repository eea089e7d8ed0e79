import { expect, test } from "vitest";
import { step } from "./grid";

const sizes = [4, 0, 2]; // in columns of three: a line, a line of one, and a section of two

test.each([
  ["ArrowRight", [0, 0], [0, 1]],
  ["ArrowRight", [0, 3], [2, 0]],
  ["ArrowRight", [2, 1], [2, 1]],
  ["ArrowLeft", [2, 0], [0, 3]],
  ["ArrowLeft", [0, 0], undefined],
  ["ArrowDown", [0, 0], [0, 3]],
  ["ArrowDown", [0, 2], [0, 3]],
  ["ArrowDown", [0, 3], [2, 0]],
  ["ArrowDown", [2, 1], [2, 1]],
  ["ArrowUp", [2, 1], [0, 3]],
  ["ArrowUp", [0, 3], [0, 0]],
  ["ArrowUp", [0, 2], undefined],
  ["Home", [0, 2], [0, 0]],
  ["End", [0, 0], [0, 2]],
  ["End", [0, 3], [0, 3]],
] as const)("%s from %s leads to %s", (key, from, to) => expect(step(key, sizes, 3, from)).toEqual(to));
