// Dates and faces.
import { describe, expect, test, vi } from "vitest";
import { sameDay } from "../core/days";
import { Dates, timeIn } from "./dates";
import { hue, initials } from "./face";

const Format = Intl.DateTimeFormat;

describe("dates", () => {
  const dates = new Dates(),
    noon = new Date(2026, 10, 24, 12);
  const day = (d: number, h = 9) => new Date(2026, 10, d, h).toISOString();

  test("today and yesterday are called so", () => {
    expect([dates.dayName(day(24), noon), dates.dayName(day(23, 23), noon)]).toEqual(["Today", "Yesterday"]);
  });

  test("another day is named with its month, and with its year when that is another", () => {
    expect(dates.dayName(day(20), noon)).toMatch(/20/);
    expect(dates.dayName(day(20), noon)).not.toMatch(/2026/);
    expect(dates.dayName(new Date(2025, 1, 3).toISOString(), noon)).toMatch(/2025/);
  });

  test("a moment without a day above it is a time today, and a day before", () => {
    expect(dates.when(day(24), noon)).toBe(dates.time(day(24)));
    expect(dates.when(day(20), noon)).toMatch(/20/);
    expect(dates.when(day(20), noon)).not.toMatch(/:/);
    expect(dates.when(new Date(2025, 1, 3).toISOString(), noon)).toMatch(/2025/);
  });

  test("an end is named by its time today, and with its day else", () => {
    expect(dates.end(day(24, 14), noon)).toBe(dates.time(day(24, 14)));
    expect(dates.end(day(26, 14), noon)).toMatch(/Thursday.*26|26.*Thursday/);
    expect(dates.end(day(26, 14), noon)).toContain(dates.time(day(26, 14)));
  });

  test("the time where somebody is, and none where the zone is unknown", () => {
    const utc = Date.UTC(2026, 10, 24, 12);
    expect(timeIn("Asia/Tokyo", utc)).toMatch(/^(21:00|0?9:00.PM)$/);
    expect([timeIn("Mars/Olympus", utc), timeIn("", utc)]).toEqual([undefined, undefined]);
  });

  test("days are those of the reader", () => {
    expect(sameDay(day(24, 0), day(24, 23))).toBe(true);
    expect(sameDay(day(24, 23), day(25, 0))).toBe(false);
  });

  test("a time is written as people of the language do, and beside a message narrow", () => {
    const twelve = vi.spyOn(Intl, "DateTimeFormat").mockImplementation(function (_, how) {
      return new Format("en-US", how);
    });
    const there = new Dates();
    twelve.mockRestore();
    expect([there.time(day(24)), there.narrow(day(24))].map((t) => t.replace("\u202f", " "))).toEqual([
      "9:00 AM",
      "9:00",
    ]);
  });

  test("the same moment is written alike, and another one is not", () => {
    const [a, b] = [day(24, 9), day(24, 10)];
    expect([dates.time(a), dates.time(a), dates.time(b)].map((t) => t === dates.time(a))).toEqual([true, true, false]);
    expect(dates.exact(a)).toMatch(/2026/);
  });
});

describe("faces", () => {
  test.each([
    ["Mira Novak", "MN"],
    ["Jonas", "J"],
    ["Anna Maria del Sol", "AS"],
    ["🍜 Lunch Bot", "LB"],
    ["李 小龙", "李小"],
    ["…", "?"],
    ["", "?"],
  ])("%s: %s", (name, want) => expect(initials(name)).toBe(want));

  test("a hue belongs to an id", () => {
    expect(hue("aaaaaaaaaaaa")).toBe(hue("aaaaaaaaaaaa"));
    const hues = Array.from({ length: 50 }, (_, i) => hue(`user${i}`));
    expect(new Set(hues).size).toBeGreaterThan(25);
    expect(hues.every((h) => h >= 0 && h < 360)).toBe(true);
  });
});
