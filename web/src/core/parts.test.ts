// The small parts of the core: typing, threads, members, rights, reactions, names, filling.
import { describe, expect, test } from "vitest";
import {
  around,
  BEGIN,
  drawn,
  END,
  filled,
  isWhole,
  LAST,
  muchCame,
  opened,
  screenful,
  startOf,
  WHOLE,
  type Span,
} from "./filling";
import { deedOf, isAdmin, lastOwn, mayAddMembers, mayDelete, mayEdit, mayManage, mayPost, mayReact } from "./may";
import { membersStale } from "./members";
import { only, roomName } from "./names";
import { quick, reacted, used, whoReacted } from "./reactions";
import { freshRoom } from "./room";
import { direct, GENERAL, loaded, LUNCH, message, reaction, room, user } from "./testing";
import { startTyping, stopTyping, TYPING_LASTS, typingLine, whoTypes, type Typing } from "./typing";

describe("typing", () => {
  const typing = (): Typing => {
    const t: Typing = new Map();
    startTyping(t, GENERAL, "jonas", 1000);
    startTyping(t, GENERAL, "mira", 1000);
    startTyping(t, GENERAL, "kim", 3000);
    return t;
  };

  test("is believed for five seconds, and of others alone", () => {
    expect(whoTypes(typing(), GENERAL, "mira", 1000)).toEqual(["jonas", "kim"]);
    expect(whoTypes(typing(), GENERAL, "mira", 1000 + TYPING_LASTS)).toEqual(["kim"]);
    expect(whoTypes(typing(), GENERAL, "mira", 3000 + TYPING_LASTS)).toEqual([]);
    expect(whoTypes(typing(), LUNCH, "mira", 1000)).toEqual([]);
  });

  test("goes on with each key", () => {
    const t = typing();
    startTyping(t, GENERAL, "jonas", 5000);
    expect(whoTypes(t, GENERAL, "mira", 9000)).toEqual(["jonas"]);
  });

  test("stops with the message; who did not type changes nothing", () => {
    const t = typing(),
      before = t.get(GENERAL);
    stopTyping(t, GENERAL, "ada");
    stopTyping(t, LUNCH, "jonas");
    expect(t.get(GENERAL), "nothing is drawn anew").toBe(before);
    stopTyping(t, GENERAL, "jonas");
    expect(whoTypes(t, GENERAL, "mira", 3000)).toEqual(["kim"]);
    expect(before!.has("jonas"), "states are immutable").toBe(true);
  });

  test.each([
    [[], ""],
    [["Mira"], "Mira is typing…"],
    [["Mira", "Kim"], "Mira and Kim are typing…"],
    [["Mira", "Kim", "Ada"], "Several people are typing…"],
  ])("of %j is said so", (names, line) => expect(typingLine(names)).toBe(line));
});

test("a member list is stale until it was fetched, and after each change of membership", () => {
  const r = loaded(0);
  expect(membersStale({ members: [] }, r)).toBe(true);
  expect(membersStale({ members: [], version: 0 }, r)).toBe(false);
  expect(membersStale({ members: [], version: 0 }, { ...r, membersVersion: 1 })).toBe(true);
  expect(membersStale({ members: [] }, undefined)).toBe(false);
});

