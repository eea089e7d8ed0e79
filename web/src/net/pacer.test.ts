import { expect, test } from "vitest";
import { Pacer } from "./pacer";

test("events wait for the frame, and come in order", () => {
  const frames: (() => void)[] = [],
    seen: number[] = [];
  const p = new Pacer<number>(
    (e) => seen.push(e),
    (f) => frames.push(f),
  );
  p.add(1);
  p.add(2);
  expect([seen, frames.length]).toEqual([[], 1]);
  frames.shift()!();
  p.add(3);
  frames.shift()!();
  expect([seen, frames.length]).toEqual([[1, 2, 3], 0]);
});

test("a burst is spread over frames, and is over after so many, however large", () => {
  for (const many of [1000, 20_000]) {
    const frames: (() => void)[] = [],
      seen: number[] = [],
      each: number[] = [];
    const p = new Pacer<number>(
      (e) => seen.push(e),
      (f) => frames.push(f),
    );
    for (let i = 0; i < many; i++) p.add(i);
    for (let f; (f = frames.shift());) {
      const before = seen.length;
      f();
      each.push(seen.length - before);
    }
    expect(seen).toEqual(Array.from({ length: many }, (_, i) => i));
    expect(Math.max(...each)).toBeLessThanOrEqual(Math.max(8, Math.ceil(many / 120)));
    expect(each.length).toBeLessThanOrEqual(125);
  }
});

test("an event that fails takes no other with it", () => {
  const frames: (() => void)[] = [],
    seen: number[] = [];
  const p = new Pacer<number>(
    (e) => {
      if (e === 1) throw new Error("odd");
      seen.push(e);
    },
    (f) => frames.push(f),
  );
  p.add(1);
  p.add(2);
  expect(() => frames.shift()!()).toThrow("odd");
  for (let f; (f = frames.shift());) f();
  p.add(3);
  for (let f; (f = frames.shift());) f();
  expect(seen).toEqual([2, 3]);
});
