// What each live event does to the state, and what has to be fetched because of it.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { LiveEvent } from "../wire/live";
import type { MyRoom } from "../wire/types";
import { emptyState, apply, type State } from "./state";
import { direct, GENERAL, loaded, LUNCH, message, reaction, room, stateOf, user } from "./testing";
import { freshRoom } from "./room";
import { openThread } from "./threads";
import { DIRECTORY, turn } from "./turns";
import { TYPING_LASTS } from "./typing";

const NOW = 1_000_000;
const hear = (s: State, e: LiveEvent) => apply(s, e, NOW);
const general = (s: State) => s.rooms.get(GENERAL)!;

describe("message", () => {
  test("the next revision is applied to the messages and to the counts", () => {
    const s = stateOf([loaded(3)]);
    expect(hear(s, { type: "message", room: GENERAL, rev: 4, message: message(4) })).toEqual([]);
    expect(general(s).messages.map((m) => m.seq)).toEqual([1, 2, 3, 4]);
    expect([general(s).held, general(s).room.rev, general(s).room.last_seq, general(s).room.unread]).toEqual([
      4, 4, 4, 1,
    ]);
  });

  test("an old revision changes nothing", () => {
    const s = stateOf([loaded(3)]),
      before = general(s);
    expect(hear(s, { type: "message", room: GENERAL, rev: 3, message: message(3, { text: "again" }) })).toEqual([]);
    expect(general(s)).toEqual(before);
  });

  test("a later revision shows a gap: the messages and the counts are fetched", () => {
    const s = stateOf([loaded(3)]);
    expect(hear(s, { type: "message", room: GENERAL, rev: 5, message: message(5) })).toEqual([
      { what: "changes", room: GENERAL },
      { what: "room", room: GENERAL },
    ]);
    expect([general(s).held, general(s).messages.length]).toEqual([3, 3]);
  });

  test("a room without messages in memory counts all the same", () => {
    const s = stateOf([freshRoom(room(GENERAL))]);
    expect(hear(s, { type: "message", room: GENERAL, rev: 1, message: message(1) })).toEqual([]);
    expect([general(s).room.unread, general(s).messages]).toEqual([1, []]);
  });

  test("a message too large for a frame is fetched", () => {
    const s = stateOf([loaded(3)]);
    expect(hear(s, { type: "message", room: GENERAL, rev: 4, seq: 4 })).toEqual([
      { what: "changes", room: GENERAL },
      { what: "room", room: GENERAL },
    ]);
  });

  test("a room that is not in memory is fetched with all rooms", () => {
    expect(hear(emptyState("mira"), { type: "message", room: GENERAL, rev: 1, message: message(1) })).toEqual([
      { what: "rooms" },
    ]);
  });

  test("who wrote it has finished typing, in that room alone", () => {
    const s = stateOf([loaded(1), freshRoom(room(LUNCH))]);
    for (const r of [GENERAL, LUNCH]) hear(s, { type: "typing", room: r, user: "jonas" });
    hear(s, { type: "message", room: GENERAL, rev: 2, message: message(2) });
    expect([s.typing.get(GENERAL)!.has("jonas"), s.typing.get(LUNCH)!.has("jonas")]).toEqual([false, true]);
  });
});

