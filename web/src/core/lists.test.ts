// Sidebar, titles, badges, the box of ⌘K, visits and drafts: what lists of rooms and people show.
import { places } from "./alert";
import { describe, expect, test } from "vitest";
import { byPerson, commandEntries, eachEntry, personEntries, roomEntries, textsOf } from "./jump";
import { freshRoom, type Frame } from "./room";
import {
  byTitle,
  badgeOf,
  calledOf,
  count,
  firstRoom,
  pageTitle,
  sections,
  stepped,
  titleOf,
  waits,
  waitsForMe,
} from "./sections";
import { at, direct, GENERAL, LUNCH, room, stateOf, user } from "./testing";
import { finder } from "../lib/fuzzy";
import { others } from "./users";
import { marked, visited } from "./visits";

const JONAS = "cccccccccccc";
const KIM = "dddddddddddd";
const state = (...rooms: Parameters<typeof freshRoom>[0][]) => stateOf(rooms.map(freshRoom));
const said = (minute: number) => ({ seq: 1, author: "jonas", text: "hi", created_at: at(minute) });
const people = new Map([user("mira"), user("jonas"), user("kim")].map((u) => [u.id, u]));
const title = (r: Frame) => titleOf(people, "mira", r);

describe("titles", () => {
  test.each([
    ["a named room by its name", room(GENERAL), "general"],
    ["a direct one by the others in it", direct(JONAS, ["mira", "jonas"]), "Jonas"],
    ["several others in their order", direct(KIM, ["mira", "kim", "jonas"]), "Kim, Jonas"],
    ["one with nobody else", direct(KIM, ["mira"]), "Notes to myself"],
    ["somebody who is not in the directory", direct(KIM, ["mira", "x"]), "Somebody"],
  ])("%s", (_, r, want) => expect(titleOf(people, "mira", freshRoom(r))).toBe(want));

  test("of the page", () => {
    expect(pageTitle(0, "", "Acme")).toBe("Acme");
    expect(pageTitle(0, "general", "Acme")).toBe("general · Acme");
    expect(pageTitle(3, "general", "Acme")).toBe("(3) general · Acme");
    expect(pageTitle(250, "", "Acme")).toBe("(99+) Acme");
  });
});

