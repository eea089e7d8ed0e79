// What counts as read, and where a room is opened.
import { describe, expect, test } from "vitest";
import type { Message } from "../wire/types";
import { firstNew, firstUnseen, InSight, missing, newSince, pointerAfter } from "./reading";
import type { RoomState } from "./room";
import { loaded, message, room } from "./testing";

describe("a message is seen", () => {
  /** What is in sight from a moment on, and what was seen at the end. */
  const cases: [string, [number, number[]][], number, number][] = [
    ["after 400 ms", [[0, [1, 2]]], 400, 2],
    ["not before", [[0, [1, 2]]], 399, 0],
    [
      "when it stays while one scrolls",
      [
        [0, [1, 2, 3]],
        [200, [2, 3, 4]],
      ],
      400,
      3,
    ],
    [
      "and what came into sight later is not yet",
      [
        [0, [1]],
        [200, [1, 2]],
      ],
      599,
      1,
    ],
    [
      "but is then",
      [
        [0, [1]],
        [200, [1, 2]],
      ],
      600,
      2,
    ],
    [
      "and what one only scrolled past is not",
      [
        [0, [1]],
        [100, [50]],
        [450, [90]],
      ],
      600,
      0,
    ],
    [
      "and what went and came back begins anew",
      [
        [0, [1]],
        [300, []],
        [350, [1]],
      ],
      700,
      0,
    ],
    [
      "and nothing is when nothing is in sight any more",
      [
        [0, [1]],
        [300, []],
      ],
      900,
      0,
    ],
  ];
  test.each(cases)("%s", (_, looks, now, seen) => {
    const sight = new InSight();
    for (const [at, seqs] of looks) sight.look(seqs, at);
    expect(sight.seen(now)).toBe(seen);
  });

  test("and one knows when to look again", () => {
    const sight = new InSight();
    expect(sight.next(0)).toBeUndefined();
    sight.look([1], 0);
    sight.look([1, 2], 150);
    expect([sight.next(150), sight.next(400), sight.next(550)]).toEqual([250, 150, undefined]);
  });
});

/** A room of which the timeline is 1 … 9 but for the replies 4, 5 and 9. */
const threaded = (more: Partial<RoomState> = {}): RoomState => ({
  ...loaded(9),
  messages: [1, 2, 3, 6, 7, 8].map((seq) => message(seq)),
  ...more,
});

const aside = (seq: number, seen = false) => ({ seq, seen, m: message(seq, { thread: 3, mentions: ["mira"] }) });

test.each<[string, RoomState, number, number]>([
  ["to what was seen", threaded(), 2, 2],
  ["over replies to before the next message", threaded(), 3, 5],
  ["to the end of the room after the last one", threaded(), 8, 9],
  ["no further when newer messages are not in memory", threaded({ moreAfter: true }), 8, 8],
  ["no further while a newer one is on its way", threaded({ held: 8 }), 8, 8],
  ["no further when the counts are behind", threaded({ held: 10 }), 8, 8],
  ["over a message that is not in memory any more", threaded(), 4, 5],
  ["no further than a reply that mentions me and was not seen", threaded({ asides: [aside(4, true), aside(5)] }), 8, 4],
  ["over one that was seen", threaded({ asides: [aside(4, true)] }), 8, 9],
])("the pointer goes %s", (_, r, seen, to) => expect(pointerAfter(r, seen)).toBe(to));

test.each<[string, RoomState, number, number | undefined]>([
  ["the one after what was seen", threaded(), 3, 6],
  ["the one after what was read, on any device", threaded({ room: room("r", { read_seq: 7 }) }), 3, 8],
  ["none when the last one was seen", threaded(), 8, undefined],
])("the first message that was not seen is %s", (_, r, seen, first) => expect(firstUnseen(r, seen)).toBe(first));

/** A room with 100 messages of which `seqs` are in memory; `read` are read. */
const stretch = (first: number, last: number, read: number, more: Partial<RoomState> = {}): RoomState => ({
  ...loaded(0),
  room: room("r", { rev: 100, last_seq: 100, read_seq: read, unread: 100 - read }),
  held: 100,
  messages: Array.from({ length: last - first + 1 }, (_, i) => message(first + i)),
  moreBefore: first > 1,
  moreAfter: last < 100,
  ...more,
});
const unloaded = { loaded: false, messages: [], moreBefore: false, moreAfter: false };

test.each<[string, RoomState, number, number | undefined]>([
  ["nothing when all is read", stretch(41, 100, 100), Infinity, undefined],
  ["nothing when the line is in memory", stretch(41, 100, 60), 60, undefined],
  ["nothing when the line is the first in memory", stretch(41, 100, 40), 40, undefined],
  ["nothing when the room begins there", stretch(1, 100, 0), 0, undefined],
  ["the page around the line when it is not in memory", stretch(41, 100, 20), 20, 20],
  ["the page around the line from a stretch before it", stretch(1, 30, 50), 50, 50],
  ["the first page when nothing was read", stretch(41, 100, 0), 0, 1],
  ["the latest page when nothing is new and the end is not in memory", stretch(1, 30, 100), Infinity, 0],
  ["the latest page of a room that is not in memory", stretch(1, 1, 100, unloaded), Infinity, 0],
  ["the latest page when little is new", stretch(1, 1, 90, unloaded), 90, 0],
  ["the page around the line when much is new", stretch(1, 1, 20, unloaded), 20, 20],
])("what is loaded to open a room: %s", (_, r, newAfter, of) => expect(missing(r, newAfter)).toBe(of));

describe("the New line", () => {
  test("stands before the first message of others that was not deleted", () => {
    const messages = [message(4), message(5, { author: "mira" }), message(6, { deleted_at: "x" }), message(7)];
    expect(firstNew({ ...loaded(7), messages, moreBefore: true }, 4, "mira")?.seq).toBe(7);
  });
  test("is not sought among what was read", () => {
    let looks = 0;
    const watched = (m: Message) => new Proxy(m, { get: (of, key) => (looks++, Reflect.get(of, key)) });
    const r = { ...loaded(300), messages: stretch(1, 300, 0).messages.map(watched) };
    expect([firstNew(r, 280, "mira")?.seq, firstNew(r, Infinity, "mira"), firstNew(r, 300, "mira")]).toEqual([
      281,
      undefined,
      undefined,
    ]);
    expect(looks).toBeLessThan(40);
  });
  test("is not shown where it may stand before what is in memory", () => {
    const r = stretch(41, 100, 20);
    expect([firstNew(r, 20, "mira"), firstNew(r, 39, "mira"), firstNew(r, 40, "mira")?.seq]).toEqual([
      undefined,
      undefined,
      41,
    ]);
  });
  test("says how many came since: read ones, and unread ones wherever they are", () => {
    const r = stretch(21, 80, 20);
    expect(newSince(r, 20, "mira")).toBe(80);
    expect(newSince({ ...r, room: { ...r.room, read_seq: 50, unread: 51 } }, 20, "mira"), "one came").toBe(81);
  });
});
