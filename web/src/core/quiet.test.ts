import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import type { Quiet } from "../wire/types";
import { DAYS, endOf, quietAt, quietEnd, quietOf, Zones } from "./quiet";
import { user } from "./testing";

interface Table {
  quiets: Record<string, Quiet>;
  cases: { name: string; quiet: string; zone: string; at: string; on: boolean }[];
}
const file = join(import.meta.dirname, "../../../quiet/testdata/quiet.json");
const { quiets, cases } = JSON.parse(readFileSync(file, "utf8")) as Table;

const who = (quiet: Quiet, time_zone = "Europe/Berlin") => user("jonas", { quiet, time_zone });
const nights = quiets["nights"]!;
const at = (iso: string) => Date.parse(iso);

describe("do not disturb", () => {
  test("the table is there", () => expect(cases.length).toBeGreaterThan(25));

  test.each(cases)("$name", ({ quiet, zone, at, on }) =>
    expect(quietAt(who(quiets[quiet]!, zone), Date.parse(at))).toBe(on),
  );

  test("one who has not set it can be disturbed, and one whose time zone the browser does not know", () => {
    expect(quietAt(user("kim"), at("2026-11-30T23:00:00Z"))).toBe(false);
    expect(quietAt(who(nights, "Mars/Olympus"), at("2026-11-30T23:00:00Z"))).toBe(false);
  });

  test("one formatter is made for each time zone", () => {
    const zones = new Zones();
    expect(zones.read("Asia/Kolkata", at("2026-11-29T18:30:00Z"))).toEqual({ day: 0, time: "00:00" });
    expect(zones.read("Asia/Kolkata", at("2026-11-29T18:29:00Z"))).toEqual({ day: 6, time: "23:59" });
    expect(zones.read("Mars/Olympus", 0)).toBeUndefined();
  });
});

describe("its end", () => {
  const end = (quiet: Quiet, now: string) => {
    const ends = quietEnd(who(quiet), at(now));
    return ends === undefined ? undefined : new Date(ends).toISOString();
  };

  test.each([
    ["of a moment", { until: "2026-11-30T12:00:00Z" }, "2026-11-30T09:41:30Z", "2026-11-30T12:00:00.000Z"],
    ["of a schedule", nights, "2026-11-30T21:30:12Z", "2026-12-01T06:00:00.000Z"],
    [
      "when a moment lies in a schedule",
      { ...nights, until: "2026-11-30T21:30:00Z" },
      "2026-11-30T20:00:00Z",
      "2026-12-01T06:00:00.000Z",
    ],
    [
      "when a schedule ends before the moment",
      { ...nights, until: "2026-12-01T08:00:00Z" },
      "2026-11-30T23:00:00Z",
      "2026-12-01T08:00:00.000Z",
    ],
    ["in the night to summer time", nights, "2026-03-27T22:00:00Z", "2026-03-28T06:00:00.000Z"],
    [
      "of a schedule whose end the clock jumps over",
      { schedule: { days: DAYS.slice(), from: "01:00", to: "02:30" } },
      "2026-03-29T00:30:00Z",
      "2026-03-29T01:00:00.000Z",
    ],
    [
      "never, of all days and hours",
      { schedule: { days: DAYS.slice(), from: "00:00", to: "00:00" } },
      "2026-11-30T09:00:00Z",
      undefined,
    ],
  ] as [string, Quiet, string, string | undefined][])("%s", (_, quiet, now, ends) =>
    expect(end(quiet, now)).toBe(ends),
  );
});

describe("choosing", () => {
  afterEach(() => void delete process.env["TZ"]);

  test("for a while, or until the morning where the device is", () => {
    process.env["TZ"] = "Europe/Berlin";
    const now = at("2026-10-24T21:30:00Z"); // before the night in which the clocks go back
    expect(endOf("30 minutes", now).toISOString()).toBe("2026-10-24T22:00:00.000Z");
    expect(endOf("1 hour", now).toISOString()).toBe("2026-10-24T22:30:00.000Z");
    expect(endOf("Until tomorrow", now).toISOString()).toBe("2026-10-25T07:00:00.000Z");
  });

  test("what is over, and a schedule without days, is not sent", () => {
    const now = at("2026-11-30T12:00:00Z"),
      schedule = nights.schedule!;
    expect(quietOf(new Date(now + 1000), schedule, now)).toEqual({ until: "2026-11-30T12:00:01.000Z", schedule });
    expect(quietOf(new Date(now), { ...schedule, days: [] }, now)).toEqual({});
  });
});
