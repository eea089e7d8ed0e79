// The commands as they go over the wire. The server is a function that remembers what it was asked.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { problem } from "../core/testing";
import * as access from "./access";
import * as api from "./api";
import * as entry from "./entry";
import * as inbox from "./inbox";

let asked: { method: string; path: string; body: unknown; headers: Record<string, string>; credentials: unknown }[];
let answer: () => Response;

beforeEach(() => {
  asked = [];
  answer = () => Response.json({});
  vi.stubGlobal("fetch", async (path: string, o: RequestInit) => {
    const body: unknown = typeof o.body === "string" ? JSON.parse(o.body) : (o.body ?? undefined);
    const headers = o.headers as Record<string, string>;
    asked.push({ method: o.method ?? "GET", path, body, headers, credentials: o.credentials });
    return answer();
  });
});
afterEach(() => vi.unstubAllGlobals());

const R = "aaaaaaaaaaaa";

test.each<[string, () => Promise<unknown>, string, string, unknown?]>([
  ["workspace", api.workspace, "GET", "/workspace"],
  ["signIn", () => entry.signIn("m@a.b", "secret"), "POST", "/session", { email: "m@a.b", password: "secret" }],
  ["signOut", api.signOut, "DELETE", "/session"],
  ["sessions", access.sessions, "GET", "/sessions"],
  ["endSession", () => access.endSession("s1"), "DELETE", "/sessions/s1"],
  ["invite", () => api.invite({ role: "member" }), "POST", "/invites", { role: "member" }],
  ["me", api.me, "GET", "/me"],
  ["updateMe", () => api.updateMe({ name: "Mira" }), "PATCH", "/me", { name: "Mira" }],
  ["changePassword", () => access.changePassword("a", "b"), "POST", "/me/password", { current: "a", new: "b" }],
  ["frequentEmoji", api.frequentEmoji, "GET", "/me/emoji"],
  ["users", api.users, "GET", "/users"],
  ["rooms", api.rooms, "GET", "/rooms"],
  ["browse", () => api.browse("a b"), "GET", "/rooms?browse=true&q=a+b"],
  ["browse all", () => api.browse(""), "GET", "/rooms?browse=true"],
  ["room", () => api.room(R), "GET", `/rooms/${R}`],
  ["addRoom", () => api.addRoom({ kind: "public", name: "x" }), "POST", "/rooms", { kind: "public", name: "x" }],
  ["updateRoom", () => api.updateRoom(R, { topic: "t" }), "PATCH", `/rooms/${R}`, { topic: "t" }],
  ["join", () => api.join(R), "POST", `/rooms/${R}/join`],
  ["members", () => api.members(R), "GET", `/rooms/${R}/members`],
  ["putMember", () => api.putMember(R, "jonas"), "PUT", `/rooms/${R}/members/jonas`, {}],
  ["putMember role", () => api.putMember(R, "jonas", "owner"), "PUT", `/rooms/${R}/members/jonas`, { role: "owner" }],
  ["removeMember", () => api.removeMember(R, "jonas"), "DELETE", `/rooms/${R}/members/jonas`],
  ["updateMyRoom", () => api.updateMyRoom(R, { muted: true }), "PATCH", `/rooms/${R}/me`, { muted: true }],
  ["setRead", () => api.setRead(R, 7), "PUT", `/rooms/${R}/read`, { seq: 7 }],
  ["page", () => api.page(R), "GET", `/rooms/${R}/messages?`],
  ["page before", () => api.page(R, { before: 9, limit: 5 }), "GET", `/rooms/${R}/messages?before=9&limit=5`],
  ["page of a thread", () => api.page(R, { thread: 3 }), "GET", `/rooms/${R}/messages?thread=3`],
  ["changes", () => api.changes(R, 12), "GET", `/rooms/${R}/changes?since=12`],
  [
    "post",
    () => api.post(R, { client_id: "id", text: "hi" }),
    "POST",
    `/rooms/${R}/messages`,
    { client_id: "id", text: "hi" },
  ],
  ["edit", () => api.edit(R, 4, { text: "ho" }), "PATCH", `/rooms/${R}/messages/4`, { text: "ho" }],
  ["remove", () => api.remove(R, 4), "DELETE", `/rooms/${R}/messages/4`],
  ["react", () => api.react(R, 4, "❤️", true), "PUT", `/rooms/${R}/messages/4/reactions/%E2%9D%A4%EF%B8%8F`],
  ["unreact", () => api.react(R, 4, "🎉", false), "DELETE", `/rooms/${R}/messages/4/reactions/%F0%9F%8E%89`],
  ["inbox", () => inbox.inbox("unread", 30, "c"), "GET", "/inbox?filter=unread&cursor=c&limit=30"],
  ["clearInbox", () => inbox.clearInbox({ key: "m.a.1" }), "PUT", "/inbox/cleared", { key: "m.a.1" }],
  ["seeInbox", () => inbox.seeInbox("now"), "PUT", "/inbox/seen", { at: "now" }],
  ["reactions", () => api.reactions(R, 4), "GET", `/rooms/${R}/messages/4/reactions`],
])("%s", async (_, call, method, path, body) => {
  await call();
  expect(asked).toEqual([
    {
      method,
      path: `/api/v1${path}`,
      body,
      headers: body === undefined ? {} : { "Content-Type": "application/json" },
      credentials: "same-origin",
    },
  ]);
});

