// @vitest-environment happy-dom
// What a tab reports of how fast the page is, and what it does not.
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { GENERAL, LUNCH, me, room } from "./core/testing";
import { MOST, placeIn, Report } from "./core/vitals";
import { Wire } from "./net/testing";
import type { Vitals } from "./wire/types";
import { $, House, key, named, type } from "../testing/house";

test("a place in the client's own scripts is one, and no other", () => {
  const here = "https://chat.example.com";
  expect(placeIn(here, `${here}/assets/index-Bx3.js:1:2034`)).toBe("assets/index-Bx3.js:1:2034");
  const stack = `TypeError: Mira's secret\n    at f (${here}/assets/soon-a_b.js:2:30)\n    at g (${here}/assets/index.js:1:1)`;
  expect(placeIn(here, stack)).toBe("assets/soon-a_b.js:2:30");
  for (const other of [
    "chrome-extension://abc/assets/x.js:1:1",
    "https://evil.another-host.example/assets/x.js:1:1",
    `${here}/assets/x.css:1:1`,
    `${here}/assets/Mira is late.js:1:1`,
    `${here}/r/abc:1:1`,
    "",
  ])
    expect(placeIn(here, other)).toBe(undefined);
});

test("a report is bounded", () => {
  let full = 0;
  const r = new Report(true, () => full++);
  for (const ms of [0, 0.2, -5, 60_001, NaN, Infinity]) r.took("echo", ms);
  expect(r.take()).toEqual([]);
  for (let i = 0; i < MOST; i++) r.took("echo", 1234.4);
  expect(full).toBe(1);
  expect(r.take()).toEqual(Array.from({ length: MOST }, () => ({ name: "echo", seconds: 1.234 })));
  for (let i = 0; i < 14; i++) r.error(`assets/index.js:1:${i >> 1}`);
  expect(r.take().map((v) => v.at)).toEqual([0, 1, 2, 3, 4].map((i) => `assets/index.js:1:${i}`));
  const seldom = new Report(false, () => {});
  seldom.took("room_switch", 10);
  seldom.reconnected();
  seldom.error("assets/index.js:1:1");
  expect(seldom.take()).toEqual([{ name: "script_error", at: "assets/index.js:1:1" }]);
});

describe("in the client", () => {
  let house: House;
  let sent: Vitals[];
  let chance: number;
  beforeEach(() => {
    house = new House();
    house.rooms = [room(), room(LUNCH)];
    house.who = me({ workspace: { ...me().workspace, vitals: true } });
    sent = [];
    chance = 0.05;
    vi.spyOn(Math, "random").mockImplementation(() => chance);
    says({ sendBeacon: beacon, globalPrivacyControl: undefined, doNotTrack: null });
  });
  afterEach(() => house.leave());

  /** What the browser says of itself. */
  function says(what: object): void {
    for (const [name, value] of Object.entries(what))
      Object.defineProperty(navigator, name, { configurable: true, get: () => value as unknown });
  }

  function beacon(path: string, body: Blob): boolean {
    expect([path, body.type]).toEqual(["/api/v1/vitals", "application/json"]);
    void body.text().then((t) => sent.push(JSON.parse(t) as Vitals));
    return true;
  }
  const names = () => sent.flatMap((r) => r.vitals.map((v) => v.name));
  const fail = (filename: string) =>
    dispatchEvent(Object.assign(new Event("error"), { filename, lineno: 1, colno: 7, message: "Mira's secret" }));

  async function use(): Promise<void> {
    await house.open(`/r/${GENERAL}`);
    await house.wait(2000);
    named("lunch", "nav a").click();
    await house.wait(2000);
    type($("#room textarea"), "Soup?");
    key($("#room textarea"), "Enter");
    await house.wait();
    const m = house.messages.get(LUNCH)!.at(-1)!;
    await house.say({ type: "message", room: LUNCH, rev: m.rev, message: m });
    Wire.all.at(-1)!.end(1006);
    dispatchEvent(new Event("online"));
    await house.wait();
    Wire.all.at(-1)!.hello();
    await house.wait();
    fail(`${location.origin}/assets/index.js`);
    fail("chrome-extension://abc/content.js");
    await house.wait(60_000);
  }

  test("times, reconnects and script errors are reported, and nothing that names anybody", async () => {
    await use();
    expect(names().sort()).toEqual(["echo", "reconnect", "room_switch", "script_error"]);
    const all = JSON.stringify(sent);
    for (const secret of [GENERAL, LUNCH, "Soup", "mira", "Mira"]) expect(all).not.toContain(secret);
    for (const v of sent.flatMap((r) => r.vitals)) {
      expect(Object.keys(v).every((k) => ["name", "seconds", "at"].includes(k))).toBe(true);
      if (v.name === "echo" || v.name === "room_switch") expect(v.seconds).toBeLessThan(5);
    }
  });

  test("a tab that does not measure reports errors alone", async () => {
    chance = 0.5;
    await use();
    expect(names()).toEqual(["script_error"]);
  });

  test("nothing is reported where the operator or the person wants none", async () => {
    house.who = me();
    await use();
    expect(sent).toEqual([]);
  });

  test.each([{ globalPrivacyControl: true }, { doNotTrack: "1" }])("nothing is reported with %o", async (asks) => {
    says(asks);
    await use();
    expect(sent).toEqual([]);
  });

  test("what waits is reported when the page is left", async () => {
    await house.open(`/r/${GENERAL}`);
    await house.wait(2000);
    fail(`${location.origin}/assets/index.js`);
    dispatchEvent(new Event("pagehide"));
    await house.wait();
    expect(names()).toEqual(["script_error"]);
  });
});
