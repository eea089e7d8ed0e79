import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Steps } from "./steps";

let done: (number | string)[];
beforeEach(() => {
  done = [];
  vi.stubGlobal("history", { go: (by: number) => done.push(by) });
});
afterEach(() => void vi.unstubAllGlobals());

test("what follows a step back waits until the browser has gone it", () => {
  const s = new Steps();
  s.take(() => done.push("a"));
  s.take(-1);
  s.take(() => done.push("b"));
  s.take(-2);
  s.take(() => done.push("c"));
  expect(done).toEqual(["a", -1]);
  expect(s.arrived(), "at an entry that is passed").toBe(false);
  expect(done).toEqual(["a", -1, "b", -2]);
  s.arrived();
  expect(done).toEqual(["a", -1, "b", -2, "c"]);
});

test("the browser arrives at the entry that is shown when nothing is left to do", () => {
  const s = new Steps();
  expect(s.arrived(), "by itself").toBe(true);
  s.take(-1);
  expect(s.arrived(), "by the last step").toBe(true);
});
