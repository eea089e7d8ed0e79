import { expect, test } from "vitest";
import { detailLine, NO_FILTER, originLine, searchOf } from "./audit";

const people = new Map([["ada", { id: "aaaaaaaaaaaa" }]]);

test("a search has what the form holds, and nothing that is empty", () => {
  const given = (more: object) =>
    Object.fromEntries(Object.entries(searchOf({ ...NO_FILTER, ...more }, people) ?? {}).filter(([, v]) => v));
  expect(given({})).toEqual({});
  for (const person of ["ada", " @Ada "]) expect(given({ person })).toEqual({ user: "aaaaaaaaaaaa" });
  expect(given({ what: "signed in", room: "bbbbbbbbbbbb" })).toEqual({ what: "signed in", room: "bbbbbbbbbbbb" });
  expect(searchOf({ ...NO_FILTER, person: "nobody" }, people)).toBeUndefined();
});

test("a span of days is from the beginning of the first to the end of the last, where the reader is", () => {
  const s = searchOf({ ...NO_FILTER, from: "2026-03-01", to: "2026-03-31" }, people)!;
  expect([s.from, s.to]).toEqual([new Date(2026, 2, 1).toISOString(), new Date(2026, 3, 1).toISOString()]);
  expect(searchOf({ ...NO_FILTER, from: "no day" }, people)!.from).toBeUndefined();
});

test("a detail reads as what it was and what it became", () => {
  expect(detailLine({ name: "role", from: "member", to: "admin" })).toBe("role: member → admin");
  expect(detailLine({ name: "call_url", from: "https://a.example/{room}" })).toBe(
    "call url: https://a.example/{room} → none",
  );
  expect(detailLine({ name: "topic" })).toBe("topic changed");
  expect(detailLine({ name: "command", to: "post" })).toBe("command: post");
});

test("where a row came from", () => {
  expect(originLine({ address: "192.0.2.1", session: "s", token: "" })).toBe("192.0.2.1 · session s");
  expect(originLine({})).toBe("");
});