describe("the sidebar", () => {
  const s = state(
    room(LUNCH),
    room(GENERAL),
    room("eeeeeeeeeeee", { name: "attic", archived: true }),
    room("ffffffffffff", { name: "zoo", starred: true }),
    direct(JONAS, ["mira", "jonas"], { last_message: said(5) }),
    direct(KIM, ["mira", "kim"], { last_message: said(9) }),
  );
  const list = (current?: string) =>
    sections(byTitle(s.rooms.values(), title), current, (id) => s.rooms.get(id)?.room.last_message);

  test("lists starred and named rooms by name, direct ones by their latest message", () => {
    expect(list()).toEqual({
      unread: [],
      starred: ["ffffffffffff"],
      made: [],
      named: [GENERAL, LUNCH],
      direct: [KIM, JONAS],
    });
  });

  test("makes each title once, however many rooms there are", () => {
    const many = Array.from({ length: 500 }, (_, i) => freshRoom(room(`room${i}`, { name: `team-${(i * 7) % 500}` })));
    let made = 0;
    const of = byTitle(many, (r) => (made++, r.room.name!)).map((r) => r.room.name);
    expect([made, of.slice(1, 3), of.at(-1)]).toEqual([500, ["team-1", "team-2"], "team-499"]);
  });

  test("shows an archived room while it is open", () => {
    expect(list("eeeeeeeeeeee").named).toEqual(["eeeeeeeeeeee", GENERAL, LUNCH]);
  });

  test("a starred direct room is listed once", () => {
    const t = state(direct(JONAS, ["mira", "jonas"], { starred: true }));
    expect(sections(byTitle(t.rooms.values(), title), undefined, () => undefined)).toEqual({
      unread: [],
      starred: [JONAS],
      made: [],
      named: [],
      direct: [],
    });
  });

  test("a direct room without messages stands where it was made", () => {
    const t = state(
      direct(JONAS, ["mira", "jonas"], { created_at: at(7) }),
      direct(KIM, ["mira", "kim"], { last_message: said(3) }),
    );
    const latest = (id: string) => t.rooms.get(id)?.room.last_message;
    expect(sections(byTitle(t.rooms.values(), title), undefined, latest).direct).toEqual([JONAS, KIM]);
  });

  test("is gone through with the keyboard, round and round", () => {
    const step = (from: string | undefined, by: number) => stepped(list(), s.rooms, from, by, false);
    expect(step("ffffffffffff", 1)).toBe(GENERAL);
    expect(step(JONAS, 1)).toBe("ffffffffffff");
    expect(step("ffffffffffff", -1)).toBe(JONAS);
    expect(step(undefined, 1), "without a room: the first").toBe("ffffffffffff");
  });

  test("backwards without a room: the last", () => {
    expect(stepped(list(), s.rooms, undefined, -1, false)).toBe(JONAS);
  });

  test("of unread rooms, without muted ones, until there is no other", () => {
    const t = state(
      room(GENERAL),
      room(LUNCH, { unread: 2 }),
      direct(KIM, ["mira", "kim"], { unread: 1, muted: true }),
    );
    const of = sections(byTitle(t.rooms.values(), title), GENERAL, () => undefined);
    for (const by of [1, -1]) expect(stepped(of, t.rooms, GENERAL, by, true)).toBe(LUNCH);
    expect(stepped(of, t.rooms, undefined, 1, true), "from the inbox").toBe(LUNCH);
    expect(stepped(of, t.rooms, LUNCH, 1, true)).toBeUndefined();
  });

  test("has rooms with something unread first, if one wants that", () => {
    const first = new Set([JONAS, "ffffffffffff"]);
    const latest = (id: string) => s.rooms.get(id)?.room.last_message;
    expect(sections(byTitle(s.rooms.values(), title), undefined, latest, first)).toEqual({
      unread: [JONAS, "ffffffffffff"],
      starred: [],
      made: [],
      named: [GENERAL, LUNCH],
      direct: [KIM],
    });
  });
});

describe("counts", () => {
  test("a direct room counts everything, another one mentions", () => {
    expect(badgeOf(direct(KIM, ["mira"], { unread: 4, mention_count: 1 }))).toBe(4);
    expect(badgeOf(room(GENERAL, { unread: 4, mention_count: 1 }))).toBe(1);
  });

  test("the page counts the rooms in which something waits for one, and not the muted ones", () => {
    const s = state(
      room(GENERAL, { unread: 9, mention_count: 2 }),
      room(LUNCH, { mention_count: 5, muted: true }),
      direct(KIM, ["mira", "kim"], { unread: 3 }),
    );
    expect(places(s.rooms.values())).toBe(2);
  });

  test("a muted room waits for nobody, and can be read all the same", () => {
    const of = (more: object) => freshRoom(room(GENERAL, more));
    expect([waits(of({ unread: 1 })), waits(of({ unread: 1, muted: true })), waits(of({})), waits(undefined)]).toEqual([
      true,
      false,
      false,
      false,
    ]);
    expect([
      waitsForMe(of({ unread: 1, muted: true })),
      waitsForMe(of({ mention_count: 1 })),
      waitsForMe(of({})),
    ]).toEqual([true, true, false]);
  });

  test("are drawn to 99", () => expect([0, 99, 100].map(count)).toEqual(["0", "99", "99+"]));
});

describe("where one begins", () => {
  test.each([
    ["in the room of last time", [room(LUNCH), room(GENERAL)], LUNCH, LUNCH],
    ["in general", [room(LUNCH), room(GENERAL)], "gone", GENERAL],
    ["in any room", [room(LUNCH)], "", LUNCH],
    ["nowhere without a room", [], "", undefined],
  ])("%s", (_, rooms, last, want) => expect(firstRoom(state(...rooms).rooms, last)).toBe(want));
});

