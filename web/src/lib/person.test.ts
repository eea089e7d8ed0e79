import { expect, test } from "vitest";
import { cardPlace, endsAt, timeIn } from "./person";

const NOON = Date.UTC(2026, 10, 24, 12);

test("the time where somebody is, and none where the zone is unknown", () => {
  expect(timeIn("Asia/Tokyo", NOON)).toMatch(/^(21:00|09:00.PM)$/);
  expect(timeIn("Mars/Olympus", NOON)).toBeUndefined();
  expect(timeIn("", NOON)).toBeUndefined();
});

test("an end is named by its time today, and with its day else", () => {
  const at = (day: number) => new Date(2026, 10, day, 14, 30).toISOString(),
    now = new Date(2026, 10, 24, 12).getTime();
  expect(endsAt(at(24), now)).toMatch(/^\D*0?2:30|14:30/);
  expect(endsAt(at(24), now)).not.toMatch(/November/);
  expect(endsAt(at(26), now)).toMatch(/Thursday.*26|26.*Thursday/);
});

test.each([
  ["below what opened it", { left: 300, top: 100, bottom: 120 }, { left: 300, top: 126 }],
  ["above, where there is no space below", { left: 300, top: 700, bottom: 720 }, { left: 300, top: 494 }],
  ["inside the window at its right edge", { left: 1200, top: 100, bottom: 120 }, { left: 952, top: 126 }],
  [
    "inside the window where it fits neither above nor below",
    { left: -9, top: 150, bottom: 620 },
    { left: 8, top: 592 },
  ],
])("the card stands %s", (_, opener, want) =>
  expect(cardPlace(opener, { width: 320, height: 200 }, { width: 1280, height: 800 })).toEqual(want),
);
