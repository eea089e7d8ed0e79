// @vitest-environment happy-dom
// Jumping to a date: from the header, from a day of the timeline, by a day that one chooses.
import { afterEach, beforeEach, expect, test } from "vitest";
import { dayAgo, dayOf, written } from "./core/jumptodate";
import { GENERAL, message, problem } from "./core/testing";
import { all, field, House, named, type } from "../testing/house";

let house: House;
beforeEach(() => {
  house = new House();
  house.post(GENERAL, "jonas");
});
afterEach(() => house.leave());

/** The server finds message 7 from a moment on, and has it in the timeline. */
function found(since: Date): void {
  const page = { head: 1, messages: [message(7)], more_before: true, more_after: true };
  const path = `GET /rooms/${GENERAL}/messages`;
  house.instead.set(`${path}?${new URLSearchParams({ at: since.toISOString(), limit: "1" })}`, () => ({ body: page }));
  for (const q of ["around=7&limit=80", "before=7", "after=7"])
    house.instead.set(`${path}?${q}`, () => ({ body: { ...page, more_before: false, more_after: false } }));
}

test.each([
  ["Today", 0],
  ["Yesterday", 1],
  ["A week ago", 7],
])("%s leads to the first message since then", async (name, days) => {
  await house.open(`/r/${GENERAL}`);
  found(dayAgo(new Date(), days));
  named("Jump to date").click();
  await house.wait();
  expect(document.activeElement?.textContent).toBe("Today");
  named(name, "dialog button").click();
  await house.wait();
  expect([location.pathname, all("dialog").length]).toEqual([`/r/${GENERAL}/7`, 0]);
});

test("a day of the timeline leads there too, and to a day that one chooses", async () => {
  await house.open(`/r/${GENERAL}`);
  found(dayOf("2026-03-01")!);
  const day = all(".day button")[0]!;
  expect(day.getAttribute("aria-haspopup")).toBe("dialog");
  day.click();
  await house.wait();
  type(field("Another day"), "2026-03-01");
  await submitDialog();
  expect(location.pathname).toBe(`/r/${GENERAL}/7`);
});

test("who closes the dialog before the answer comes stays", async () => {
  await house.open(`/r/${GENERAL}`);
  const at = new URLSearchParams({ at: new Date(0).toISOString(), limit: "1" });
  let answer = () => {};
  house.instead.set(`GET /rooms/${GENERAL}/messages?${at}`, async () => {
    await new Promise<void>((yes) => (answer = yes));
    return { body: { head: 1, messages: [message(7)], more_before: true, more_after: true } };
  });
  named("Jump to date").click();
  await house.wait();
  named("First message", "dialog button").click();
  await house.wait();
  named("Close", "dialog button").click();
  await house.wait();
  answer();
  await house.wait();
  expect([location.pathname, all("dialog").length]).toEqual([`/r/${GENERAL}`, 0]);
});

test("when the server does not answer, it says so, and one stays", async () => {
  await house.open(`/r/${GENERAL}`);
  const at = new URLSearchParams({ at: new Date(0).toISOString(), limit: "1" });
  house.instead.set(`GET /rooms/${GENERAL}/messages?${at}`, () => ({ status: 400, body: problem(400, "Not now.") }));
  named("Jump to date").click();
  await house.wait();
  named("First message", "dialog button").click();
  await house.wait();
  expect([location.pathname, all("dialog").length]).toEqual([`/r/${GENERAL}`, 1]);
  expect(document.body.textContent).toContain("Not now.");
});

async function submitDialog(): Promise<void> {
  const form = all("dialog form")[0]!;
  form.dispatchEvent(new SubmitEvent("submit", { bubbles: true, cancelable: true }));
  await house.wait();
}

test("days begin at midnight where the reader is, also over a change of the clock", () => {
  const noon = new Date(2026, 2, 30, 12);
  expect(dayAgo(noon, 1)).toEqual(new Date(2026, 2, 29));
  expect(dayAgo(new Date(2026, 0, 3), 7)).toEqual(new Date(2025, 11, 27));
  expect([dayOf("2026-03-29"), dayOf(""), dayOf("2026-13-01")]).toEqual([new Date(2026, 2, 29), undefined, undefined]);
  expect(written(new Date(2026, 2, 9, 23))).toBe("2026-03-09");
});
