import { describe, expect, test } from "vitest";
import type { LiveEvent } from "../wire/live";
import type { InboxItem, Message } from "../wire/types";
import {
  afterward,
  beyond,
  cleared,
  concerns,
  continued,
  didWhat,
  directs,
  heardIn,
  isCleared,
  isNew,
  missingIn,
  newestReaction,
  NO_LIST,
  NOTHING,
  pathOfItem,
  reactionsIn,
  restored,
  uncleared,
  waits,
  without,
} from "./inbox";
import { freshRoom } from "./room";
import { at, direct, GENERAL, LUNCH, message, reaction, room } from "./testing";

type Part = Partial<Omit<InboxItem, "message">> & { message?: Partial<Message> };

/** An entry of general: a mention in its message `seq`, at that minute. */
const entry = (seq: number, { message: m, ...more }: Part = {}): InboxItem => ({
  key: `m.${GENERAL}.${seq}`,
  cause: "mention",
  reason: "This message mentions you.",
  room: GENERAL,
  seq,
  message: message(seq, { mentions: ["mira"], ...m }),
  by: ["jonas"],
  at: at(seq),
  read: false,
  ...more,
});
const rooms = (read_seq = 0, more = {}) => new Map([[GENERAL, freshRoom(room(GENERAL, { read_seq, ...more }))]]);
const reacted = (seq: number, more: Part = {}) =>
  entry(seq, { key: `r.${GENERAL}.${seq}`, cause: "reaction", ...more });
const threaded = (seq: number, more: Part = {}) => entry(seq, { key: `t.${GENERAL}.1`, cause: "thread", ...more });

describe("an entry waits", () => {
  test.each<[string, InboxItem, number, boolean]>([
    ["until the pointer of its room is at it", entry(3), 2, true],
    ["no more then, also before the server says so", entry(3), 3, false],
    ["again when the pointer goes back", entry(3, { read: true }), 2, true],
    ["in a thread, as the server says", threaded(3), 9, true],
    ["in a thread that was read", threaded(3, { read: true }), 0, false],
    ["as a reply, until the pointer of the room is at it", entry(3, { message: { thread: 1 } }), 2, true],
    ["as a reply that was read by the pointer of the room", entry(3, { message: { thread: 1 } }), 3, false],
    ["as a reply that was read in its thread", entry(3, { read: true, message: { thread: 1 } }), 2, false],
    [
      "as a reply that was sent to the room, by the pointer of the room",
      entry(3, { message: { thread: 1, also_in_room: true } }),
      3,
      false,
    ],
    ["never as a reaction", reacted(3), 0, false],
  ])("%s", (_, i, pointer, want) => expect(waits(i, rooms(pointer))).toBe(want));

  test("no more once one has left the room", () => expect(waits(entry(3), new Map())).toBe(false));

  test("a reaction is drawn as new until one has seen it", () => {
    expect([isNew(reacted(3), rooms()), isNew(reacted(3, { read: true }), rooms())]).toEqual([true, false]);
    expect([isNew(entry(3), rooms(2)), isNew(entry(3), rooms(3))]).toEqual([true, false]);
  });
});

test.each<[string, number, number, number, string | undefined, number]>([
  ["all are there", 2, 0, 2, undefined, 0],
  ["three are not", 2, 0, 5, "n", 3],
  ["reactions do not count", 1, 1, 5, "n", 4],
  ["of a hundred nobody knows", 2, 0, 100, "n", Infinity],
])("beyond the first page: %s", (_, mentions, reactions, unread, next, want) => {
  const items = [
    ...Array.from({ length: mentions }, () => entry(1)),
    ...Array.from({ length: reactions }, () => reacted(1)),
  ];
  expect(beyond({ items, unread, ...(next ? { next } : {}) })).toBe(want);
});

test("direct rooms with something unread stand above, the latest message first", () => {
  const said = (minute: number) => ({ seq: 1, author: "jonas", text: "x", created_at: at(minute) });
  const all = [
    direct("c", ["mira", "jonas"], { unread: 1, last_message: said(3) }),
    direct("d", ["mira", "kim"], { unread: 1, last_message: said(5) }),
    direct("e", ["mira", "lea"], { last_message: said(9) }),
    direct("f", ["mira", "sam"], { unread: 4, muted: true }),
    room(GENERAL, { unread: 1 }),
  ];
  expect(directs(all.map(freshRoom)).map((r) => r.room.id)).toEqual(["d", "c"]);
});

