// What is fetched, when, and how often. The oracle of the whole is core/state.test.ts.
import { describe, expect, test, vi } from "vitest";
import { direct, GENERAL, loaded, LUNCH, me, message, problem, room, settle, stateOf, user } from "../core/testing";
import { freshRoom, type RoomState } from "../core/room";
import type { Changes, MyRoom, Page } from "../wire/types";
import { ApiError } from "./api";
import { Sync } from "./sync";

const page = (n: number, more: Partial<Page> = {}): Page => ({
  head: n,
  messages: Array.from({ length: n }, (_, i) => message(i + 1)),
  more_before: false,
  more_after: false,
  ...more,
});
const changes = (more: Partial<Changes> = {}): Changes => ({ head: 9, next: 9, more: false, messages: [], ...more });

/** A sync of Mira's rooms, with a server of mocks and pauses that are over at once. */
function house(rooms: readonly RoomState[] = [loaded(3)]) {
  const state = stateOf(rooms);
  const api = {
    rooms: vi.fn(
      async (etag: string) =>
        ({ epoch: "e", rooms: rooms.map((r) => r.room), etag: etag + "1" }) as
          { epoch: string; rooms: MyRoom[]; etag: string } | undefined,
    ),
    users: vi.fn(async (etag: string) => ({ users: [user("mira"), user("jonas")], etag: etag + "1" })),
    room: vi.fn(async (id: string) => state.rooms.get(id)?.room ?? room(id)),
    page: vi.fn(async (_id: string, _q?: object) => page(3)),
    message: vi.fn(async (_id: string, seq: number) => message(seq)),
    changes: vi.fn(async (_id: string, _since: number) => changes()),
    me: vi.fn(async () => me()),
    members: vi.fn(async () => [{ user: "jonas", role: "member" as const, joined_at: "" }]),
  };
  const on = { restored: vi.fn(), isOver: vi.fn(async () => true), me: vi.fn(), failed: vi.fn() };
  const pauses: number[] = [];
  const sync = new Sync(api as never, state, on, async (ms) => void pauses.push(ms));
  return { sync, api, on, pauses, state, general: () => state.rooms.get(GENERAL)! };
}

describe("comparing everything", () => {
  test("asks for rooms and users, by their ETags the next time", async () => {
    const h = house();
    await h.sync.reconcile();
    await h.sync.reconcile();
    expect(h.api.rooms.mock.calls).toEqual([[""], ["1"]]);
    expect(h.api.users.mock.calls).toEqual([[""], ["1"]]);
  });

  test("several at once are one", async () => {
    const h = house();
    await Promise.all([h.sync.reconcile(), h.sync.reconcile(), h.sync.reconcile()]);
    expect(h.api.rooms.mock.calls.length, "one, and one more for those who asked meanwhile").toBe(2);
  });

  test("an unchanged list changes nothing", async () => {
    const h = house(),
      before = h.general();
    h.api.rooms.mockResolvedValue(undefined);
    await h.sync.reconcile();
    expect(h.general()).toBe(before);
  });

  test("another epoch: the workspace was restored, and nothing of the old one is kept", async () => {
    const h = house();
    await h.sync.reconcile();
    h.api.rooms.mockResolvedValue({ epoch: "e2", rooms: [], etag: "" });
    await h.sync.reconcile();
    expect(h.on.restored).toHaveBeenCalledExactlyOnceWith("e2");
    expect(h.state.rooms.size, "the page loads again").toBe(1);
  });

  test("a server that is away is asked until it is back", async () => {
    const h = house();
    h.api.rooms.mockRejectedValueOnce(new ApiError(0)).mockRejectedValueOnce(new ApiError(503));
    await h.sync.reconcile();
    expect([h.api.rooms.mock.calls.length, h.pauses.length]).toEqual([3, 2]);
  });

  test("a session that is over is reported", async () => {
    const h = house();
    h.api.rooms.mockRejectedValue(new ApiError(401));
    await expect(h.sync.reconcile()).rejects.toThrow(ApiError);
    expect(h.on.isOver).toHaveBeenCalledOnce();
  });
});

