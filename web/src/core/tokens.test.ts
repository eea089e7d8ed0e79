import { expect, test } from "vitest";
import type { Token } from "../wire/types";
import { BOT_RIGHTS, isExpired, LIVES, rightsLabel, rightsOf, tokenLine } from "./tokens";

test("only who administers may give the right to administer", () => {
  const scopes = (role: "admin" | "member") => rightsOf({ role }).map((r) => r.scope);
  expect([scopes("admin"), scopes("member")]).toEqual([
    ["read", "write", "admin", "audit"],
    ["read", "write"],
  ]);
});

test.each([
  [["read"], "Read"],
  [["read", "write"], "Read and write"],
  [["write"], "Read and write"],
  [["admin"], "Read, write and administer"],
  [["audit"], "Read the audit log, and nothing else"],
] as const)("the scopes %j are shown as %s", (scopes, label) =>
  expect(rightsLabel({ scopes: [...scopes] })).toBe(label),
);

test("90 days are offered first", () => expect(LIVES[0]).toEqual({ seconds: 7_776_000, label: "90 days" }));

test("a token expires at its moment, and without one never", () => {
  const at = Date.parse("2026-11-24T09:00:00Z");
  const of = (expires_at?: string) => isExpired(expires_at ? { expires_at } : {}, at);
  expect([of("2026-11-24T09:00:00Z"), of("2026-11-24T09:00:01Z"), of()]).toEqual([true, false, false]);
});

test("a bot's token can be given no more than to read and write", () =>
  expect(BOT_RIGHTS.map((r) => r.scope)).toEqual(["read", "write"]));

test("the line for a shell posts, or reads where the token may not", () => {
  const line = (scopes: Token["scopes"]) =>
    tokenLine("https://chat.example", { secret: "s3", token: { id: "t", name: "ci", created_at: "", scopes } }, "r1");
  expect(line(["read", "write"])).toBe(
    `curl -H 'Authorization: Bearer s3' -H 'Content-Type: application/json' -d '{"text": "Hello from a script"}' ` +
      `'https://chat.example/api/v1/rooms/r1/messages'`,
  );
  expect(line(["read"])).toBe(`curl -H 'Authorization: Bearer s3' 'https://chat.example/api/v1/rooms'`);
});
