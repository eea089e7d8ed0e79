import { expect, test, vi } from "vitest";
import { me } from "../core/testing";
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