describe("the box of ⌘K", () => {
  test("lists rooms, the one with the latest message first, with what waits in them", () => {
    const s = state(
      room(GENERAL, { last_message: said(1) }),
      room(LUNCH, { last_message: said(9), unread: 250 }),
      direct(KIM, ["mira", "kim"], { last_message: said(5) }),
    );
    const entries = roomEntries({ ...s, users: people }, (r) => calledOf(people, "mira", r));
    expect(entries.map((e) => [e.key, e.title, e.hint, e.words])).toEqual([
      [LUNCH, [{ name: "#lunch" }], "99 unread", ["lunch"]],
      [KIM, [{ name: "Kim" }], "Direct message", ["Kim", "kim"]],
      [GENERAL, [{ name: "#general" }], "Room", ["general"]],
    ]);
  });

  test("the first few are the same as those of the whole list, and all are made one by one before it is listed", () => {
    const some = Array.from({ length: 40 }, (_, i) =>
        room(`r${i}`, i % 7 ? { last_message: said((i * 13) % 40) } : {}),
      ),
      s = stateOf(
        [...some, direct(KIM, ["mira", "kim"])].map(freshRoom),
        ["mira", "kim", "jonas"].map((id) => user(id)),
      ),
      title = (r: Frame) => calledOf(s.users, "mira", r);
    const each = [...eachEntry(s, title)],
      all = [...roomEntries(s, title), ...personEntries(s)];
    expect(roomEntries(s, title, 9)).toEqual(all.slice(0, 9));
    expect([each.length, new Set([...each, ...all]).size]).toEqual([42, 42]);
  });

  test("finds people by name and handle", () => {
    const s = stateOf([], [user("mira"), user("kim", { name: "Kim Li" })]);
    expect(personEntries(s)).toEqual([
      {
        is: "person",
        key: "kim",
        title: [{ name: "Kim Li", handle: "kim" }],
        hint: "Person",
        words: ["Kim Li", "kim"],
      },
    ]);
  });

  test("a bot is listed as one", () => {
    const s = stateOf([], [user("mira"), user("builds", { bot: true })]);
    expect(personEntries(s).map((e) => e.hint)).toEqual(["Bot"]);
  });

  test("lists nobody twice: whom one has talked with stands there with the room", () => {
    const s = stateOf(
      [direct(JONAS, ["mira", "jonas"]), direct(KIM, ["mira", "kim", "jonas"])].map(freshRoom),
      ["mira", "jonas", "kim"].map((id) => user(id)),
    );
    const rooms = roomEntries(s, (r) => calledOf(s.users, "mira", r));
    expect(rooms.map((e) => e.words)).toEqual([["Jonas", "jonas"], ["Kim kim Jonas jonas Kim Jonas"]]);
    expect(personEntries(s).map((e) => e.key)).toEqual(["kim"]);
  });

  test("what did not change is listed by the same entry, so that it is not taken apart again", () => {
    const s = stateOf(
      [room(GENERAL), room(LUNCH), direct(JONAS, ["mira", "jonas"])].map(freshRoom),
      ["mira", "jonas", "kim"].map((id) => user(id)),
    );
    const all = () => [...roomEntries(s, (r) => calledOf(s.users, "mira", r)), ...personEntries(s)],
      before = new Set(all()),
      fresh = () =>
        all()
          .filter((e) => !before.has(e))
          .map((e) => [e.key, e.words, e.hint]);
    expect(fresh()).toEqual([]);
    expect([...eachEntry(s, (r) => calledOf(s.users, "mira", r))].filter((e) => !before.has(e))).toEqual([]);
    s.rooms.set(LUNCH, freshRoom(room(LUNCH, { unread: 3 })));
    expect(fresh()).toEqual([[LUNCH, ["lunch"], "3 unread"]]);
    s.users.set("jonas", user("jonas", { name: "Joe" }));
    s.users.set("kim", user("kim", { name: "Kimberly" }));
    expect(fresh().slice(1)).toEqual([
      [JONAS, ["Joe", "jonas"], "Direct message"],
      ["kim", ["Kimberly", "kim"], "Person"],
    ]);
  });

  test("of people who fit equally well, those from A to Z are found first; rooms stand before them as they are", () => {
    const s = stateOf(
      [room(GENERAL, { name: "zoo" }), room(LUNCH, { name: "art" })].map(freshRoom),
      ["mira", "u3", "u1", "u2"].map((id) => user(id, { name: `Number ${id.slice(1)}` })),
    );
    const entries = [...roomEntries(s, (r) => calledOf(s.users, "mira", r)), ...personEntries(s)],
      find = (q: string, limit: number) => finder(entries, textsOf, byPerson)(q, limit).map((e) => e.key);
    expect(find("", 4)).toEqual([GENERAL, LUNCH, "u1", "u2"]);
    expect(find("number", 2)).toEqual(["u1", "u2"]);
  });

  test.each([
    ["owner", ["newDirect", "newRoom", "browse", "invite", "me", "sections", "ops", "keys"]],
    ["admin", ["newDirect", "newRoom", "browse", "invite", "me", "sections", "ops", "keys"]],
    ["member", ["newDirect", "newRoom", "browse", "me", "sections", "keys"]],
    ["guest", ["newDirect", "me", "sections", "keys"]],
  ] as const)("offers a %s what she may do", (role, keys) => {
    expect(commandEntries({ role }).map((c) => c.key)).toEqual(keys);
  });

  test("those one can choose are neither oneself nor deactivated", () => {
    const all = [user("mira"), user("jonas"), user("kim", { deactivated: true })];
    expect(others(all, "mira").map((u) => u.id)).toEqual(["jonas"]);
  });

  test("those one can choose stand from A to Z, numbers by their value", () => {
    const names = ["Number 10", "Zoe", "number 2", "Émile", "Eva"];
    const all = names.map((name, i) => user(`u${i}`, { name }));
    expect(others(all, "mira").map((u) => u.name)).toEqual(["Émile", "Eva", "number 2", "Number 10", "Zoe"]);
  });
});

