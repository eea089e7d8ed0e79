// @vitest-environment happy-dom
import { flushSync } from "svelte";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { me, problem, settle } from "../core/testing";
import { ApiError } from "../net/api";
import type { Entry } from "../net/door";
import type * as Doors from "../net/entry";
import { come } from "./door";
import { Session, type SessionHooks } from "./session.svelte";
import { serverOf, type Server } from "../../testing/server";
import { watched } from "../../testing/watched.svelte";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function begin(commands: Server, more: Partial<SessionHooks> = {}) {
  const log: string[] = [];
  const server = serverOf({ workspace: async () => ({ name: "Acme", setup: false, signed_in: true }), ...commands });
  const session: Session = new Session(
    {
      opened: () => log.push("opened"),
      prepare: async (m) => void log.push(`prepare ${m.id}, shown: ${!!session.me}`),
      entered: (m) => log.push(`entered ${m.id}, shown: ${!!session.me}`),
      signedOut: () => log.push("signed out"),
      ...more,
    },
    server.api,
  );
  return { session, log, asked: server.asked };
}

const entry: Entry = {
  secret: "s3cret",
  workspace: "Acme",
  name: "Mira Novak",
  handle: "mira",
  email: "mira@example.com",
  password: "a quiet place",
};

test("nobody knows at first who is signed in", () => {
  expect(begin({}).session.me).toBeUndefined();
});

test("who is signed in comes in once the chat is prepared", async () => {
  const { session, log } = begin({ me: async () => me() });
  await session.begin();
  expect(session.me).toEqual(me());
  expect(session.workspace?.name).toBe("Acme");
  expect(log).toEqual(["prepare mira, shown: false", "entered mira, shown: true"]);
});

test("who is not signed in sees the door, and is not asked for", async () => {
  const door = { name: "Acme", setup: false, signed_in: false };
  const { session, log, asked } = begin({ workspace: async () => door });
  await session.begin();
  expect([session.me, session.trouble, log]).toEqual([null, "", []]);
  expect(session.workspace, "its name stands at the door").toEqual(door);
  expect(asked.map(([c]) => c)).toEqual(["workspace"]);
});

test("whose session ends meanwhile sees the door", async () => {
  const { session } = begin({ me: () => Promise.reject(new ApiError(401)) });
  await session.begin();
  expect([session.me, session.trouble]).toEqual([null, ""]);
});

test("a server that does not answer is asked again every three seconds, and the page says why", async () => {
  let answers = false;
  const { session, asked } = begin({ me: () => (answers ? Promise.resolve(me()) : Promise.reject(new ApiError(0))) });
  await session.begin();
  expect([session.me, session.trouble]).toEqual([undefined, "The server cannot be reached. Check the connection."]);
  await vi.advanceTimersByTimeAsync(2999);
  expect(asked.filter(([c]) => c === "me")).toHaveLength(1);
  answers = true;
  await vi.advanceTimersByTimeAsync(1);
  expect([session.me?.id, session.trouble]).toEqual(["mira", ""]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked.filter(([c]) => c === "me")).toHaveLength(2);
});

test("the start is repeated when the rooms cannot be fetched", async () => {
  let tries = 0;
  const prepare = async () => {
    if (tries++ === 0) throw new ApiError(500, problem(500, "Something broke."));
  };
  const { session } = begin({ me: async () => me() }, { prepare });
  await session.begin();
  expect([session.me, session.trouble]).toEqual([undefined, "Something broke."]);
  await vi.advanceTimersByTimeAsync(3000);
  expect(session.me?.id).toBe("mira");
});

test.each([
  [
    "setup",
    [
      "setup",
      {
        token: "s3cret",
        workspace: "Acme",
        name: "Mira Novak",
        handle: "mira",
        email: "mira@example.com",
        password: "a quiet place",
      },
    ],
  ],
  [
    "signup",
    [
      "signUp",
      { invite: "s3cret", name: "Mira Novak", handle: "mira", password: "a quiet place", email: "mira@example.com" },
    ],
  ],
  ["signin", ["signIn", "mira@example.com", "a quiet place"]],
] as const)("%s sends what its form collects, uses the secret up, and enters", async (door, command) => {
  const answer = async () => me();
  const { session, log } = begin({}),
    { api, asked } = serverOf<typeof Doors>({ setup: answer, signUp: answer, signIn: answer });
  await come(session, door, entry, api);
  expect(asked).toEqual([command]);
  expect(log).toEqual(["opened", "prepare mira, shown: false", "entered mira, shown: true"]);
});

test("an invitation without an address takes one that is left out", async () => {
  const { api, asked } = serverOf<typeof Doors>({ signUp: async () => me() });
  await come(begin({}).session, "signup", { ...entry, email: "" }, api);
  expect(asked[0]![1]).not.toHaveProperty("email");
});

test("who is refused stays at the door, and the secret stays in the address", async () => {
  const wrong = new ApiError(401, problem(401, "Wrong password.")),
    { api } = serverOf<typeof Doors>({ signIn: () => Promise.reject(wrong) }),
    { session, log } = begin({});
  expect(await come(session, "signin", entry, api)).toEqual({ field: "", text: "Wrong password." });
  expect([session.me, log]).toEqual([undefined, []]);
});

test("signing out leaves, unless the server does not hear of it", async () => {
  let fails = true;
  const { session, log } = begin({ signOut: () => (fails ? Promise.reject(new ApiError(0)) : Promise.resolve()) });
  await expect(session.signOut()).rejects.toThrow(ApiError);
  expect(log).toEqual([]);
  fails = false;
  await session.signOut();
  expect(log).toEqual(["signed out"]);
});

test("who signs out of a session that is over has signed out", async () => {
  const { session, log } = begin({ signOut: () => Promise.reject(new ApiError(401)) });
  await session.signOut();
  expect(log).toEqual(["signed out"]);
});

test("components hear when somebody comes in", async () => {
  const { session } = begin({ me: async () => me() });
  const seen: unknown[] = [];
  const stop = watched(() => seen.push(session.me?.id ?? session.me));
  await session.begin();
  flushSync();
  await settle();
  stop();
  expect(seen).toEqual([undefined, "mira"]);
});