describe("a gap", () => {
  const gap = (rev: number) => ({ type: "message", room: GENERAL, rev, message: message(rev) }) as const;

  test("is closed by what changed since", async () => {
    const h = house();
    h.api.changes.mockResolvedValue(changes({ head: 5, next: 5, messages: [message(4), message(5)] }));
    h.sync.event(gap(5));
    await settle();
    expect(h.api.changes.mock.calls).toEqual([[GENERAL, 3]]);
    expect([h.general().held, h.general().messages.length]).toEqual([5, 5]);
  });

  test("is fetched page by page", async () => {
    const h = house();
    h.api.changes
      .mockResolvedValueOnce(changes({ head: 6, next: 5, more: true, messages: [message(4), message(5)] }))
      .mockResolvedValueOnce(changes({ head: 6, next: 6, messages: [message(6)] }));
    h.sync.event(gap(6));
    await settle();
    expect(h.api.changes.mock.calls).toEqual([
      [GENERAL, 3],
      [GENERAL, 5],
    ]);
    expect(h.general().held).toBe(6);
  });

  test("too far back to be known: the latest page is loaded", async () => {
    const h = house();
    h.api.changes.mockRejectedValueOnce(new ApiError(410));
    h.api.page.mockResolvedValue(page(9));
    h.sync.event(gap(9));
    await settle();
    expect(h.api.page.mock.calls).toEqual([[GENERAL, { limit: 60 }]]);
    expect([h.general().held, h.general().messages.length]).toEqual([9, 9]);
  });

  test("in a room that is gone: the room is asked for, and dropped", async () => {
    const h = house();
    h.api.changes.mockRejectedValue(new ApiError(404));
    h.api.room.mockRejectedValue(new ApiError(404));
    h.sync.event(gap(9));
    await settle();
    expect(h.state.rooms.has(GENERAL)).toBe(false);
  });

  test("several gaps are closed by one fetch, and one more", async () => {
    const h = house();
    for (const rev of [5, 6, 7, 8, 9]) h.sync.event(gap(rev));
    await settle();
    expect(h.api.changes.mock.calls.length).toBeLessThanOrEqual(2);
  });

  test("a refusal ends the fetch; the next event starts it again", async () => {
    const h = house();
    h.api.changes.mockRejectedValueOnce(new ApiError(400, problem(400, "no")));
    h.sync.event(gap(5));
    await settle();
    expect(h.general().held).toBe(3);
    h.sync.event(gap(6));
    await settle();
    expect(h.general().held).toBe(9);
  });
});

describe("counts", () => {
  test("that are unknown are fetched once, after a random pause of at most two seconds", async () => {
    const h = house([loaded(4, { room: room(GENERAL, { rev: 4, last_seq: 4, unread: 4 }) })]);
    h.api.room.mockResolvedValue(room(GENERAL, { rev: 5, last_seq: 4, unread: 3 }));
    h.sync.event({ type: "message", room: GENERAL, rev: 5, message: message(2, { rev: 5, deleted_at: "x" }) });
    await settle();
    expect(h.api.room.mock.calls).toEqual([[GENERAL]]);
    expect([h.pauses.length, h.pauses[0]! <= 2000]).toEqual([1, true]);
    expect(h.general().room.unread).toBe(3);
  });

  test("of a room that is not there any more drop it", async () => {
    const h = house();
    h.api.room.mockRejectedValue(new ApiError(404));
    h.sync.event({ type: "joined", room: room(GENERAL) });
    await settle();
    expect(h.state.rooms.has(GENERAL)).toBe(false);
  });

  test("an event of an unknown room fetches all rooms, without the ETag", async () => {
    const h = house();
    await h.sync.reconcile();
    h.sync.event({ type: "message", room: "x", rev: 1, message: message(1, { room: "x" }) });
    await settle();
    expect(h.api.rooms.mock.calls).toEqual([[""], [""]]);
  });
});

test("unread mentions are looked for once, also where the server does not know the changes any more", async () => {
  const h = house();
  h.api.changes.mockRejectedValue(new ApiError(410));
  h.sync.findMentions(GENERAL);
  await settle();
  h.sync.findMentions(GENERAL);
  await settle();
  expect([h.api.changes.mock.calls.length, h.general().searched]).toEqual([1, true]);
});

