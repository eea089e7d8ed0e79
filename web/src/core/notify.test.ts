import { describe, expect, test } from "vitest";
import { alertOf, inView, isRead, type Alert } from "./notify";
import { freshRoom } from "./room";
import { direct, GENERAL, message, room, user } from "./testing";
import type { Message, NotifyEvent } from "../wire/types";

const DM = "cccccccccccc";
const users = new Map(
  [user("mira"), user("jonas", { name: "Jonas Weber" }), user("kim"), user("ada")].map((u) => [u.id, u]),
);
const event = (more: Partial<NotifyEvent> = {}): NotifyEvent => ({
  type: "notify",
  room: GENERAL,
  seq: 7,
  cause: "mention",
  reason: "This message mentions you.",
  ...more,
});
const general = freshRoom(room());
const alert = (m: Message | undefined, r = general, more: Partial<NotifyEvent> = {}): Alert =>
  alertOf(event(more), m, r, users, "mira", r.room.name ?? "Jonas Weber");
const two = freshRoom(direct(DM, ["mira", "jonas"])),
  four = freshRoom(direct(DM, ["mira", "jonas", "kim", "ada"]));

describe("a notification says", () => {
  test.each([
    ["in a room", general, {}, "Jonas Weber in #general"],
    ["in a thread", general, { thread: 3 }, "Jonas Weber in a thread in #general"],
    ["in a thread and its room", general, { thread: 3, also_in_room: true }, "Jonas Weber in #general"],
    ["to one", two, {}, "Jonas Weber"],
    ["to one, in a thread", two, { thread: 3 }, "Jonas Weber in a thread"],
    ["to several", four, {}, "Jonas Weber to you and Kim and Ada"],
  ])("who wrote %s", (_, r, more, title) => expect(alert(message(7, more), r).title).toBe(title));

  test("the text, and why one is notified", () => {
    expect(alert(message(7, { text: "Lunch?" })).body).toBe("Lunch?\nThis message mentions you.");
    expect(
      alert(message(7, { text: "Lunch?" }), two, { cause: "direct", reason: "This is a direct message." }).body,
    ).toBe("Lunch?");
  });

  test("the start of a long text, and cuts no emoji", () => {
    const [body] = alert(message(7, { text: "👩‍🍳".repeat(500) })).body.split("\n");
    expect(body).toBe(`${"👩‍🍳".repeat(160)}…`);
    const [all] = alert(message(7, { text: "👩‍🍳".repeat(160) })).body.split("\n");
    expect(all).toBe("👩‍🍳".repeat(160));
  });

  test("that there is a new message, when this one is not known", () => {
    expect(alert(undefined)).toEqual({
      room: GENERAL,
      seq: 7,
      aside: false,
      title: "#general",
      body: "New message\nThis message mentions you.",
    });
    expect(alert(undefined, two, { cause: "direct" })).toMatchObject({ title: "Jonas Weber", body: "New message" });
  });
});

const inRoom = alert(message(7)),
  aside = alert(message(7, { thread: 3 })),
  both = alert(message(7, { thread: 3, also_in_room: true }));

test.each([
  ["of the room on screen", inRoom, GENERAL, undefined, true],
  ["of the room beside whose thread one reads", inRoom, GENERAL, 3, true],
  ["of another room", inRoom, DM, undefined, false],
  ["of no room", inRoom, undefined, undefined, false],
  ["of the thread on screen", aside, GENERAL, 3, true],
  ["of another thread", aside, GENERAL, 4, false],
  ["of a thread that is not open", aside, GENERAL, undefined, false],
  ["of a room, and of its thread", both, GENERAL, undefined, true],
])("a message %s", (_, a, room, thread, seen) => expect(inView(a, room, thread)).toBe(seen));

test.each([
  ["the room up to it", inRoom, 7, 0, true],
  ["the room up to the one before", inRoom, 6, 0, false],
  ["a room one is not in any more", inRoom, undefined, 0, true],
  ["the room, when it stands in a thread", aside, 9, 0, false],
  ["its thread", aside, 0, 7, true],
  ["its thread, when it stands in the room as well", both, 0, 7, true],
  ["its thread up to the one before", both, 6, 6, false],
])("it is read with %s", (_, a, read_seq, thread, read) =>
  expect(isRead(a, read_seq === undefined ? undefined : { read_seq }, thread)).toBe(read),
);
