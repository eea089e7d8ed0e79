import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Announcer } from "./announcer";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("the first message is said at once, those of the next seconds in one line", () => {
  const said: string[] = [];
  const a = new Announcer((line) => said.push(line), 5000);
  a.add("Mira", "Lunch?");
  expect(said).toEqual(["Mira: Lunch?"]);
  a.add("Jonas", "Yes");
  a.add("Kim", "Yes!", 2);
  vi.advanceTimersByTime(4999);
  expect(said).toHaveLength(1);
  vi.advanceTimersByTime(1);
  expect(said[1]).toBe("3 new messages, the latest from Kim");
  vi.advanceTimersByTime(60_000);
  a.add("Mira", "12:15");
  expect(said.slice(2)).toEqual(["Mira: 12:15"]);
});