describe("pages", () => {
  test("the latest, or the surroundings of a message", async () => {
    const h = house([freshRoom(room(GENERAL))]);
    await h.sync.latest(GENERAL);
    await h.sync.latest(GENERAL, 7);
    expect(h.api.page.mock.calls).toEqual([
      [GENERAL, { limit: 60 }],
      [GENERAL, { around: 7, limit: 80 }],
    ]);
    expect(h.general().messages).toHaveLength(3);
  });

  test("before the first message and after the last", async () => {
    const h = house([loaded(0, { held: 3, messages: [message(5), message(6)], moreBefore: true, moreAfter: true })]);
    h.api.page.mockResolvedValueOnce({ ...page(4), more_after: true });
    await h.sync.more(GENERAL, true);
    expect(h.general().messages.map((m) => m.seq)).toEqual([1, 2, 3, 4, 5, 6]);
    h.api.page.mockResolvedValueOnce({ ...page(0, { head: 4 }), messages: [message(7)] });
    await h.sync.more(GENERAL, false);
    expect(h.api.page.mock.calls).toEqual([
      [GENERAL, { before: 5 }],
      [GENERAL, { after: 6 }],
    ]);
    expect([h.general().messages.at(-1)!.seq, h.general().moreAfter]).toEqual([7, false]);
  });

  test("also when the server is away for a while", async () => {
    const h = house([loaded(0, { held: 3, messages: [message(5)], moreBefore: true })]);
    h.api.page.mockRejectedValueOnce(new ApiError(0)).mockRejectedValueOnce(new ApiError(503));
    h.api.page.mockResolvedValueOnce(page(4));
    await h.sync.more(GENERAL, true);
    expect([h.general().messages.length, h.pauses.length]).toEqual([5, 2]);
  });

  test("an empty stretch has no edge to go on from", async () => {
    const h = house([freshRoom(room(GENERAL))]);
    await h.sync.more(GENERAL, true);
    await h.sync.more("unknown", true);
    expect(h.api.page).not.toHaveBeenCalled();
  });
});

test("the room that answers a command is taken, also when it is new", async () => {
  const h = house();
  const made = direct(LUNCH, ["mira", "jonas"]);
  expect(await h.sync.command(async () => made)).toBe(made);
  expect(h.state.rooms.get(LUNCH)!.room).toBe(made);
});

test("a command that is refused changes nothing", async () => {
  const h = house();
  await expect(h.sync.command(() => Promise.reject(new ApiError(409)))).rejects.toThrow(ApiError);
  expect([...h.state.rooms.keys()]).toEqual([GENERAL]);
});

describe("an open thread", () => {
  const replies = (...seqs: number[]) => page(0, { head: 3, messages: seqs.map((seq) => message(seq, { thread: 1 })) });
  const shown = (h: ReturnType<typeof house>) => h.state.threads.get(GENERAL)?.messages.map((m) => m.seq);
  const event = (rev: number) =>
    ({ type: "message", room: GENERAL, rev, message: message(rev, { thread: 1 }) }) as const;

  test("is fetched at once, with the root that is in memory", async () => {
    const h = house();
    h.api.page.mockResolvedValue(replies(2, 3));
    h.sync.openThread(GENERAL, 1);
    expect(h.state.threads.get(GENERAL)).toMatchObject({ root: 1, loaded: false });
    await settle();
    expect(h.api.page.mock.calls).toEqual([[GENERAL, { thread: 1, limit: 60 }]]);
    expect([shown(h), h.state.threads.get(GENERAL)?.first?.seq, h.pauses]).toEqual([[2, 3], 1, []]);
    expect(h.api.message).not.toHaveBeenCalled();
  });

  test("fetches a root that is not in memory", async () => {
    const h = house([loaded(3, { messages: [message(3)], moreBefore: true })]);
    h.api.page.mockResolvedValue(replies(2));
    h.sync.openThread(GENERAL, 1);
    await settle();
    expect([h.api.message.mock.calls, h.state.threads.get(GENERAL)?.first?.text]).toEqual([[[GENERAL, 1]], "m1"]);
  });

  test("hears its replies by the events of the room, and is not fetched again", async () => {
    const h = house();
    h.api.page.mockResolvedValue(replies(2));
    h.sync.openThread(GENERAL, 1);
    await settle();
    h.sync.event(event(4));
    h.sync.event({ type: "message", room: GENERAL, rev: 5, message: message(5) });
    h.sync.took(message(6, { thread: 1, author: "mira" }));
    await settle();
    expect([shown(h), h.api.page.mock.calls.length, h.api.changes.mock.calls]).toEqual([[2, 4, 6], 1, []]);
  });

  test("heals a gap by the changes of the room, fetched once for both", async () => {
    const h = house();
    h.api.page.mockResolvedValue(replies(2));
    h.sync.openThread(GENERAL, 1);
    await settle();
    h.api.changes.mockResolvedValue(
      changes({ messages: [message(4, { thread: 1 }), message(5), message(9, { thread: 1 })] }),
    );
    h.sync.event(event(9));
    await settle();
    expect([h.api.changes.mock.calls, shown(h), h.api.page.mock.calls.length]).toEqual([[[GENERAL, 3]], [2, 4, 9], 1]);
  });

  test("is fetched again, as the room is, when its changes are no longer known", async () => {
    const h = house();
    h.api.page.mockResolvedValue(replies(2));
    h.sync.openThread(GENERAL, 1);
    await settle();
    h.api.changes.mockRejectedValueOnce(new ApiError(410));
    h.api.page.mockResolvedValueOnce(page(9)).mockResolvedValueOnce({ ...replies(2, 8), head: 9 });
    h.sync.event(event(9));
    await settle();
    expect([shown(h), h.general().held, h.state.threads.get(GENERAL)!.held]).toEqual([[2, 8], 9, 9]);
  });

  test("another thread of the room takes its place, whatever comes later", async () => {
    const h = house();
    let late: (p: Page) => void = () => {};
    h.api.page.mockReturnValueOnce(new Promise((yes) => (late = yes))).mockResolvedValue(replies(9));
    h.sync.openThread(GENERAL, 1);
    h.sync.openThread(GENERAL, 2);
    late(replies(3));
    await settle();
    expect([h.state.threads.get(GENERAL)?.root, shown(h)]).toEqual([2, [9]]);
  });

  test("that is closed takes nothing more", async () => {
    const h = house();
    h.api.page.mockResolvedValue(replies(2));
    h.sync.openThread(GENERAL, 1);
    h.sync.closeThread(GENERAL);
    h.sync.event(event(4));
    await settle();
    expect(h.state.threads.size).toBe(0);
  });

  test("shows earlier replies and later ones when asked", async () => {
    const h = house();
    h.api.page.mockResolvedValueOnce({ ...replies(8, 9), more_before: true, more_after: true });
    h.sync.openThread(GENERAL, 1, 8);
    await settle();
    h.api.page.mockResolvedValueOnce(replies(5, 6, 7)).mockResolvedValueOnce(replies(10));
    await h.sync.moreReplies(GENERAL, true);
    await h.sync.moreReplies(GENERAL, false);
    expect(h.api.page.mock.calls).toEqual([
      [GENERAL, { thread: 1, around: 8, limit: 60 }],
      [GENERAL, { thread: 1, before: 8, limit: 60 }],
      [GENERAL, { thread: 1, after: 9, limit: 60 }],
    ]);
    expect([shown(h), h.state.threads.get(GENERAL)!.moreBefore]).toEqual([[5, 6, 7, 8, 9, 10], false]);
    await h.sync.moreReplies("unknown", true);
    expect(h.api.page).toHaveBeenCalledTimes(3);
  });

  test("that cannot be fetched says why", async () => {
    const h = house();
    h.api.page.mockRejectedValue(new ApiError(404, problem(404, "There is no such message.")));
    h.sync.openThread(GENERAL, 1);
    await settle();
    expect(h.on.failed).toHaveBeenCalledExactlyOnceWith("There is no such message.");
    expect(h.state.threads.get(GENERAL)!.failed).toBe(true);
  });
});

