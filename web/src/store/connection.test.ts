// @vitest-environment happy-dom
// The connection, from the socket's handlers to the state that components read.
import { flushSync } from "svelte";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { GENERAL, LUNCH, at, loaded, me, message, room, settle, user } from "../core/testing";
import { ApiError } from "../net/api";
import type { Hello } from "../net/line";
import type { Place, Socket, SocketHandlers } from "../net/socket";
import type { LiveEvent } from "../wire/live";
import { Chat } from "./chat.svelte";
import { Connection } from "./connection.svelte";
import { serverOf, type Server } from "../../testing/server";
import { watched } from "../../testing/watched.svelte";

let visibility = "visible";
beforeEach(() => {
  visibility = "visible";
  vi.useFakeTimers();
  vi.spyOn(document, "visibilityState", "get").mockImplementation(() => visibility as "visible");
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const hello = (more: Partial<Hello> = {}): Hello => ({
  type: "hello",
  user: "mira",
  connection: "c",
  epoch: "e",
  heartbeat: 25,
  ...more,
});

async function house(more: Server = {}) {
  const { api, asked } = serverOf({
    rooms: async () => ({ epoch: "e", rooms: [room(GENERAL), room(LUNCH)], etag: "" }),
    users: async () => ({ users: [user("mira"), user("jonas")], etag: "" }),
    room: async (id: string) => room(id),
    me: async () => me(),
    ...more,
  });
  const said: string[] = [];
  let handlers: SocketHandlers | undefined;
  const socket = {
    open: ({ room, thread }: Place) => said.push(`open ${room} ${thread ?? ""}`.trimEnd()),
    presence: (p: string) => said.push(p),
    typing: (r: string) => said.push(`typing ${r}`),
    hurry: () => said.push("hurry"),
    close: () => said.push("close"),
  } as unknown as Socket;
  const hooks = { up: vi.fn(), ended: vi.fn(), me: vi.fn(), failed: vi.fn() };
  const chat = new Chat();
  const connection = new Connection(chat, hooks, api, (url, on) => {
    said.push(url);
    handlers = on;
    return socket;
  });
  await connection.prepare("mira");
  /** What the server says, after the frame in which it is applied. */
  const hear = async (...events: LiveEvent[]) => {
    for (const e of events) handlers!.event(e);
    await vi.advanceTimersByTimeAsync(300);
  };
  const count = (command: string) => asked.filter(([c]) => c === command).length;
  return { chat, connection, said, hooks, asked, count, hear, on: () => handlers! };
}

test("one's rooms and the directory are there before the socket opens", async () => {
  const h = await house();
  expect([h.chat.me, [...h.chat.rooms.keys()], [...h.chat.users.keys()]]).toEqual([
    "mira",
    [GENERAL, LUNCH],
    ["mira", "jonas"],
  ]);
  expect(h.said).toEqual([]);
});

test("the socket is that of the page's origin, and hears which room is on screen", async () => {
  const h = await house();
  h.connection.open(GENERAL);
  h.connection.connect();
  expect(h.said).toEqual([expect.stringMatching(/^wss?:\/\/.*\/ws$/), `open ${GENERAL}`]);
});

test("components hear when the connection is lost, since when, and when it is back", async () => {
  const h = await house(),
    seen: number[] = [];
  h.connection.connect();
  const stop = watched(() => seen.push(h.connection.offlineSince));
  flushSync();
  await vi.advanceTimersByTimeAsync(1000);
  const then = performance.now();
  h.on().lost();
  flushSync();
  await vi.advanceTimersByTimeAsync(5000);
  h.on().lost(); // the next try failed as well
  flushSync();
  h.on().open(hello());
  flushSync();
  stop();
  expect(seen).toEqual([0, then, 0]);
  expect(h.hooks.up).toHaveBeenCalledOnce();
});

test("a new connection compares everything with the server", async () => {
  const h = await house();
  h.connection.connect();
  expect(h.count("rooms")).toBe(1);
  h.on().open(hello());
  await settle();
  expect([h.count("rooms"), h.count("users")]).toEqual([2, 2]);
});

test("a connection after a lost one fetches the settings of the workspace, which may have changed meanwhile", async () => {
  const h = await house();
  h.connection.connect();
  h.on().open(hello());
  await vi.advanceTimersByTimeAsync(3000);
  expect(h.count("me"), "they are there").toBe(0);
  h.on().lost();
  await vi.advanceTimersByTimeAsync(1000);
  h.on().open(hello());
  await vi.advanceTimersByTimeAsync(3000);
  expect(h.count("me")).toBe(1);
});

test("a connection in another person's name ends the page: another tab has signed her in", async () => {
  const h = await house();
  h.connection.connect();
  h.on().open(hello({ user: "jonas" }));
  await settle();
  expect([h.hooks.ended.mock.calls.length, h.hooks.up.mock.calls.length, h.count("rooms")]).toEqual([1, 0, 1]);
});

test("events change the state that components read", async () => {
  const h = await house(),
    seen: (string | undefined)[] = [];
  h.connection.connect();
  const stop = watched(() => seen.push(h.chat.rooms.get(GENERAL)?.room.last_message?.text));
  flushSync();
  await h.hear({ type: "message", room: GENERAL, rev: 1, message: message(1, { text: "Lunch?" }) });
  flushSync();
  stop();
  expect(seen).toEqual([undefined, "Lunch?"]);
  expect(h.chat.rooms.get(GENERAL)!.room.unread).toBe(1);
});

test("a message does not concern those who show no counter", async () => {
  const h = await house();
  let frames = 0;
  h.connection.connect();
  const stop = watched(() => (h.chat.rooms.frames.get(GENERAL), frames++));
  flushSync();
  await h.hear({ type: "message", room: GENERAL, rev: 1, message: message(1) });
  flushSync();
  expect(frames).toBe(1);
  await h.hear({ type: "room", room: { ...room(GENERAL), topic: "food" } });
  flushSync();
  stop();
  expect(frames).toBe(2);
});

test("a hidden page has no room on screen and shows nobody; a shown one has, hurries and compares", async () => {
  const h = await house();
  h.connection.connect();
  h.connection.open(GENERAL);
  h.said.length = 0;
  visibility = "hidden";
  document.dispatchEvent(new Event("visibilitychange"));
  expect([h.said, h.count("rooms"), h.on().wanted()]).toEqual([["open null"], 1, []]);
  h.connection.open(LUNCH);
  expect(h.said).toEqual(["open null", "open null"]);
  visibility = "visible";
  document.dispatchEvent(new Event("visibilitychange"));
  await settle();
  expect([h.said.slice(2), h.count("rooms"), h.on().wanted()]).toEqual([[`open ${LUNCH}`, "hurry"], 2, ["jonas"]]);
});

test("a page that opens hidden has no room on screen", async () => {
  visibility = "hidden";
  const h = await house();
  h.connection.open(GENERAL);
  h.connection.connect();
  expect(h.said.at(-1)).toBe("open null");
});

test("who is here is said to the server", async () => {
  const h = await house();
  h.connection.connect();
  h.connection.present("away");
  expect(h.said.at(-1)).toBe("away");
});

test("a device that comes online does not wait", async () => {
  const h = await house();
  h.connection.connect();
  dispatchEvent(new Event("online"));
  expect(h.said.at(-1)).toBe("hurry");
});

test("a visible page compares every five minutes, a hidden one does not", async () => {
  const h = await house();
  h.connection.connect();
  await vi.advanceTimersByTimeAsync(5 * 60_000);
  expect(h.count("rooms")).toBe(2);
  visibility = "hidden";
  await vi.advanceTimersByTimeAsync(10 * 60_000);
  expect(h.count("rooms")).toBe(2);
});

test("from room to room: the one before is not read any more", async () => {
  const h = await house();
  h.connection.connect();
  const leave = h.connection.open(GENERAL);
  h.connection.reading(GENERAL, true);
  expect(h.chat.rooms.get(GENERAL)!.reading).toBe(true);
  h.connection.open(LUNCH);
  expect(h.chat.rooms.get(GENERAL)!.reading).toBe(false);
  leave(); // the component of the room before goes after that of the next has come
  expect(h.said.at(-1)).toBe(`open ${LUNCH}`);
});

test("who leaves the last room has none open", async () => {
  const h = await house();
  h.connection.connect();
  h.connection.open(GENERAL)();
  expect(h.said.at(-1)).toBe("open null");
});

test("reading that changes nothing makes no new state", async () => {
  const h = await house();
  const before = h.chat.rooms.get(GENERAL);
  h.connection.reading(GENERAL, false);
  h.connection.reading("unknown", true);
  expect(h.chat.rooms.get(GENERAL)).toBe(before);
});

test("those whom the server says most of are wanted first", async () => {
  const h = await house({ users: async () => ({ users: [user("mira"), user("kim"), user("jonas")], etag: "" }) });
  h.connection.connect();
  h.chat.rooms.set(GENERAL, loaded(3));
  h.connection.open(GENERAL);
  expect(h.on().wanted()).toEqual(["jonas", "kim"]);
});

test("the end of the session is passed on, from the socket and from a fetch", async () => {
  const no = () => Promise.reject(new ApiError(401));
  const h = await house({ page: no, members: no, me: no });
  h.connection.connect();
  h.on().ended();
  expect(h.hooks.ended).toHaveBeenCalledTimes(1);
  const loaded = expect(h.connection.load(GENERAL)).rejects.toThrow(ApiError);
  h.connection.openMembers(GENERAL);
  await vi.advanceTimersByTimeAsync(2000);
  await loaded;
  expect([h.hooks.ended.mock.calls.length, h.asked.filter(([what]) => what === "me").length]).toEqual([2, 1]);
});

test("a request that left before the cookie was renewed is repeated, and the session goes on", async () => {
  const page = vi.fn().mockRejectedValueOnce(new ApiError(401)).mockRejectedValueOnce(new ApiError(401));
  page.mockResolvedValue({ head: 3, messages: [message(3)], more_before: false, more_after: false });
  const answers = [new ApiError(0), undefined];
  const h = await house({
    page,
    me: async () => {
      const no = answers.shift();
      if (no) throw no;
      return me();
    },
  });
  h.chat.rooms.set(GENERAL, loaded(1));
  const done = h.connection.load(GENERAL);
  await vi.advanceTimersByTimeAsync(10_000);
  await done;
  expect([page.mock.calls.length, answers, h.hooks.ended.mock.calls]).toEqual([3, [], []]);
});

test("a request whose session is another person's by now ends the page", async () => {
  const h = await house({ page: () => Promise.reject(new ApiError(401)), me: async () => me(user("jonas")) });
  const done = expect(h.connection.load(GENERAL)).rejects.toThrow(ApiError);
  await vi.advanceTimersByTimeAsync(2000);
  await done;
  expect(h.hooks.ended).toHaveBeenCalledOnce();
});

test("a thread is kept present while it is open", async () => {
  const replies = [message(2, { thread: 1 })];
  const page = vi.fn(async () => ({ head: 1, messages: replies, more_before: false, more_after: false }));
  const h = await house({ page });
  h.chat.rooms.set(GENERAL, loaded(1));
  h.connection.connect();
  const close = h.connection.openThread(GENERAL, 1);
  await settle();
  expect(h.chat.threads.get(GENERAL)).toMatchObject({ root: 1, messages: replies, loaded: true });
  const grown = message(1, { rev: 2, thread_info: { replies: 2, last_reply_at: at(3), repliers: ["jonas"] } });
  await h.hear({ type: "message", room: GENERAL, rev: 2, message: grown });
  await vi.advanceTimersByTimeAsync(300);
  expect([page.mock.calls.length, h.chat.threads.get(GENERAL)?.first?.thread_info?.replies]).toEqual([1, 2]);
  close();
  expect(h.chat.threads.size).toBe(0);
});

test("a thread that was replaced is not closed by the one before", async () => {
  const page = async () => ({ head: 9, messages: [], more_before: false, more_after: false });
  const h = await house({ page });
  h.chat.rooms.set(GENERAL, loaded(3));
  const close = h.connection.openThread(GENERAL, 1);
  h.connection.openThread(GENERAL, 2);
  close();
  expect(h.chat.threads.get(GENERAL)?.root).toBe(2);
});

test("the server hears which thread is on screen beside its room", async () => {
  const page = async () => ({ head: 9, messages: [], more_before: false, more_after: false });
  const h = await house({ page });
  h.chat.rooms.set(GENERAL, loaded(3));
  h.connection.connect();
  h.connection.open(GENERAL);
  const close = h.connection.openThread(GENERAL, 2);
  expect(h.said.at(-1)).toBe(`open ${GENERAL} 2`);
  visibility = "hidden";
  document.dispatchEvent(new Event("visibilitychange"));
  expect(h.said.at(-1)).toBe("open null");
  visibility = "visible";
  document.dispatchEvent(new Event("visibilitychange"));
  expect(h.said).toContain(`open ${GENERAL} 2`);
  close();
  expect(h.said.at(-1)).toBe(`open ${GENERAL}`);
});

test("what an open thread cannot fetch is said", async () => {
  const h = await house({ page: () => Promise.reject(new ApiError(404)) });
  h.chat.rooms.set(GENERAL, loaded(1));
  h.connection.openThread(GENERAL, 1);
  await settle();
  expect(h.hooks.failed).toHaveBeenCalledOnce();
});

test("members are kept present while they are on screen", async () => {
  const members = vi.fn(async () => [{ user: "jonas", role: "member", joined_at: at(0) }]);
  const h = await house({ members });
  h.connection.connect();
  const close = h.connection.openMembers(GENERAL);
  await settle();
  expect(h.chat.members.get(GENERAL)?.members).toHaveLength(1);
  await h.hear({ type: "members", room: GENERAL, member_count: 3 });
  expect(members).toHaveBeenCalledTimes(2);
  close();
  await h.hear({ type: "members", room: GENERAL, member_count: 4 });
  expect([members.mock.calls.length, h.chat.members.size]).toEqual([2, 0]);
});

test("the command of a room puts its answer in place", async () => {
  const h = await house();
  await h.connection.command(async () => room(LUNCH, { starred: true }));
  expect(h.chat.rooms.get(LUNCH)!.room.starred).toBe(true);
});

test("the chat names people and rooms", async () => {
  const h = await house();
  expect([h.chat.name("jonas"), h.chat.name("nobody")]).toEqual(["Jonas", "Somebody"]);
  expect([h.chat.title(h.chat.rooms.get(LUNCH)), h.chat.title(undefined)]).toEqual(["lunch", ""]);
  expect(h.chat.people.get("jonas")?.id).toBe("jonas");
  expect(me().id).toBe("mira");
});
