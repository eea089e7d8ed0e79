import { expect, test } from "vitest";
import { isExpired, LIVES, rightsLabel, rightsOf } from "./tokens";

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