test("a command without content answers undefined", async () => {
  answer = () => new Response(null, { status: 204 });
  expect(await api.remove(R, 1)).toBeUndefined();
});

test("lists come out of their wrapping", async () => {
  answer = () =>
    Response.json({
      sessions: [{ id: "s" }],
      members: [{ user: "u" }],
      rooms: [{ id: R }],
      emoji: ["🎉"],
      reactions: [],
    });
  expect(await access.sessions()).toEqual([{ id: "s" }]);
  expect(await api.members(R)).toEqual([{ user: "u" }]);
  expect((await api.browse("")).rooms).toEqual([{ id: R }]); // a page, with its number
  expect(await api.frequentEmoji()).toEqual(["🎉"]);
  expect(await api.reactions(R, 1)).toEqual([]);
});

test("a list that has not changed is asked for by its ETag and answers undefined", async () => {
  answer = () => Response.json({ epoch: "e", rooms: [] }, { headers: { ETag: '"7"' } });
  expect(await api.rooms()).toEqual({ epoch: "e", rooms: [], etag: '"7"' });
  answer = () => new Response(null, { status: 304 });
  expect(await api.rooms('"7"')).toBeUndefined();
  expect(asked.map((a) => a.headers)).toEqual([{}, { "If-None-Match": '"7"' }]);
  expect(await api.users('"7"')).toBeUndefined();
});

test("a refusal carries the problem, and its words are the error's", async () => {
  const why = problem(400, "The name is taken.", { field: "name" });
  answer = () => Response.json(why, { status: 400 });
  const e = await api.addRoom({ kind: "public", name: "x" }).catch((e: unknown) => e);
  expect(e).toBeInstanceOf(api.ApiError);
  expect(e).toMatchObject({ message: "The name is taken.", status: 400, problem: why, passing: false, retryAfter: 0 });
});

test("a rate limit says when to come back", async () => {
  answer = () => Response.json(problem(429, "Too fast."), { status: 429, headers: { "Retry-After": "12" } });
  expect(await api.me().catch((e: unknown) => e)).toMatchObject({ retryAfter: 12, passing: true });
});

test("an answer that is no problem document is still an answer", async () => {
  answer = () => new Response("<html>bad gateway</html>", { status: 502 });
  expect(await api.me().catch((e: unknown) => e)).toMatchObject({ status: 502, problem: undefined, passing: true });
});

test.each([
  ["no connection", () => Promise.reject(new TypeError("Failed to fetch"))],
  ["a body that breaks off", async () => new Response("{", { status: 200 })],
])("%s is an error that may pass, said in words", async (_, f) => {
  vi.stubGlobal("fetch", f);
  const e = await api.me().catch((e: unknown) => e);
  expect(e).toMatchObject({ status: 0, passing: true });
  expect((e as Error).message).toBe("The server cannot be reached. Check the connection.");
});

test.each([
  [0, true],
  [429, true],
  [500, true],
  [503, true],
  [400, false],
  [401, false],
  [404, false],
  [410, false],
])("whether %d may pass: %j", (status, passes) => expect(new api.ApiError(status).passing).toBe(passes));
