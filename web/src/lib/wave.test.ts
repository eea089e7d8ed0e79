import { expect, test } from "vitest";
import { waveform } from "./wave";

const bytes = (levels: number[]) => [...atob(waveform(levels))].map((c) => c.charCodeAt(0));

test("a recording of any length has 64 parts, as loud as the loudest moment of each", () => {
  expect(bytes(Array.from({ length: 128 }, (_, i) => (i === 1 ? 0.5 : i === 127 ? 1 : 0)))).toEqual([
    128,
    ...Array(62).fill(0),
    255,
  ]);
});

test("a short one is stretched, and none is silent", () => {
  const short = bytes([0.2, 0.1]);
  expect([short.length, short[0], short[31], short[32], short[63]]).toEqual([64, 255, 255, 128, 128]);
  expect(bytes([])).toEqual(Array(64).fill(0));
});

test("what is hardly heard is not made loud", () => expect(Math.max(...bytes([0.001, 0.0005]))).toBeLessThan(40));
