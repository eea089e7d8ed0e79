// @vitest-environment happy-dom
// The audit log: an admin opens it, searches it, reads on, and gets a file of what was found.
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { at, GENERAL, me, problem, user } from "./core/testing";
import type { AuditLog, AuditRow } from "./wire/types";
import { $, all, field, House, named, type, words } from "../testing/house";

const LOG = "GET /audit?limit=50";
let house: House;
beforeAll(async () => {
  await import("./App.svelte");
  await Promise.all([
    import("./features/me/Me.svelte"),
    import("./features/me/Workspace.svelte"),
    import("./features/audit/Log.svelte"),
  ]);
}, 120_000);
beforeEach(() => {
  house = new House();
  house.who = me({ role: "admin" });
  house.users = [user("mira"), user("jonas", { name: "Jonas Weber", handle: "j.weber" })];
});
afterEach(() => house.leave());

const row = (n: number, more: Partial<AuditRow> = {}): AuditRow => ({
  n,
  at: at(n),
  what: "user changed",
  by: { id: "mira", handle: "mira" },
  session: "s1",
  address: "192.0.2.1",
  details: [],
  prev: "0".repeat(64),
  hash: `${n}`.repeat(64).slice(0, 64),
  ...more,
});
const answer = (rows: AuditRow[], next?: string): { body: AuditLog } => ({
  body: { rows, words: ["refused", "user changed"], head: "9:abc", ...(next ? { next } : {}) },
});
const rows = () => all("dialog ul[aria-label='Audit log'] > li").map(words);
async function press(label: string): Promise<void> {
  named(label).click();
  await house.wait();
}
async function open(): Promise<void> {
  await house.open(`/r/${GENERAL}`);
  for (const label of ["Settings", "Workspace", "Audit log"]) await press(label);
}
async function search(): Promise<void> {
  $("dialog form").dispatchEvent(new SubmitEvent("submit", { bubbles: true, cancelable: true }));
  await house.wait();
}

test("says who did what, to whom and where, with handles as they are today", async () => {
  house.instead.set(LOG, () =>
    answer([
      row(9, { of: { id: "jonas", handle: "jonas" }, details: [{ name: "role", from: "member", to: "admin" }] }),
      row(8, { what: "room changed", room: GENERAL, details: [{ name: "topic" }] }),
      row(7, { what: "member added", room_hidden: true, of: { id: "mira", handle: "mira" } }),
      row(6, {
        what: "password reset",
        by: undefined,
        address: "command line",
        of: { id: "gone", handle: "kim" },
      } as Partial<AuditRow>),
      row(5, { what: "refused", by: undefined, details: [{ name: "command", to: "sign in" }] } as Partial<AuditRow>),
    ]),
  );
  await open();
  const said = rows();
  expect(said[0]).toMatch(/^@mira user changed @j\.weber .*role: member → admin ?Row 9/);
  expect(said[1]).toMatch(/^@mira room changed in #general .*topic changed/);
  expect(said[2]).toMatch(/^@mira member added in a room that you do not see/);
  expect(said[3]).toMatch(/^Command line password reset @kim/);
  expect(said[4]).toMatch(/^Not signed in refused .*command: sign in/);
  expect(said[0]).toContain("192.0.2.1 · session s1");
  expect(words($("dialog"))).toContain("Newest row: 9:abc");
});

test("searches by person, kind, room and days, and the files are of the same search", async () => {
  const [from, to] = [new Date(2026, 2, 1).toISOString(), new Date(2026, 2, 3).toISOString()].map(encodeURIComponent);
  const q = `user=jonas&what=refused&room=${GENERAL}&from=${from}&to=${to}`;
  house.instead.set(LOG, () => answer([row(9)]));
  house.instead.set(`GET /audit?${q}&limit=50`, () => answer([]));
  await open();
  type(field("Person"), "@j.weber");
  const choose = (i: number, value: string) => {
    const s = all("dialog select")[i] as HTMLSelectElement;
    s.value = value;
    s.dispatchEvent(new Event("change", { bubbles: true }));
  };
  choose(0, "refused");
  choose(1, GENERAL);
  const [first, last] = all("dialog input[type=date]") as unknown as HTMLInputElement[];
  type(first!, "2026-03-01");
  type(last!, "2026-03-02");
  await search();
  expect([rows(), words($("dialog")).includes("No matches")]).toEqual([[], true]);
  const files = all("dialog a[download]").map((a) => a.getAttribute("href"));
  expect(files).toEqual([`/api/v1/audit/export?${q}&format=csv`, `/api/v1/audit/export?${q}&format=jsonl`]);
});

test("shows what was searched for last, in whatever order the answers come", async () => {
  let come = () => {};
  const late = new Promise<void>((done) => (come = done));
  house.instead.set(LOG, async () => (await late, answer([row(9)])));
  house.instead.set("GET /audit?user=jonas&limit=50", () => answer([row(8)]));
  await open();
  type(field("Person"), "j.weber");
  await search();
  come();
  await house.wait();
  expect(rows().map((r) => /Row \d/.exec(r)?.[0])).toEqual(["Row 8"]);
});

test("says so when nobody has the handle, and asks nothing", async () => {
  house.instead.set(LOG, () => answer([row(9)]));
  await open();
  const before = house.asked.length;
  type(field("Person"), "nobody");
  await search();
  expect([words($("dialog [role=alert]")), house.asked.length, rows().length]).toEqual([
    "Nobody has this handle.",
    before,
    1,
  ]);
});

test("goes on from page to page, also from one without rows, and after an error", async () => {
  house.instead.set(LOG, () => answer([], "20"));
  let second: { status?: number; body: unknown } = { status: 503, body: problem(503, "Try again later.") };
  house.instead.set("GET /audit?limit=50&cursor=20", () => second);
  house.instead.set("GET /audit?limit=50&cursor=9", () => answer([row(8)]));
  await open();
  await press("Search further back");
  expect(words($("dialog"))).toContain("The audit log could not be loaded. Try again Try again later.");
  second = answer([row(9)], "9");
  await press("Try again");
  await press("Show more");
  expect(rows().length).toBe(2);
});
