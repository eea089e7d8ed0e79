// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Activity, IDLE } from "./activity";

const MINUTE = 60_000;
let said: string[];
let made: Activity[];
beforeEach(() => {
  vi.useFakeTimers();
  said = [];
  made = [];
});
afterEach(() => {
  for (const a of made) a.stop();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** A tab of a browser; it hears the others of its list. */
function tab(name: string, tabs: Activity[] = []): Activity {
  const own: Activity = new Activity(
    (state) => said.push(`${name} ${state}`),
    () => tabs.forEach((t) => t !== own && t.heard()),
  );
  tabs.push(own);
  made.push(own);
  return own;
}
const sign = (what: string) => dispatchEvent(new Event(what));

test("who gives no sign for five minutes is away, and back with the next", () => {
  tab("a");
  vi.advanceTimersByTime(IDLE - 1);
  expect(said).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(said).toEqual(["a away"]);
  sign("pointermove");
  expect(said).toEqual(["a away", "a active"]);
});

test.each(["pointerdown", "keydown", "wheel", "touchstart", "focus"])("%s is a sign", (what) => {
  tab("a");
  vi.advanceTimersByTime(IDLE);
  sign(what);
  expect(said.at(-1)).toBe("a active");
});

test("so is showing the page, and hiding it is none", () => {
  let visibility = "hidden";
  vi.spyOn(document, "visibilityState", "get").mockImplementation(() => visibility as "visible");
  tab("a");
  vi.advanceTimersByTime(IDLE);
  document.dispatchEvent(new Event("visibilitychange"));
  expect(said).toEqual(["a away"]);
  visibility = "visible";
  document.dispatchEvent(new Event("visibilitychange"));
  expect(said).toEqual(["a away", "a active"]);
});

test("signs in one tab keep the others active, and bring them back", () => {
  const tabs: Activity[] = [],
    a = tab("a", tabs);
  vi.advanceTimersByTime(2 * MINUTE);
  a.heard(); // another tab is used
  vi.advanceTimersByTime(4 * MINUTE);
  expect(said).toEqual([]);
  vi.advanceTimersByTime(MINUTE);
  expect(said).toEqual(["a away"]);
  a.heard();
  expect(said).toEqual(["a away", "a active"]);
});

test("the five minutes begin with the last sign", () => {
  tab("a");
  sign("keydown");
  vi.advanceTimersByTime(10_000);
  sign("keydown");
  vi.advanceTimersByTime(IDLE - 1);
  expect(said).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(said).toEqual(["a away"]);
});

test("other tabs hear of signs now and then, and the server after a pause alone", () => {
  let told = 0;
  made.push(
    new Activity(
      (state) => said.push(state),
      () => told++,
    ),
  );
  for (let s = 0; s < 100; s++) {
    sign("pointermove");
    vi.advanceTimersByTime(1000);
  }
  expect([told, said]).toEqual([5, []]);
  vi.advanceTimersByTime(MINUTE);
  sign("keydown");
  sign("keydown");
  expect(said).toEqual(["active"]);
});

test("a tab that was left says nothing more", () => {
  tab("a").stop();
  vi.advanceTimersByTime(2 * IDLE);
  sign("keydown");
  expect(said).toEqual([]);
});