describe("who may do what", () => {
  const mira = user("mira"),
    admin = user("mira", { role: "admin" }),
    guest = user("mira", { role: "guest" });
  const of = (more: Parameters<typeof room>[1] = {}) => freshRoom(room(GENERAL, more));
  const own = message(1, { author: "mira" }),
    other = message(1);
  const closed = of({ posting: "owners" }),
    archived = of({ archived: true }),
    owned = of({ role: "owner", posting: "owners" });

  test("post", () => expect([of(), owned, closed, archived].map(mayPost)).toEqual([true, true, false, false]));

  test("react: to what is there, in a room that lives", () => {
    expect([mayReact(other, of()), mayReact(other, closed), mayReact(other, archived)]).toEqual([true, true, false]);
    expect(mayReact(message(1, { deleted_at: "x" }), of())).toBe(false);
  });

  test("edit: one's own, where one may post", () => {
    expect(mayEdit(own, of(), mira)).toBe(true);
    expect(mayEdit(other, of(), admin)).toBe(false);
    expect(mayEdit(own, archived, mira)).toBe(false);
    expect(mayEdit(own, closed, mira)).toBe(false);
    expect(mayEdit({ ...own, thread: 1 }, closed, mira), "a reply stays one's own").toBe(true);
    expect(mayEdit({ ...own, thread: 1, also_in_room: true }, closed, mira)).toBe(false);
    expect(mayEdit({ ...own, system: { what: "topic" } }, of(), mira)).toBe(false);
    expect(mayEdit({ ...own, deleted_at: "x" }, of(), mira)).toBe(false);
  });

  test("delete: one's own, any as owner of the room, any as admin outside of direct rooms", () => {
    expect([mayDelete(own, of(), mira), mayDelete(other, of(), mira)]).toEqual([true, false]);
    expect([mayDelete(other, owned, mira), mayDelete(other, of(), admin)]).toEqual([true, true]);
    expect(mayDelete(other, freshRoom(direct(LUNCH, ["mira", "jonas"])), admin)).toBe(false);
    expect(mayDelete(own, archived, mira)).toBe(false);
  });

  test("manage a room, and add members to it", () => {
    expect([mayManage(of(), mira), mayManage(owned, mira), mayManage(of(), admin)]).toEqual([false, true, true]);
    expect(mayManage(freshRoom(direct(LUNCH, ["mira"])), admin)).toBe(false);
    expect([mayAddMembers(of(), mira), mayAddMembers(of(), guest), mayAddMembers(archived, mira)]).toEqual([
      true,
      false,
      false,
    ]);
    expect(mayAddMembers(freshRoom(direct(LUNCH, ["mira"])), mira)).toBe(false);
  });

  test("admins are owners too", () => {
    expect((["owner", "admin", "member", "guest"] as const).map((role) => isAdmin({ role }))).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  test("keys on a message do what one may do", () => {
    const threaded = { ...own, thread_info: { replies: 1, last_reply_at: "", repliers: ["jonas"] } };
    expect(["e", "r", "t", "x"].map((k) => deedOf(k, threaded, of(), mira))).toEqual([
      "edit",
      "react",
      "thread",
      undefined,
    ]);
    expect(["e", "r", "t"].map((k) => deedOf(k, other, archived, mira))).toEqual([undefined, undefined, undefined]);
  });

  test("↑ edits one's last message that can be edited", () => {
    const messages = [own, message(2, { author: "mira" }), message(3, { author: "mira", deleted_at: "x" }), message(4)];
    expect(lastOwn(loaded(0, { messages }), "mira")?.seq).toBe(2);
    expect(lastOwn(loaded(4), "mira")).toBeUndefined();
  });
});

describe("reactions", () => {
  const name = (id: string) => id.toUpperCase();

  test.each([
    [reaction("🎉", ["jonas"]), "JONAS"],
    [reaction("🎉", ["mira"]), "You"],
    [reaction("🎉", ["jonas", "mira"]), "JONAS and You"],
    [reaction("🎉", ["jonas", "kim", "ada"]), "JONAS, KIM and ADA"],
    [reaction("🎉", ["jonas", "kim"], { count: 9 }), "JONAS, KIM and 7 more"],
  ])("of %j", (r, want) => expect(whoReacted(r, "mira", name)).toBe(want));

  test("three are offered: one's own first, none twice", () => {
    expect(quick([])).toEqual(["👍", "🎉", "❤️"]);
    expect(quick(["🍜", "👍"])).toEqual(["🍜", "👍", "🎉"]);
    expect(quick(["a", "b", "c", "d"])).toEqual(["a", "b", "c"]);
  });

  test("the latest comes first, and 24 are remembered", () => {
    expect(used(["a", "b"], "b")).toEqual(["b", "a"]);
    const many = Array.from({ length: 24 }, (_, i) => `e${i}`);
    expect([used(many, "new").length, used(many, "new")[0]]).toEqual([24, "new"]);
  });

  test("one has reacted when one's own mark is on the chip", () => {
    const m = message(1, {
      reactions: [reaction("🎉", ["mira"], { me: true }), reaction("👍", ["jonas"], { me: false })],
    });
    expect(["🎉", "👍", "👀"].map((e) => reacted(m, e))).toEqual([true, false, false]);
  });
});

describe("names", () => {
  test("a room's name has no spaces and no capitals", () => expect(roomName("Lunch Today")).toBe("lunch-today"));
  test("undefined fields are left out, empty ones are not", () => {
    expect(only<{ a?: string; b?: string; c: number }>({ a: undefined, b: "", c: 0 })).toEqual({ b: "", c: 0 });
  });
});

describe("filling", () => {
  const { messages } = loaded(100);

  test("begins with a screenful at the end", () => {
    expect(screenful(520)).toBe(20);
    expect(startOf(messages, BEGIN, 20)).toBe(80);
    expect(startOf(messages.slice(0, 5), BEGIN, 20)).toBe(0);
  });

  /** The first and the last row that is drawn, frame by frame, until all are. */
  function frames(span: Span): number[][] {
    const all = [];
    for (let s = span; ; s = filled(messages, s, 20)) {
      const rows = drawn(
        messages.map((m) => ({ m })),
        messages,
        s,
        20,
      );
      all.push([rows[0]!.m.seq, rows.at(-1)!.m.seq]);
      if (isWhole(s)) return all;
    }
  }

  test("adds rows frame by frame until all are there", () => {
    expect(frames(LAST).map(([first]) => first)).toEqual([81, 65, 49, 33, 17, 1]);
  });

  test("begins around the New line, and goes on below it before it goes on above", () => {
    const span = around(messages, 41, 20);
    expect(frames(span)).toEqual([
      [33, 61],
      [33, 78],
      [33, 95],
      [33, 100],
      [17, 100],
      [1, 100],
    ]);
    expect(around(messages, 81, 20), "the last screenful").toEqual(LAST);
    expect(frames(around(messages, 1, 20))[0]).toEqual([1, 21]);
  });

  test("shown again, keeps the rows that are there, unless much came", () => {
    expect(opened(messages, WHOLE, 90, 91, 20)).toBe(WHOLE);
    expect(opened(messages, WHOLE, 41, 41, 20)).toEqual(around(messages, 41, 20));
    expect(opened(messages, LAST, 90, 41, 20), "not all were drawn").toEqual(around(messages, 41, 20));
  });

  test("keeps its first row when messages before it go", () => {
    const { from } = filled(messages, LAST, 20);
    expect(messages[startOf(messages, from, 20)]!.seq).toBe(65);
    const shorter = messages.slice(30);
    expect(shorter[startOf(shorter, from, 20)]!.seq).toBe(65);
  });

  test("draws few long messages at once: they fill the screen", () => {
    const long = messages.map((m) => ({ ...m, text: "x".repeat(m.seq % 2 ? 4000 : 900) })); // 6 lines and 3, as they are counted
    expect([startOf(long, BEGIN, 27), startOf(long, BEGIN, 28)]).toEqual([long.length - 6, long.length - 7]);
    const { from } = filled(long, LAST, 27);
    expect(long[from - 1]!.seq, "48 lines").toBe(100 - 6 - 10);
    expect(around(long, 95, 27), "the New line is at the end").toEqual(LAST);
    expect(around(long, 94, 27), "or above what is drawn there").toEqual({ from: 86, to: END });
  });

  test("begins anew when more than a screenful came", () => {
    expect(muchCame(messages, 79, 20)).toBe(true);
    expect(muchCame(messages, 80, 20)).toBe(false);
    expect(muchCame(messages, 0, 20), "nothing was there before").toBe(false);
  });
});
