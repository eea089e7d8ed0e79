import { expect, test } from "vitest";
import type { Message, MyRoom } from "../wire/types";
import { freshRoom, merge, sameFrame, type Frame, type RoomState } from "./room";
import { WINDOW } from "./stretch";
import { rowMaker } from "./rows";
import { at, message } from "./testing";

const several = (n: number) => Array.from({ length: n }, (_, i) => message(i + 1));

test("one change makes one row anew", () => {
  const rowsOf = rowMaker(),
    messages = several(50),
    before = rowsOf(messages);
  expect(
    rowsOf([...messages, message(51)])
      .slice(0, 50)
      .every((r, i) => r === before[i]),
  ).toBe(true);
  const edited = rowsOf(messages.with(20, message(21, { rev: 99, text: "edited" })));
  expect(edited.flatMap((r, i) => (r === before[i] ? [] : [i]))).toEqual([20]);
});

test("of a long timeline to which one message comes, the others are not even looked at", () => {
  let looks = 0;
  const watched = (m: Message) => new Proxy(m, { get: (of, key) => (looks++, Reflect.get(of, key)) });
  const rowsOf = rowMaker(),
    messages = several(300).map(watched);
  rowsOf(messages, 200, 100);
  looks = 0;
  const rows = rowsOf([...messages, watched(message(301))], 200, 100);
  expect([rows.length, looks < 20]).toEqual([301, true]);
  expect(rowsOf(messages, 201, 101).flatMap((r) => (r.fresh || r.marked ? [r.m.seq] : []))).toEqual([101, 201]);
});

test("a deletion gives the row below its header, and leaves the others alone", () => {
  const rowsOf = rowMaker(),
    messages = several(9),
    before = rowsOf(messages);
  const after = rowsOf(messages.with(3, message(4, { deleted_at: at(30) })));
  expect(after.flatMap((r, i) => (r === before[i] ? [] : [i]))).toEqual([3, 4]);
  expect([before[4]!.more, after[4]!.more]).toEqual([true, false]);
});

test("rows say what stands above them", () => {
  const messages = [
    message(1),
    message(2),
    message(3, { author: "ada" }),
    message(4, { author: "ada" }),
    message(20, { author: "ada" }),
    message(21, { author: "ada", created_at: "2026-11-26T09:00:00.000Z" }),
  ];
  const rows = rowMaker()(messages, 4, 20);
  expect(rows.map((r) => r.more)).toEqual([false, true, false, false, false, false]); // 4 begins what is new, 20 came late
  expect(rows.map((r) => r.day)).toEqual([true, false, false, false, false, true]);
  expect(rows.map((r) => r.fresh)).toEqual([false, false, false, true, false, false]);
  expect(rows.map((r) => r.marked)).toEqual([false, false, false, false, true, false]);
});

const room = {
  id: "r",
  kind: "public",
  posting: "everyone",
  broadcast: "everyone",
  member_count: 2,
  created_at: at(0),
  role: "member",
  rev: 0,
  last_seq: 0,
  read_seq: 0,
  read_rev: 0,
  unread: 0,
  mention_count: 0,
  notify: "all",
  starred: false,
  muted: false,
} as const;
const append = (s: RoomState, from: number, n: number) => {
  for (let i = 0; i < n; i++) s = merge(s, message(from + i), "me");
  return s;
};

test("the window stays at 300 rows while messages come", () => {
  let s: RoomState = { ...freshRoom(room), loaded: true };
  for (let i = 1; i <= 2000; i++) {
    s = merge(s, message(i), "me");
    expect(s.messages.length).toBeLessThanOrEqual(WINDOW);
  }
  expect([s.messages.at(-1)!.seq, s.moreBefore, s.moreAfter]).toEqual([2000, true, false]);
});

test("what is read is not let go: the newest is, and can be loaded again", () => {
  const s = append({ ...freshRoom(room), loaded: true, reading: true }, 1, 2000);
  expect([s.messages[0]!.seq, s.moreBefore, s.moreAfter]).toEqual([1, false, true]);
  expect(s.messages.length).toBeLessThanOrEqual(2 * WINDOW);
  expect(s.messages.every((m, i) => m.seq === i + 1)).toBe(true); // dense, so that the next page continues it
});

test("messages and pointers leave a room's frame as it was; all else changes it", () => {
  const r: Frame = { room };
  const counted: MyRoom = {
    ...room,
    rev: 9,
    last_seq: 9,
    unread: 3,
    mention_count: 1,
    read_seq: 2,
    read_rev: 4,
    last_message: { seq: 9, author: "a", text: "", created_at: "" },
  };
  expect(sameFrame(r, { room: counted })).toBe(true);
  const changes: Partial<MyRoom>[] = [
    { name: "x" },
    { topic: "x" },
    { archived: true },
    { posting: "owners" },
    { starred: true },
    { muted: true },
    { role: "owner" },
    { members: [] },
  ];
  for (const change of changes)
    expect(sameFrame(r, { room: { ...room, ...change } }), JSON.stringify(change)).toBe(false);
});