describe("the inbox is fetched again", () => {
  const posted = (more: Partial<Message>): LiveEvent => {
    const m = message(7, more);
    return { type: "message", room: m.room, rev: m.rev, message: m };
  };
  const move = (seq: number): LiveEvent => ({
    type: "read",
    room: GENERAL,
    seq,
    read_rev: 4,
    unread: 0,
    mention_count: 0,
  });
  const reacts = (user: string): LiveEvent => ({
    type: "reaction",
    room: GENERAL,
    seq: 3,
    rev: 9,
    user,
    added: true,
    reaction: reaction("🎉", [user]),
  });
  const mine = { me: "mira", rooms: rooms(), keywords: ["Ramen", "old guard"], open: false, known: [], pointer: 5 };

  test.each<[string, LiveEvent, Partial<typeof mine> | { known: InboxItem[] }, boolean]>([
    ["for a mention", posted({ mentions: ["mira"] }), {}, true],
    ["not for a mention of others", posted({ mentions: ["kim"] }), {}, false],
    ["for a broadcast", posted({ broadcast: "room" }), {}, true],
    ["not for one's own", posted({ broadcast: "room", author: "mira" }), {}, false],
    ["for a keyword, however it is written", posted({ text: "RAMEN, again" }), {}, true],
    ["for the first word of a keyword", posted({ text: "the old, the guard" }), {}, true],
    [
      "not for a mention in a direct room, which is no entry",
      posted({ mentions: ["mira"] }),
      { rooms: rooms(0, { kind: "direct" }) },
      false,
    ],
    ["not for any message", posted({ text: "noodles" }), {}, false],
    ["not for what the room says by itself", posted({ text: "ramen", system: "joined" as never }), {}, false],
    ["for a message that the event leaves out", { type: "message", room: GENERAL, rev: 7 }, {}, true],
    ["for something new in a thread", { type: "thread", room: GENERAL, seq: 1 }, {}, true],
    ["for a reaction, while one looks", reacts("jonas"), { open: true }, true],
    ["not for a reaction that nobody sees", reacts("jonas"), {}, false],
    ["not for one's own reaction", reacts("mira"), { open: true }, false],
    ["for a pointer that went back", move(4), {}, true],
    ["not for one that went on", move(6), { known: [entry(6)] }, false],
    ["for one that went on past a reply", move(6), { known: [entry(6, { message: { thread: 1 } })] }, true],
    ["not for one past a reply of another room", move(6), { known: [threaded(6, { room: LUNCH })] }, false],
    ["when one comes back to a room", { type: "joined", room: room() }, {}, true],
    ["when a room is muted", { type: "my_room", room: room() }, {}, true],
    ["not for who types", { type: "typing", room: GENERAL, user: "kim" }, {}, false],
  ])("%s", (_, e, more, want) => expect(concerns(e, { ...mine, ...more })).toBe(want));
});

test("an entry has the newest state of its message, and goes with it", () => {
  const i = entry(3);
  expect(heardIn(i, message(3, { rev: 9, text: "new" }))?.message.text).toBe("new");
  expect(heardIn(i, message(3, { rev: 2, text: "old" }))).toBe(i);
  expect(heardIn(i, message(3, { rev: 9, room: LUNCH, deleted_at: at(9) }))).toBe(i);
  expect(heardIn(i, message(3, { rev: 9, deleted_at: at(9) }))).toBeUndefined();
});

describe("what was cleared", () => {
  const c = cleared(NOTHING, [entry(3)]);
  test("stays away until there is something newer about it", () => {
    expect(isCleared(entry(3), c)).toBe(true);
    expect(isCleared(entry(3, { at: at(4) }), c)).toBe(false);
    expect(isCleared(entry(4), c)).toBe(false);
  });
  test("may be all up to a moment", () => {
    const all = cleared(c, [entry(5)], at(5));
    expect([4, 5, 6].map((seq) => isCleared(entry(seq), all))).toEqual([true, true, false]);
    expect(cleared(all, [entry(7)]).before).toBe(at(5));
  });
  test("comes back without what was cleared since", () => {
    const later = cleared(c, [entry(4)]);
    const now = uncleared(later, [entry(3)], NOTHING.before);
    expect([3, 4].map((seq) => isCleared(entry(seq), now))).toEqual([false, true]);
  });
});

