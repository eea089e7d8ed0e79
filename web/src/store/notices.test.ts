// @vitest-environment happy-dom
import { flushSync } from "svelte";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { problem } from "../core/testing";
import { ApiError } from "../net/api";
import { Notices } from "./notices.svelte";
import { watched } from "../../testing/watched.svelte";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("a line is shown for six seconds", () => {
  const n = new Notices();
  n.say("The link is copied.");
  vi.advanceTimersByTime(5999);
  expect(n.text).toBe("The link is copied.");
  vi.advanceTimersByTime(1);
  expect(n.text).toBe("");
});

test("a newer line has its own six seconds", () => {
  const n = new Notices();
  n.say("one");
  vi.advanceTimersByTime(5000);
  n.say("two");
  vi.advanceTimersByTime(5000);
  expect(n.text, "the first one's time is over").toBe("two");
  vi.advanceTimersByTime(1000);
  expect(n.text).toBe("");
});

test("so has the same line, said again", () => {
  const n = new Notices();
  n.say("The link is copied.");
  vi.advanceTimersByTime(5000);
  n.say("The link is copied.");
  vi.advanceTimersByTime(5999);
  expect(n.text).toBe("The link is copied.");
  vi.advanceTimersByTime(1);
  expect(n.text).toBe("");
});

test("those who draw the line hear of it", () => {
  const n = new Notices(),
    seen: string[] = [];
  const stop = watched(() => seen.push(n.text));
  flushSync();
  n.say("one");
  flushSync();
  n.clear();
  flushSync();
  stop();
  expect(seen).toEqual(["", "one", ""]);
});

test("an attempt says whether it was done, and shows why when it was not", async () => {
  const n = new Notices();
  expect([await n.attempt(async () => 7), n.text]).toEqual([true, ""]);
  const no = () => Promise.reject(new ApiError(403, problem(403, "Only owners may do that.")));
  expect([await n.attempt(no), n.text]).toEqual([false, "Only owners may do that."]);
});

test("text that cannot be copied says so; else it is on the clipboard", async () => {
  const n = new Notices(),
    board: string[] = [];
  vi.stubGlobal("navigator", { clipboard: { writeText: async (t: string) => void board.push(t) } });
  expect(await n.copy("https://x", "The link is copied.")).toBe(true);
  expect([board, n.text]).toEqual([["https://x"], "The link is copied."]);
  vi.stubGlobal("navigator", { clipboard: { writeText: () => Promise.reject(new Error("No permission.")) } });
  expect(await n.copy("https://y", "The link is copied.")).toBe(false);
  expect(n.text).toBe("The browser did not allow copying. Copy this yourself: https://y");
});