describe("counts", () => {
  const counts = (s: State) => {
    const { unread, mention_count, last_seq, read_seq, last_message } = general(s).room;
    return { unread, mention_count, last_seq, read_seq, last: last_message?.seq };
  };
  const post = (s: State, more: Parameters<typeof message>[1] = {}) => {
    const rev = general(s).room.rev + 1,
      seq = more.seq ?? general(s).room.last_seq + 1;
    return hear(s, { type: "message", room: GENERAL, rev, message: message(seq, { rev, ...more }) });
  };

  test("of others a message counts, and a mention twice", () => {
    const s = stateOf([loaded(0)]);
    post(s);
    post(s, { mentions: ["mira", "kim"] });
    expect(counts(s)).toEqual({ unread: 2, mention_count: 1, last_seq: 2, read_seq: 0, last: 2 });
  });

  test("a message to the whole room is a mention of everybody but its author, one to who is here is none", () => {
    const s = stateOf([loaded(1)]);
    post(s, { broadcast: "room" });
    post(s, { broadcast: "here" });
    expect(counts(s)).toMatchObject({ unread: 2, mention_count: 1 });
    post(s, { broadcast: "room", mentions: ["mira"] });
    expect(counts(s)).toMatchObject({ unread: 3, mention_count: 2 });
    expect(post(s, { thread: 1, broadcast: "room" })).toEqual([{ what: "room", room: GENERAL }]);
    expect(post(s, { thread: 1, broadcast: "here" })).toEqual([]);
    expect(post(s, { thread: 1, broadcast: "room", author: "mira" })).toEqual([]);
  });

  test("one's own message moves one's pointer to it", () => {
    const s = stateOf([loaded(0)]);
    post(s, { mentions: ["mira"] });
    post(s, { author: "mira" });
    expect(counts(s)).toEqual({ unread: 0, mention_count: 0, last_seq: 2, read_seq: 2, last: 2 });
  });

  test("a system message is the latest, and counts for nobody", () => {
    const s = stateOf([loaded(0)]);
    post(s, { system: { what: "renamed", value: "food" }, mentions: ["mira"] });
    expect(counts(s)).toEqual({ unread: 0, mention_count: 0, last_seq: 1, read_seq: 0, last: 1 });
  });

  test("a reply that stays in its thread counts only when it mentions one, and then the room is fetched", () => {
    const s = stateOf([loaded(1)]);
    expect(post(s, { thread: 1 })).toEqual([]);
    expect(counts(s)).toEqual({ unread: 0, mention_count: 0, last_seq: 2, read_seq: 0, last: undefined });
    expect(post(s, { thread: 1, mentions: ["mira"] })).toEqual([{ what: "room", room: GENERAL }]);
  });

  test("a reply that is also in the room counts as a message", () => {
    const s = stateOf([loaded(1)]);
    post(s, { thread: 1, also_in_room: true });
    expect(counts(s)).toMatchObject({ unread: 1, last: 2 });
  });

  test("counts stop at a hundred", () => {
    const s = stateOf([loaded(0)]);
    for (let i = 0; i < 120; i++) post(s, { mentions: ["mira"] });
    expect(counts(s)).toMatchObject({ unread: 100, mention_count: 100 });
  });

  test.each([
    ["an edit of what is unread", { seq: 3, edited_at: "x" }, true],
    ["a deletion of what is unread", { seq: 3, deleted_at: "x" }, true],
    ["a thread that grew", { seq: 3 }, false],
    ["an edit of what is read", { seq: 1, edited_at: "x" }, false],
  ])("%s asks for the room: %j", (_, change, asks) => {
    const s = stateOf([loaded(4, { room: room(GENERAL, { rev: 4, last_seq: 4, read_seq: 2, unread: 2 }) })]);
    expect(post(s, change)).toEqual(asks ? [{ what: "room", room: GENERAL }] : []);
    expect(counts(s).unread, "it is not guessed").toBe(2);
  });

  test("an edit of the latest message asks for the room, read or not", () => {
    const last_message = { seq: 4, author: "jonas", text: "m4", created_at: "" };
    const s = stateOf([loaded(4, { room: room(GENERAL, { rev: 4, last_seq: 4, read_seq: 4, last_message }) })]);
    expect(post(s, { seq: 4, edited_at: "x" })).toEqual([{ what: "room", room: GENERAL }]);
  });

  test("a message whose seq is not the next asks for the room", () => {
    const s = stateOf([loaded(4)]);
    expect(post(s, { seq: 7 })).toEqual([{ what: "room", room: GENERAL }]);
  });

  describe("the latest message is shortened to 200 characters, and no emoji is cut:", () => {
    const cases = JSON.parse(readFileSync("../text/testdata/brief.json", "utf8")) as {
      what: string;
      lead: number;
      unit: string;
      times: number;
      kept: number;
    }[];
    test.each(cases)("$what", ({ lead, unit, times, kept }) => {
      const s = stateOf([loaded(0)]),
        text = "x".repeat(lead) + unit.repeat(times);
      post(s, { text });
      expect(general(s).room.last_message!.text).toBe([...text].slice(0, kept).join(""));
    });
  });
});