describe("visits", () => {
  const rooms = () =>
    state(
      room(GENERAL, { unread: 3, read_seq: 7 }),
      room(LUNCH),
      direct(JONAS, ["mira", "jonas"]),
      direct(KIM, ["mira", "kim"]),
    ).rooms;

  test("the New line stands where one left off, and nowhere when nothing is unread", () => {
    expect(visited([], rooms(), GENERAL)).toEqual([{ room: GENERAL, newAfter: 7 }]);
    expect(visited([], rooms(), LUNCH)).toEqual([{ room: LUNCH, newAfter: Infinity }]);
    expect(visited([], rooms(), "unknown")).toEqual([{ room: "unknown", newAfter: Infinity }]);
  });

  test("the room that is left stays as it was last seen", () => {
    const r = rooms(),
      seen = r.get(GENERAL);
    const there = visited(visited([], r, GENERAL), r, LUNCH);
    r.set(GENERAL, freshRoom(room(GENERAL, { unread: 50 })));
    const on = visited(there, r, JONAS);
    expect(on.map((v) => v.room)).toEqual([JONAS, LUNCH, GENERAL]);
    expect(on[2]!.left).toBe(seen);
  });

  test("coming back begins anew", () => {
    const r = rooms();
    const back = visited(visited(visited([], r, GENERAL), r, LUNCH), r, GENERAL);
    expect(back[0]).toEqual({ room: GENERAL, newAfter: 7 });
    expect(back[0]!.left).toBeUndefined();
    expect(back.map((v) => v.room)).toEqual([GENERAL, LUNCH]);
  });

  test("three rooms are kept, and none that one has left for good", () => {
    const r = rooms();
    const all = [GENERAL, LUNCH, JONAS, KIM].reduce((v, to) => visited(v, r, to), visited([], r, undefined));
    expect(all.map((v) => v.room)).toEqual([KIM, JONAS, LUNCH]);
    r.delete(JONAS);
    expect(visited(all, r, GENERAL).map((v) => v.room)).toEqual([GENERAL, KIM, LUNCH]);
  });

  test("without a room on screen none is kept", () => {
    const r = rooms();
    expect(visited(visited([], r, GENERAL), r, undefined)).toEqual([]);
  });

  test("what is marked as unread gets the line before it", () => {
    const r = rooms();
    expect(marked(visited(visited([], r, LUNCH), r, GENERAL), GENERAL, 4)).toMatchObject([
      { newAfter: 3 },
      { newAfter: Infinity },
    ]);
  });
});