describe("a member list on screen", () => {
  test("is fetched, again with each change of membership, and no more when it is closed", async () => {
    const h = house();
    const change = { type: "members", room: GENERAL, member_count: 3 } as const;
    h.sync.event(change);
    await settle();
    expect(h.api.members, "nobody looks").not.toHaveBeenCalled();
    h.sync.openMembers(GENERAL);
    await settle();
    expect(h.state.members.get(GENERAL)!.members.map((m) => m.user)).toEqual(["jonas"]);
    h.sync.event(change);
    await settle();
    h.sync.closeMembers(GENERAL);
    h.sync.event(change);
    await settle();
    expect(h.api.members).toHaveBeenCalledTimes(2);
  });

  test("of a room that one does not hold is not fetched", async () => {
    const h = house();
    h.sync.openMembers(LUNCH);
    await settle();
    expect(h.api.members).not.toHaveBeenCalled();
  });
});

describe("oneself", () => {
  test("is fetched when one's own event comes, since it leaves the settings out", async () => {
    const h = house();
    h.sync.event({ type: "user", user: user("jonas") });
    await settle();
    expect(h.on.me).not.toHaveBeenCalled();
    h.sync.event({ type: "user", user: user("mira") });
    await settle();
    expect(h.on.me).toHaveBeenCalledExactlyOnceWith(me());
    expect(h.pauses, "one's own choice is on all devices at once").toEqual([]);
  });

  test("is fetched after a while when events were lost", async () => {
    const h = house();
    h.sync.event({ type: "resync" });
    await settle();
    expect([h.on.me.mock.calls, h.pauses.length], "not all clients at once").toEqual([[[me()]], 1]);
  });

  test("is fetched after a while when settings of the workspace changed", async () => {
    const h = house();
    h.sync.event({ type: "workspace" });
    await settle();
    expect(h.pauses).toHaveLength(1);
    expect(h.on.me).toHaveBeenCalledExactlyOnceWith(me());
  });
});