describe("reaction", () => {
  const react = (rev: number, who: string, added: boolean, users: string[], emoji = "🎉"): LiveEvent => ({
    type: "reaction",
    room: GENERAL,
    rev,
    seq: 2,
    user: who,
    added,
    reaction: reaction(emoji, users),
  });
  const chips = (s: State) => general(s).messages[1]!.reactions.map((r) => [r.emoji, r.count, r.me]);

  test("of others", () => {
    const s = stateOf([loaded(3)]);
    hear(s, react(4, "jonas", true, ["jonas"]));
    expect(chips(s)).toEqual([["🎉", 1, false]]);
    expect([general(s).held, general(s).room.rev, general(s).room.unread]).toEqual([4, 4, 0]);
  });

  test("one's own, also from another device", () => {
    const s = stateOf([loaded(3)]);
    hear(s, react(4, "mira", true, ["mira"]));
    expect(chips(s)).toEqual([["🎉", 1, true]]);
    hear(s, react(5, "jonas", true, ["mira", "jonas"]));
    expect(chips(s), "that of another does not take one's own").toEqual([["🎉", 2, true]]);
    hear(s, react(6, "mira", false, ["jonas"]));
    expect(chips(s)).toEqual([["🎉", 1, false]]);
  });

  test("the last one that goes takes the chip along", () => {
    const s = stateOf([loaded(3)]);
    hear(s, react(4, "jonas", true, ["jonas"]));
    hear(s, react(5, "jonas", true, ["jonas"], "👍"));
    hear(s, react(6, "jonas", false, []));
    expect(chips(s)).toEqual([["👍", 1, false]]);
  });

  test("a gap is fetched", () => {
    const s = stateOf([loaded(3)]);
    expect(hear(s, react(6, "jonas", true, ["jonas"]))).toEqual([
      { what: "changes", room: GENERAL },
      { what: "room", room: GENERAL },
    ]);
    expect(chips(s)).toEqual([]);
  });
});

