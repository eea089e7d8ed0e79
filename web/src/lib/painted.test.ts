import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { painted } from "./painted";

let frames: FrameRequestCallback[];
beforeEach(() => {
  frames = [];
  vi.useFakeTimers();
  vi.stubGlobal("requestAnimationFrame", (f: FrameRequestCallback) => frames.push(f));
  vi.stubGlobal("cancelAnimationFrame", (n: number) => delete frames[n - 1]);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const draw = () => frames.splice(0).forEach((f) => f(0));

test("it is called once, in a task after the frame", async () => {
  const f = vi.fn();
  painted(f);
  await vi.advanceTimersByTimeAsync(900);
  expect(f).not.toHaveBeenCalled();
  draw();
  expect(f).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(5000);
  expect(f).toHaveBeenCalledOnce();
});

test("a page that draws nothing waits for a second", async () => {
  const f = vi.fn();
  painted(f);
  await vi.advanceTimersByTimeAsync(1000);
  expect(f).toHaveBeenCalledOnce();
  draw();
  await vi.advanceTimersByTimeAsync(5000);
  expect(f).toHaveBeenCalledOnce();
});

test.each(["before the frame", "after it"])("what is cancelled %s is not called", async (when) => {
  const f = vi.fn(),
    cancel = painted(f);
  if (when === "after it") draw();
  cancel();
  draw();
  await vi.advanceTimersByTimeAsync(5000);
  expect(f).not.toHaveBeenCalled();
});
