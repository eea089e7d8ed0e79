// Answers may come late. None goes back in time; what an answer cannot tell is asked again.
import { describe, expect, test } from "vitest";
import type { Page } from "../wire/types";
import {
  asking,
  takeChanges,
  takeGone,
  takeMessage,
  takeMore,
  takePage,
  takeRoom,
  takeRooms,
  takeUsers,
} from "./answers";
import { freshRoom } from "./room";
import { apply, type State } from "./state";
import { GENERAL, loaded, LUNCH, message, room, stateOf, user } from "./testing";

const general = (s: State) => s.rooms.get(GENERAL)!;
const again = [{ what: "room", room: GENERAL }];
const page = (head: number, from: number, to: number, more: Partial<Page> = {}): Page => ({
  head,
  messages: Array.from({ length: to - from + 1 }, (_, i) => message(from + i)),
  more_before: from > 1,
  more_after: false,
  ...more,
});

describe("a room", () => {
  test("is taken, and keeps its messages", () => {
    const s = stateOf([loaded(3)]);
    expect(takeRoom(s, room(GENERAL, { rev: 3, unread: 2 }), asking(s))).toEqual([]);
    expect([general(s).room.unread, general(s).messages.length]).toEqual([2, 3]);
  });

  test("with a newer revision than the messages have: the changes are fetched", () => {
    const s = stateOf([loaded(3)]);
    expect(takeRoom(s, room(GENERAL, { rev: 5 }), asking(s))).toEqual([{ what: "changes", room: GENERAL }]);
  });

  test("older than the state is asked again", () => {
    const s = stateOf([loaded(3)]);
    expect(takeRoom(s, room(GENERAL, { rev: 2, unread: 9 }), asking(s))).toEqual(again);
    expect(general(s).room.unread).toBe(0);
  });

  test("with an older pointer than the state is asked again", () => {
    const s = stateOf([loaded(3, { room: room(GENERAL, { rev: 3, read_rev: 2 }) })]);
    expect(takeRoom(s, room(GENERAL, { rev: 3, read_rev: 1 }), asking(s))).toEqual(again);
  });

  test("asked for before a change without revision is asked again", () => {
    const s = stateOf([loaded(3)]),
      asked = asking(s);
    apply(s, { type: "room", room: { ...room(GENERAL), topic: "food" } }, 0);
    expect(takeRoom(s, room(GENERAL, { rev: 3, topic: "old" }), asked)).toEqual(again);
    expect(general(s).room.topic).toBe("food");
  });

  test("that strangers see is none of one's own", () => {
    const s = stateOf([loaded(3)]);
    const { role: _, ...stranger } = room(GENERAL);
    expect(takeRoom(s, stranger as never, asking(s))).toEqual([]);
    expect(s.rooms.has(GENERAL)).toBe(false);
  });

  test("that is gone is dropped, unless one joined it meanwhile", () => {
    const s = stateOf([loaded(3)]),
      asked = asking(s);
    apply(s, { type: "joined", room: room(GENERAL) }, 0);
    expect(takeGone(s, GENERAL, asked)).toEqual(again);
    expect(s.rooms.has(GENERAL)).toBe(true);
    expect(takeGone(s, GENERAL, asking(s))).toEqual([]);
    expect(s.rooms.has(GENERAL)).toBe(false);
  });
});

describe("all rooms", () => {
  test("are those that are left", () => {
    const s = stateOf([loaded(3), freshRoom(room(LUNCH))]);
    expect(takeRooms(s, [room(GENERAL, { rev: 3 })], asking(s))).toEqual([]);
    expect([...s.rooms.keys()]).toEqual([GENERAL]);
  });

  test("asked for before one joined another: that one is asked for by itself", () => {
    const s = stateOf([loaded(3)]),
      asked = asking(s);
    apply(s, { type: "joined", room: room(LUNCH) }, 0);
    expect(takeRooms(s, [room(GENERAL, { rev: 3 })], asked)).toEqual([{ what: "room", room: LUNCH }]);
    expect(s.rooms.has(LUNCH)).toBe(true);
  });
});

describe("the directory", () => {
  test("is replaced", () => {
    const s = stateOf([]);
    expect(takeUsers(s, [user("mira"), user("kim")], asking(s))).toEqual([]);
    expect([...s.users.keys()]).toEqual(["mira", "kim"]);
  });

  test("asked for before somebody changed is asked again", () => {
    const s = stateOf([]),
      asked = asking(s);
    apply(s, { type: "user", user: user("kim") }, 0);
    expect(takeUsers(s, [user("mira")], asked)).toEqual([{ what: "users" }]);
    expect(s.users.has("kim")).toBe(true);
  });
});

