// @vitest-environment happy-dom
// What goes on beside the page: the badge, and whether one is here.
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { direct, GENERAL, LUNCH, room } from "./core/testing";
import { Wire } from "./net/testing";
import type { Message } from "./wire/types";
import { $, House, key } from "../testing/house";

const JONAS = "cccccccccccc";

/** The channel between the tabs of a browser. */
class Channel {
  static all: Channel[] = [];
  onmessage = (_: { data: unknown }) => {};
  constructor(readonly name: string) {
    Channel.all.push(this);
  }
  postMessage(): void {}
  close(): void {}
}

let house: House;
beforeEach(() => {
  house = new House();
  house.rooms = [room(), room(LUNCH), direct(JONAS, ["mira", "jonas"])];
  Channel.all = [];
  vi.stubGlobal("BroadcastChannel", Channel);
});
afterEach(() => house.leave());

/** Jonas writes. */
async function hears(id: string, more: Partial<Message> = {}): Promise<Message> {
  const m = house.post(id, "jonas", more);
  await house.say({ type: "message", room: id, rev: m.rev, message: m });
  return m;
}

describe("the badge", () => {
  const icon = () => decodeURIComponent($<HTMLLinkElement>('link[rel="icon"]').getAttribute("href")!);
  beforeEach(() => {
    const link = document.createElement("link");
    Object.assign(link, { rel: "icon", href: "/icon.svg" });
    document.body.append(link);
  });

  test("counts places, and does not flicker with what is read at once", async () => {
    house.rooms[1] = room(LUNCH, { last_seq: 5, unread: 5, mention_count: 2 });
    await house.open(`/r/${GENERAL}`);
    await house.wait(2000);
    expect([document.title, icon()]).toEqual(["(1) general · Acme", expect.stringContaining(">1</text>")]);
    const m = await hears(JONAS);
    expect(document.title).toBe("(1) general · Acme");
    await house.say({ type: "read", room: JONAS, seq: m.seq, read_rev: 1, unread: 0, mention_count: 0 });
    await house.wait(2000);
    expect(document.title).toBe("(1) general · Acme");
    await hears(JONAS);
    await house.wait(2000);
    expect(document.title).toBe("(2) general · Acme");
    await house.say({ type: "read", room: LUNCH, seq: 5, read_rev: 1, unread: 0, mention_count: 0 });
    expect([document.title, icon()]).toEqual(["(1) general · Acme", expect.stringContaining(">1</text>")]);
  });
});

test("whoever gives no sign for five minutes is away, unless another tab is used", async () => {
  await house.open(`/r/${GENERAL}`);
  const said = () =>
    Wire.all
      .at(-1)!
      .sent.filter((c) => c["type"] === "presence")
      .map((c) => c["state"]);
  await house.wait(3 * 60_000);
  Channel.all[0]!.onmessage({ data: "active" });
  await house.wait(4 * 60_000);
  expect(said()).toEqual([]);
  await house.wait(90_000);
  expect(said()).toEqual(["away"]);
  key(document.body, "x");
  expect(said()).toEqual(["away", "active"]);
});
