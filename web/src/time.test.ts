// @vitest-environment happy-dom
// What people see of the time while a page stays open: days, times, and what ends by itself. The device sleeps and travels.
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { direct, GENERAL, me, user } from "./core/testing";
import { all, House, words, $ } from "../testing/house";

const HOUR = 3_600_000;
let house: House;
beforeEach(() => {
  process.env["TZ"] = "Europe/Berlin";
  house = new House();
  vi.setSystemTime("2026-10-24T21:59:30Z"); // half a minute before midnight; in the night after that, the clocks go back
});
afterEach(async () => {
  await house.leave();
  delete process.env["TZ"];
});

const days = () => all(".day").map(words);
const post = (iso: string) => house.post(GENERAL, "jonas", { created_at: iso });
/** The device sleeps: the time goes on, the timers stand still. */
const sleep = (ms: number) => vi.setSystemTime(Date.now() + ms);

describe("day names", () => {
  beforeEach(async () => {
    post("2026-10-23T10:00:00Z");
    post("2026-10-24T10:00:00Z");
    await house.open(`/r/${GENERAL}`);
    expect(days()).toEqual(["Yesterday", "Today"]);
  });

  test("change at midnight", async () => {
    await house.wait(31_000);
    expect(days()).toEqual(["Friday 23 October", "Yesterday"].map((d) => expect.stringContaining(d.split(" ")[0]!)));
  });

  test("change at midnight of the day that has 25 hours, and not an hour before", async () => {
    sleep(HOUR);
    await house.wait(61_000);
    expect(days()[1]).toBe("Yesterday");
    const m = post("2026-10-25T10:00:00Z");
    await house.say({ type: "message", room: GENERAL, rev: m.rev, message: m });
    vi.setSystemTime("2026-10-25T22:58:50Z");
    await house.wait(61_000);
    expect(days().at(-1)).toBe("Today");
    await house.wait(60_000);
    expect(days().at(-1)).toBe("Yesterday");
  });

  test.each([
    ["visibilitychange", () => document.dispatchEvent(new Event("visibilitychange"))],
    ["focus", () => dispatchEvent(new Event("focus"))],
    ["a minute, if nothing tells of it", () => house.wait(60_000)],
  ])("change on waking: %s", async (_, wake) => {
    sleep(8 * HOUR);
    await wake();
    await house.wait(20);
    expect(days()[1]).toBe("Yesterday");
  });

  test("follow the time zone, and so do the times", async () => {
    const times = () => all("article header time").map(words);
    expect(times()).toEqual(["12:00", "12:00"].map((t) => expect.stringContaining(t)));
    process.env["TZ"] = "Pacific/Auckland"; // there it is the 25th
    dispatchEvent(new Event("focus"));
    await house.wait(20);
    expect(times()).toEqual(["11:00", "11:00"].map((t) => expect.stringContaining(t)));
    expect(days()).toEqual([expect.stringContaining("23"), "Yesterday"]);
  });
});

test("messages of one day may lie on two in another time zone", async () => {
  post("2026-10-24T10:00:00Z");
  post("2026-10-24T13:00:00Z");
  await house.open(`/r/${GENERAL}`);
  expect(days()).toEqual(["Today"]);
  process.env["TZ"] = "Pacific/Auckland";
  dispatchEvent(new Event("focus"));
  await house.wait(20);
  expect(days()).toEqual(["Yesterday", "Today"]);
});

describe("a status", () => {
  const status = (until?: string) => ({ emoji: "🌴", text: "Away", ...(until ? { until } : {}) });
  const shown = () => [
    all("article header .emoji").length,
    all("nav a.row .emoji").length,
    words($("nav footer")).includes("Away"),
  ];
  const open = async (until?: string) => {
    house.who = me({ status: status(until) });
    house.users = [user("mira", { status: status(until) }), user("jonas", { status: status(until) })];
    house.rooms.push(direct("cccccccccccc", ["mira", "jonas"]));
    post("2026-10-24T10:00:00Z");
    await house.open(`/r/${GENERAL}`);
  };

  test("goes when it ends: from the messages, the sidebar and one's own place", async () => {
    await open("2026-10-24T22:03:30Z");
    expect(shown()).toEqual([1, 1, true]);
    await house.wait(3 * 60_000);
    expect(shown()).toEqual([1, 1, true]);
    await house.wait(61_000);
    expect(shown()).toEqual([0, 0, false]);
  });

  test("goes at the second in which it ends", async () => {
    await open("2026-10-24T21:59:50Z");
    await house.wait(18_000);
    expect(shown()).toEqual([1, 1, true]);
    await house.wait(2_000);
    expect(shown()).toEqual([0, 0, false]);
  });

  test("that ended while the device slept goes on waking", async () => {
    await open("2026-10-25T02:00:00Z");
    sleep(8 * HOUR);
    document.dispatchEvent(new Event("visibilitychange"));
    await house.wait(20);
    expect(shown()).toEqual([0, 0, false]);
  });

  test("that ends in two months stays, and so does one without an end", async () => {
    await open("2026-12-24T10:00:00Z"); // no timer of a browser waits so long
    await house.wait(5 * 60_000);
    expect(shown()).toEqual([1, 1, true]);
    await house.say({ type: "user", user: user("jonas", { status: status() }) });
    sleep(90 * 24 * HOUR);
    await house.wait(61_000);
    expect(shown()).toEqual([1, 1, false]);
  });
});

test("the last reply is of a time today, and of a day before", async () => {
  const thread_info = { replies: 1, repliers: ["kim"], last_reply_at: "2026-10-24T10:14:00Z" };
  house.post(GENERAL, "jonas", { created_at: "2026-10-20T10:00:00Z", thread_info });
  await house.open(`/r/${GENERAL}`);
  expect(words($("button.replies > span:last-child"))).toMatch(/^Last 12:14/);
  await house.wait(31_000);
  expect(words($("button.replies > span:last-child"))).toMatch(/^Last (24 Oct|Oct 24)$/);
});
