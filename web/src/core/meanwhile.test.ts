import { describe, expect, test } from "vitest";
import { before, meanwhile } from "./meanwhile";
import { freshRoom } from "./room";
import { at, direct, GENERAL, LUNCH, room } from "./testing";
import type { MyRoom } from "../wire/types";

const KIM = "cccccccccccc";
const last = (seq: number) => ({ last_message: { seq, author: "jonas", text: "x", created_at: at(seq) } });
const general = (seq: number, more: Partial<MyRoom> = {}) => freshRoom(room(GENERAL, { ...last(seq), ...more }));
const was = before([general(4, { unread: 2, read_seq: 2, mention_count: 2 })]);
const says = (...rooms: Parameters<typeof meanwhile>[1][]) =>
  meanwhile(
    was,
    rooms.flatMap((r) => [...r]),
  );

describe("after do not disturb one hears", () => {
  test("of rooms and mentions", () => {
    expect(
      says([
        general(9, { unread: 5, read_seq: 4, mention_count: 1 }),
        freshRoom(room(LUNCH, { ...last(1), unread: 1 })),
        freshRoom(direct(KIM, ["mira", "kim"], { ...last(3), unread: 3 })),
      ]),
    ).toBe("While do not disturb was on: new messages in 3 rooms, 1 mention.");
  });

  test("of a room without a mention", () =>
    expect(says([general(5, { unread: 1, read_seq: 4 })])).toBe(
      "While do not disturb was on: new messages in 1 room.",
    ));

  test("of those mentions that are new", () => {
    const unread = { unread: 5, read_seq: 2 };
    expect(says([general(9, { ...unread, mention_count: 3 })])).toContain("1 room, 1 mention.");
    expect(says([general(9, { ...unread, mention_count: 2 })])).toContain("1 room.");
    expect(says([general(9, { ...unread, read_seq: 4, mention_count: 2 })])).toContain("2 mentions.");
    expect(says([general(9, { ...unread, read_seq: 4, mention_count: 100 })])).toContain("many mentions.");
  });

  test.each([
    ["what is read", general(9, { read_seq: 9 })],
    ["what waited before", general(4, { unread: 2, mention_count: 2 })],
    ["a muted room", general(9, { unread: 5, muted: true })],
    ["a reply that stays in its thread", general(4, { unread: 2, last_seq: 9 })],
  ])("nothing of %s", (_, r) => expect(says([r])).toBe(""));
});