describe("rooms and memberships", () => {
  test("room: what the event leaves out is empty", () => {
    const s = stateOf([freshRoom(room(GENERAL, { topic: "food", archived: true, unread: 3 }))]);
    const { name: _, ...changed } = room(GENERAL, { posting: "owners" });
    expect(hear(s, { type: "room", room: changed })).toEqual([]);
    const now = general(s).room;
    expect([now.name, now.topic, now.archived, now.posting]).toEqual([undefined, undefined, undefined, "owners"]);
    expect(turn(s.turns, GENERAL)).toBe(1);
  });

  test("my_room: one's settings change, and nothing that others see", () => {
    const s = stateOf([freshRoom(room(GENERAL, { topic: "food", unread: 3 }))]);
    const mine = room(GENERAL, {
      role: "owner",
      notify: "nothing",
      starred: true,
      muted: true,
      topic: "old",
      unread: 0,
    });
    hear(s, { type: "my_room", room: mine });
    expect(general(s).room).toMatchObject({
      role: "owner",
      notify: "nothing",
      starred: true,
      muted: true,
      topic: "food",
      unread: 3,
    });
    expect(general(s).membersVersion).toBe(1);
  });

  test("joined: a new room is there, without messages", () => {
    const s = stateOf([]);
    expect(hear(s, { type: "joined", room: room(LUNCH) })).toEqual([]);
    expect(s.rooms.get(LUNCH)).toEqual(freshRoom(room(LUNCH)));
  });

  test("joined: a room that is in memory already is fetched, since either may be newer", () => {
    const s = stateOf([loaded(3)]);
    expect(hear(s, { type: "joined", room: room(GENERAL) })).toEqual([{ what: "room", room: GENERAL }]);
    expect(general(s).messages).toHaveLength(3);
  });

  test("left: the room goes, with all that belongs to it", () => {
    const s = stateOf([loaded(3), freshRoom(room(LUNCH))]);
    s.threads.set(GENERAL, openThread(GENERAL, 1));
    s.members.set(GENERAL, { members: [] });
    hear(s, { type: "typing", room: GENERAL, user: "jonas" });
    expect(hear(s, { type: "left", room: GENERAL, reason: "removed" })).toEqual([]);
    expect([[...s.rooms.keys()], s.threads.size, s.members.size, s.typing.size]).toEqual([[LUNCH], 0, 0, 0]);
  });

  test("members: the count changes, and a list on screen is old", () => {
    const s = stateOf([loaded(1)]);
    expect(hear(s, { type: "members", room: GENERAL, member_count: 9 })).toEqual([]);
    expect([general(s).room.member_count, general(s).membersVersion]).toEqual([9, 1]);
  });

  const forGuests: [string, LiveEvent][] = [
    ["joined", { type: "joined", room: room(LUNCH) }],
    ["left", { type: "left", room: GENERAL, reason: "left" }],
    ["members", { type: "members", room: GENERAL, member_count: 3 }],
  ];
  test.each(forGuests)("%s: a guest fetches the directory, since whom she sees may have changed", (_, e) => {
    const s = stateOf([loaded(1)], [user("mira", { role: "guest" })]);
    expect(hear(s, e)).toEqual([{ what: "users" }]);
    expect(turn(s.turns, DIRECTORY)).toBe(1);
  });

  test("a room that is not in memory is not made by an event about it", () => {
    const s = stateOf([]);
    hear(s, { type: "room", room: room(GENERAL) });
    hear(s, { type: "my_room", room: room(GENERAL) });
    hear(s, { type: "members", room: GENERAL, member_count: 3 });
    hear(s, { type: "read", room: GENERAL, seq: 1, read_rev: 1, unread: 0, mention_count: 0 });
    expect(s.rooms.size).toBe(0);
  });
});

describe("read", () => {
  const pointer = (read_rev: number, seq: number, unread: number): LiveEvent => ({
    type: "read",
    room: GENERAL,
    seq,
    read_rev,
    unread,
    mention_count: 0,
  });
  const of = (s: State): Partial<MyRoom> => {
    const { read_seq, read_rev, unread } = general(s).room;
    return { read_seq, read_rev, unread };
  };

  test("a newer move of the pointer is taken, forwards and backwards", () => {
    const s = stateOf([freshRoom(room(GENERAL, { last_seq: 9, unread: 9 }))]);
    hear(s, pointer(1, 9, 0));
    hear(s, pointer(2, 4, 5));
    expect(of(s)).toEqual({ read_seq: 4, read_rev: 2, unread: 5 });
  });

  test("an older one is not", () => {
    const s = stateOf([freshRoom(room(GENERAL, { last_seq: 9, read_seq: 9, read_rev: 5 }))]);
    hear(s, pointer(4, 2, 7));
    hear(s, pointer(5, 2, 7));
    expect(of(s)).toEqual({ read_seq: 9, read_rev: 5, unread: 0 });
  });

  const mine = (seq: number): LiveEvent => {
    const m = message(seq, { author: "mira" });
    return { type: "message", room: GENERAL, rev: m.rev, message: m };
  };

  test("an own post raises the revision, so that a late event cannot set the pointer back", () => {
    const s = stateOf([freshRoom(room(GENERAL, { rev: 9, last_seq: 9, unread: 9 }))]);
    hear(s, mine(10));
    expect(of(s)).toEqual({ read_seq: 10, read_rev: 1, unread: 0 });
    hear(s, pointer(1, 5, 4)); // moved before the post
    expect(of(s)).toEqual({ read_seq: 10, read_rev: 1, unread: 0 });
  });

  test("one that is ahead waits for the post that it follows", () => {
    const s = stateOf([freshRoom(room(GENERAL, { rev: 9, last_seq: 9, unread: 9 }))]);
    expect(hear(s, pointer(2, 4, 5))).toEqual([{ what: "room", room: GENERAL }]);
    hear(s, mine(10));
    expect(of(s)).toEqual({ read_seq: 10, read_rev: 1, unread: 0 });
    hear(s, pointer(2, 4, 5));
    expect(of(s)).toEqual({ read_seq: 4, read_rev: 2, unread: 5 });
  });

  test("an own post that the pointer counts already does not raise it again", () => {
    const s = stateOf([freshRoom(room(GENERAL, { rev: 9, last_seq: 9, read_seq: 10, read_rev: 3 }))]);
    hear(s, mine(10));
    expect(of(s)).toEqual({ read_seq: 10, read_rev: 3, unread: 0 });
  });
});