describe("changes", () => {
  test("are merged; the last page sets the revision", () => {
    const s = stateOf([loaded(3)]);
    const edited = message(2, { rev: 4, text: "edited" });
    const first = takeChanges(s, GENERAL, 3, { head: 6, next: 4, more: true, messages: [edited] });
    expect([first, general(s).held]).toEqual([{ needs: [], next: 4 }, 3]);
    const last = takeChanges(s, GENERAL, 3, { head: 6, next: 6, more: false, messages: [message(4, { rev: 6 })] });
    expect([last, general(s).held]).toEqual([{ needs: [] }, 6]);
    expect(general(s).messages.map((m) => [m.seq, m.rev])).toEqual([
      [1, 1],
      [2, 4],
      [3, 3],
      [4, 6],
    ]);
  });

  test("since a later moment than the page that was shown meanwhile are fetched again", () => {
    const s = stateOf([loaded(3, { held: 2 })]);
    const taken = takeChanges(s, GENERAL, 3, { head: 5, next: 5, more: false, messages: [] });
    expect([taken.needs, general(s).held]).toEqual([[{ what: "changes", room: GENERAL }], 2]);
  });

  test("of a room whose messages are not in memory are dropped", () => {
    const s = stateOf([freshRoom(room(GENERAL))]);
    expect(takeChanges(s, GENERAL, 0, { head: 5, next: 5, more: false, messages: [message(1)] })).toEqual({
      needs: [],
    });
    expect(general(s).messages).toEqual([]);
  });
});

describe("a page", () => {
  test("is shown instead of what was there", () => {
    const s = stateOf([loaded(3)]);
    expect(takePage(s, GENERAL, page(9, 40, 49))).toEqual(again); // its counts are of revision 3
    expect([general(s).held, general(s).messages[0]!.seq, general(s).moreBefore]).toEqual([9, 40, true]);
  });

  test("older than the state: the changes are fetched", () => {
    const s = stateOf([loaded(3)]);
    expect(takePage(s, GENERAL, page(2, 1, 2))).toEqual([{ what: "changes", room: GENERAL }]);
    expect(general(s).held).toBe(2);
  });

  test("of a room that was left is dropped", () => {
    expect(takePage(stateOf([]), GENERAL, page(2, 1, 2))).toEqual([]);
  });
});

describe("a page that continues the stretch", () => {
  const stretch = () =>
    stateOf([
      loaded(0, {
        held: 60,
        room: room(GENERAL, { rev: 60, last_seq: 60 }),
        messages: page(60, 31, 60).messages,
        moreBefore: true,
      }),
    ]);

  test("is put before it", () => {
    const s = stretch();
    expect(takeMore(s, GENERAL, page(60, 11, 30), true, 31)).toEqual([]);
    expect([general(s).messages.length, general(s).messages[0]!.seq, general(s).moreBefore]).toEqual([50, 11, true]);
  });

  test("is dropped when the stretch has another end by now", () => {
    const s = stretch();
    expect(takeMore(s, GENERAL, page(60, 1, 10), true, 11)).toEqual([]);
    expect(general(s).messages.length).toBe(30);
  });

  test("that is behind asks for the changes since", () => {
    const s = stretch();
    expect(takeMore(s, GENERAL, page(58, 11, 30), true, 31)).toEqual([{ what: "changes", room: GENERAL }]);
    expect(general(s).held).toBe(58);
  });

  test("is put after it", () => {
    const s = stateOf([loaded(20, { moreAfter: true })]);
    takeMore(s, GENERAL, page(20, 21, 30, { more_after: true }), false, 20);
    expect([general(s).messages.at(-1)!.seq, general(s).moreAfter]).toEqual([30, true]);
  });

  test("brings nothing twice", () => {
    const s = stretch();
    takeMore(s, GENERAL, page(60, 25, 35), true, 31);
    expect(general(s).messages.map((m) => m.seq)).toEqual(Array.from({ length: 36 }, (_, i) => 25 + i));
  });

  test("far from its other end, lets go of that", () => {
    const s = stateOf([loaded(590, { moreBefore: true })]);
    const { messages } = general(s);
    s.rooms.set(GENERAL, { ...general(s), messages: messages.slice(50) });
    takeMore(s, GENERAL, page(590, 1, 50), true, 51);
    expect([general(s).messages.length, general(s).moreAfter]).toEqual([590, false]);
    const large = stateOf([loaded(600)]);
    large.rooms.set(GENERAL, { ...general(large), messages: loaded(660).messages.slice(60) });
    takeMore(large, GENERAL, page(660, 1, 60), true, 61);
    expect([general(large).messages.length, general(large).messages[0]!.seq, general(large).moreAfter]).toEqual([
      360,
      1,
      true,
    ]);
  });
});

test("the message that answers a command is put in place, unless its event was first", () => {
  const s = stateOf([loaded(3)]);
  takeMessage(s, message(3, { rev: 4, text: "edited" }));
  expect(general(s).messages[2]!.text).toBe("edited");
  takeMessage(s, message(3, { rev: 3, text: "old" }));
  expect(general(s).messages[2]!.text).toBe("edited");
  takeMessage(s, message(1, { room: "unknown" }));
  expect(s.rooms.size).toBe(1);
});
