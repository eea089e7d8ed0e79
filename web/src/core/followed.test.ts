import { describe, expect, test } from "vitest";
import type { Message, MyThread } from "../wire/types";
import {
  beyond,
  changedIn,
  follows,
  heardIn,
  inTitle,
  isUnread,
  later,
  leftOut,
  lineIn,
  mentioning,
  unreadIn,
  waitsIn,
} from "./followed";
import { freshRoom } from "./room";
import { reactedTo } from "./stretch";
import { at, direct, GENERAL, LUNCH, message, reaction, room } from "./testing";

const reply = (seq: number, more: Partial<Message> = {}) => message(seq, { thread: 1, ...more });
const thread = (more: Partial<MyThread> = {}): MyThread => ({
  room: GENERAL,
  root: message(1, { thread_info: { replies: 5, last_reply_at: at(9), repliers: ["jonas"] } }),
  follow: "auto",
  read_seq: 3,
  read_rev: 2,
  unread: 2,
  mention_count: 0,
  last_reply_at: at(9),
  latest: [reply(5), reply(6)],
  ...more,
});

test("a late answer does not set the pointer back", () => {
  const old = thread();
  expect(later(undefined, old)).toBe(old);
  expect(later(old, thread({ read_rev: 1 }))).toBe(old);
  const same = thread();
  expect(later(old, same), "counts may have changed").toBe(same);
});

test("what is not followed is not unread", () => {
  expect([follows(undefined), follows(thread({ follow: "off" })), follows(thread({ follow: "on" }))]).toEqual([
    false,
    false,
    true,
  ]);
  expect([isUnread(thread()), isUnread(thread({ unread: 0 })), isUnread(thread({ follow: "off" }))]).toEqual([
    true,
    false,
    false,
  ]);
});

describe("an event", () => {
  test("shows a new reply in the place of the oldest", () => {
    expect(heardIn(thread(), reply(8), "mira").latest.map((m) => m.seq)).toEqual([6, 8]);
    expect(heardIn(thread(), reply(4), "mira").latest.map((m) => m.seq)).toEqual([5, 6]);
  });

  test("shows the newer state of a message, and never an older one", () => {
    const t = heardIn(thread(), reply(6, { rev: 9, text: "better" }), "mira");
    expect(t.latest[1]!.text).toBe("better");
    expect(heardIn(t, reply(6, { rev: 8, text: "older" }), "mira").latest[1]!.text).toBe("better");
    expect(heardIn(t, message(1, { rev: 9, text: "root" }), "mira").root.text).toBe("root");
    expect(heardIn(t, message(7, { thread: 2 }), "mira")).toBe(t);
    const e = { seq: 6, rev: 10, user: "mira", added: true, reaction: reaction("🎉", ["mira"]) };
    expect(changedIn(t, (m) => reactedTo(m, e, "mira")).latest[1]!.reactions).toMatchObject([
      { emoji: "🎉", me: true },
    ]);
  });
});

test("a list leaves out what is between the message and the last replies", () => {
  expect([leftOut(thread()), leftOut(thread({ root: message(1) }))]).toEqual([3, 0]);
});

test("the title counts threads with mentions that no room's badge counts", () => {
  const rooms = new Map(
    [
      room(GENERAL),
      room(LUNCH, { muted: true }),
      room("cccccccccccc", { mention_count: 1 }),
      direct("dddddddddddd", ["mira", "jonas"]),
    ].map((r) => [r.id, freshRoom(r)]),
  );
  const of = (id: string, more: Partial<MyThread> = {}) =>
    inTitle([thread({ room: id, mention_count: 1, ...more })], rooms);
  expect([GENERAL, LUNCH, "cccccccccccc", "dddddddddddd", "unknown"].map((id) => of(id))).toEqual([1, 0, 0, 0, 0]);
  expect([of(GENERAL, { mention_count: 0 }), of(GENERAL, { unread: 0 }), of(GENERAL, { follow: "off" })]).toEqual([
    0, 0, 0,
  ]);
  const mentioned = (id: string) => mentioning([thread({ room: id, mention_count: 1 })], rooms).length;
  expect([GENERAL, LUNCH, "cccccccccccc", "unknown"].map(mentioned)).toEqual([1, 0, 1, 0]);
  expect([GENERAL, LUNCH, "unknown"].map((id) => unreadIn([thread({ room: id })], rooms).length)).toEqual([1, 1, 0]);
});

test("beyond a page is what the server counts, or many", () => {
  const page = { threads: [thread()], unread_threads: 100 };
  expect([beyond(page), beyond({ ...page, next: "1" }), beyond({ ...page, unread_threads: 61, next: "1" })]).toEqual([
    0,
    Infinity,
    60,
  ]);
});

test("the New line stands after what was read, where something is unread, and stays while one reads", () => {
  const line = lineIn(undefined, thread());
  expect(line).toEqual({ after: 3, kept: false, pointer: 3 });
  expect([thread({ unread: 0 }), undefined].map((t) => lineIn(undefined, t).after)).toEqual([Infinity, Infinity]);
  expect(lineIn(line, thread({ read_seq: 6, unread: 0 }))).toEqual({ after: 3, kept: false, pointer: 6 });
});

test("the New line goes back with the pointer, and keeps replies unread until the pointer moves on", () => {
  const back = lineIn(lineIn(undefined, thread({ read_seq: 6, unread: 0 })), thread({ read_seq: 4 }));
  expect(back).toEqual({ after: 4, kept: true, pointer: 4 });
  expect(lineIn(back, thread({ read_seq: 4, unread: 3 })), "a new reply").toBe(back);
  expect(lineIn(back, thread({ read_seq: 8, unread: 0 }))).toEqual({ after: 4, kept: false, pointer: 8 });
  expect([undefined, thread({ follow: "off", read_seq: 2 })].map((t) => lineIn(back, t))).toEqual([back, back]);
});

test("looking reads only replies of others, after the pointer, in a thread that is followed", () => {
  const waits = (replies: Message[], more: Partial<MyThread> = {}) => waitsIn(thread(more), replies, "mira");
  expect(waits([reply(4)])).toBe(true);
  expect([waits([reply(3)]), waits([reply(4, { author: "mira" })]), waits([reply(4, { deleted_at: at(1) })])]).toEqual([
    false,
    false,
    false,
  ]);
  expect([waits([reply(4)], { follow: "off" }), waitsIn(undefined, [reply(4)], "mira")]).toEqual([false, false]);
});