test.each<[string, InboxItem, string]>([
  ["the message", entry(3), `/r/${GENERAL}/3`],
  ["a reply in its thread", entry(3, { message: { thread: 1 } }), `/r/${GENERAL}/t/1/3`],
  ["a thread, by its root", threaded(1), `/r/${GENERAL}/t/1`],
  ["a thread, where it is new", threaded(3, { message: { thread: 1 } }), `/r/${GENERAL}/t/1`],
])("leads to %s", (_, i, path) => expect(pathOfItem(i)).toBe(path));

test.each<[string, InboxItem]>([
  ["mentioned you", entry(3)],
  ["mentioned you in a thread", entry(3, { message: { thread: 1 } })],
  ["notified everybody", entry(3, { cause: "broadcast", message: { broadcast: "room" } })],
  ["notified everybody who was there", entry(3, { cause: "broadcast", message: { broadcast: "here" } })],
  ["wrote one of your keywords", entry(3, { cause: "keyword" })],
  ["reacted to your message", reacted(3)],
  ["and 1 other reacted to your message", reacted(3, { by: ["jonas", "kim"] })],
  ["and 2 others replied in a thread", threaded(3, { by: ["jonas", "kim", "lea"] })],
])("%s", (want, i) => expect(didWhat(i)).toBe(want));

test("reactions are those of others", () => {
  const reactions = [
    reaction("🍜", ["jonas", "mira"], { me: true }),
    reaction("🎉", ["mira"], { me: true }),
    reaction("👍", ["kim"]),
  ];
  expect(reactionsIn(message(1, { reactions }))).toEqual([
    { emoji: "🍜", n: 1 },
    { emoji: "👍", n: 1 },
  ]);
});

describe("the list", () => {
  const first = continued(NO_LIST, { items: [entry(9), entry(3), reacted(2)], unread: 1, next: "n" }, rooms(5));
  test("has what is new above the rest", () => {
    expect([first.fresh, first.earlier]).toEqual([[`m.${GENERAL}.9`, `r.${GENERAL}.2`], [`m.${GENERAL}.3`]]);
    expect([first.newest, first.next, first.loaded]).toEqual([at(9), "n", true]);
  });
  test("goes on below, and lists nothing twice", () => {
    const l = continued(first, { items: [entry(3), entry(1)], unread: 1 }, rooms(0));
    expect([l.fresh, l.earlier]).toEqual([first.fresh, [`m.${GENERAL}.3`, `m.${GENERAL}.1`]]);
    expect([l.newest, l.next]).toEqual([at(9), undefined]);
  });
  test("loses what was cleared, and its pages when everything was", () => {
    const one = without(first, new Set([`m.${GENERAL}.9`]), false);
    expect([one.fresh, one.next]).toEqual([[`r.${GENERAL}.2`], "n"]);
    expect(without(first, new Set(), true).next).toBeUndefined();
  });
  test("gets it back in its place, with what was loaded since behind it", () => {
    const gone = without(first, new Set([`m.${GENERAL}.9`]), false);
    const l = restored(continued(gone, { items: [entry(1)], unread: 0 }, rooms(5)), first, false);
    expect([l.fresh, l.earlier, l.next]).toEqual([first.fresh, [`m.${GENERAL}.3`, `m.${GENERAL}.1`], undefined]);
    expect(restored(without(first, new Set(), true), first, true).next).toBe("n");
    const other = { ...NO_LIST, filter: "mentions" as const, loaded: true };
    expect(restored(other, first, false)).toBe(other);
  });
  test("says how many came since", () => {
    const known = [entry(9), entry(10), entry(11, { read: true }), reacted(12), entry(1)];
    expect(missingIn(first, known, rooms(5))).toBe(3);
    expect(missingIn(first, known, rooms(10)), "what was read meanwhile is not new").toBe(2);
    expect(missingIn({ ...first, filter: "reactions" }, known, rooms(5))).toBe(1);
    expect(missingIn({ ...first, filter: "mentions" }, [...known, threaded(13)], rooms(5))).toBe(2);
    expect(missingIn(NO_LIST, known, rooms(5))).toBe(0);
  });
});

test.each([
  ["b", "c"],
  ["c", "b"],
  ["x", "a"],
])("after %s is gone, %s has the focus", (gone, next) => expect(afterward(["a", "b", "c"], gone)).toBe(next));
test("after the last one none has it", () => expect(afterward(["a"], "a")).toBeUndefined());

test("the newest reaction that one had not seen", () => {
  const items = [entry(9), reacted(3), reacted(5), reacted(7, { read: true })];
  expect(newestReaction(items)).toBe(at(5));
  expect(newestReaction([entry(9), reacted(7, { read: true })])).toBe("");
});