describe("people", () => {
  test("user: somebody is new, or changed; a known address is kept", () => {
    const s = stateOf([], [user("mira"), user("jonas", { email: "jonas@example.com" })]);
    hear(s, { type: "user", user: user("kim") });
    hear(s, { type: "user", user: user("jonas", { name: "Jonas W." }) });
    expect(s.users.get("kim")!.name).toBe("Kim");
    expect(s.users.get("jonas")).toMatchObject({ name: "Jonas W.", email: "jonas@example.com" });
    expect(turn(s.turns, DIRECTORY)).toBe(2);
  });

  test("user: with another role one sees other people and addresses, so the directory is fetched", () => {
    const s = stateOf([], [user("mira", { role: "member" }), user("jonas", { role: "member" })]);
    expect(hear(s, { type: "user", user: user("mira", { role: "member", name: "Mira W." }) })).toEqual([]);
    expect(hear(s, { type: "user", user: user("jonas", { role: "admin" }) })).toEqual([]);
    expect(hear(s, { type: "user", user: user("mira", { role: "guest" }) })).toEqual([{ what: "users" }]);
    // The directory may have come before this event, and what was before it.
    expect(hear(s, { type: "user", user: user("mira", { role: "guest" }) })).toEqual([{ what: "users" }]);
  });

  test("typing lasts five seconds", () => {
    const s = stateOf([loaded(1)]);
    hear(s, { type: "typing", room: GENERAL, user: "jonas" });
    expect(s.typing.get(GENERAL)).toEqual(new Map([["jonas", NOW + TYPING_LASTS]]));
  });

  test("presence: of those who are named alone", () => {
    const s = stateOf([]);
    hear(s, { type: "presence", users: { jonas: "active", kim: "away" } });
    hear(s, { type: "presence", users: { kim: "offline" } });
    expect([...s.presence]).toEqual([
      ["jonas", "active"],
      ["kim", "offline"],
    ]);
  });
});

test("resync: everything is compared", () => {
  expect(hear(stateOf([]), { type: "resync" })).toEqual([{ what: "rooms" }, { what: "users" }]);
});

test.each<LiveEvent>([
  { type: "hello", user: "mira", connection: "c", epoch: "e", heartbeat: 25 },
  { type: "pong" },
  { type: "bye", code: 4001 },
  { type: "notify", room: LUNCH, seq: 3, cause: "direct", reason: "This is a direct message." },
  { type: "of a newer server" } as unknown as LiveEvent,
])("$type changes nothing", (e) => {
  const s = stateOf([loaded(3), freshRoom(direct(LUNCH, ["mira", "jonas"]))]),
    before = structuredClone({ rooms: s.rooms, users: s.users });
  expect(hear(s, e)).toEqual([]);
  expect({ rooms: s.rooms, users: s.users }).toEqual(before);
});
