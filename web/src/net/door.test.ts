import { expect, test, vi } from "vitest";
import { me } from "../core/testing";
import { ApiError } from "./api";
import { comeIn, type Entry } from "./door";

const entry: Entry = {
  secret: "s",
  workspace: "Acme",
  name: "Mira",
  handle: "mira",
  email: "m@a.b",
  password: "quiet",
};

test.each([
  [
    "setup",
    "setup",
    [{ token: "s", workspace: "Acme", name: "Mira", handle: "mira", email: "m@a.b", password: "quiet" }],
  ],
  ["signup", "signUp", [{ invite: "s", name: "Mira", handle: "mira", password: "quiet", email: "m@a.b" }]],
  ["reset", "resetPassword", [{ token: "s", password: "quiet" }]],
  ["signin", "signIn", ["m@a.b", "quiet"]],
] as const)("%s gives one command, and answers who one is", async (by, command, args) => {
  const yes = () => vi.fn(async () => me());
  const api = { setup: yes(), signUp: yes(), resetPassword: yes(), signIn: yes() };
  expect(await comeIn(api as never, by, entry)).toEqual(me());
  expect(api[command].mock.calls).toEqual([args]);
  expect(Object.values(api).flatMap((f) => f.mock.calls)).toHaveLength(1);
});

test("an invitation without an address sends none", async () => {
  const api = { signUp: vi.fn(async (_: object) => me()) };
  await comeIn(api as never, "signup", { ...entry, email: "" });
  expect(api.signUp.mock.calls[0]![0]).not.toHaveProperty("email");
});

const busy = () => new ApiError(503, undefined, 2);

test("who comes with many others waits for their turn", async () => {
  const signIn = vi.fn().mockRejectedValueOnce(busy()).mockRejectedValueOnce(busy()).mockResolvedValue(me()),
    pauses: number[] = [];
  expect(await comeIn({ signIn } as never, "signin", entry, async (ms) => void pauses.push(ms))).toEqual(me());
  expect(pauses).toHaveLength(2);
  for (const ms of pauses) expect(ms >= 2000 && ms < 4000).toBe(true); // not all come back at once
});

test.each([
  ["a server that stays busy", busy(), 5],
  ["a proxy without a server", new ApiError(503), 1],
  ["a wrong password", new ApiError(401), 1],
  ["no answer", new ApiError(0), 1],
])("%s is said in the end", async (_, error, times) => {
  const signIn = vi.fn().mockRejectedValue(error);
  await expect(comeIn({ signIn } as never, "signin", entry, async () => {})).rejects.toThrow(error);
  expect(signIn).toHaveBeenCalledTimes(times);
});
