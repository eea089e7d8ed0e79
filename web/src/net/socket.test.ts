import { describe, expect, test, vi } from "vitest";
import type { Presence } from "../wire/live";
import { alive, AWS, begin, fakes, last, pass, seen, settled, Wire } from "./testing";

fakes();

test("open is the very first frame, and the only one before hello", () => {
  const s = begin(),
    w = last();
  s.open({ room: "general" });
  s.presence("away");
  s.typing("general");
  expect(w.sent).toEqual([]);
  w.accept();
  s.typing("general");
  s.hurry();
  expect(w.take()).toEqual([{ type: "open", room: "general" }]);
  w.say({ type: "hello", epoch: "e", heartbeat: 25 });
  expect(w.take()).toEqual([
    { type: "presence", state: "away" },
    { type: "watch", users: ["mira", "jonas"] },
  ]);
  expect(seen.log).toEqual(["open e"]);
});

test("a room opened between open and hello is said after hello; with no room it is null", async () => {
  const s = begin(),
    w = last().accept();
  s.open({ room: "lunch" });
  expect(w.take()).toEqual([{ type: "open", room: null }]);
  w.say({ type: "hello", epoch: "e", heartbeat: 25 });
  expect(w.take()[0]).toEqual({ type: "open", room: "lunch" });
  s.open({ room: "lunch" });
  await settled();
  expect(w.take()).toEqual([]);
  s.open({ room: null });
  s.open({ room: "lunch" });
  await settled();
  expect(w.take()).toEqual([]);
  s.open({ room: null });
  await settled();
  expect(w.take()).toEqual([{ type: "open", room: null }]);
});

test("a second hello changes nothing", () => {
  begin();
  last().hello().say({ type: "hello", epoch: "e", heartbeat: 25 });
  expect(seen.log).toEqual(["open e"]);
});

test("what comes before hello is left to what is fetched after it", () => {
  begin();
  last()
    .accept()
    .say({ type: "emoji" })
    .say([{ type: "hello", epoch: "e", heartbeat: 25 }, { type: "resync" }]);
  expect(seen.events).toEqual([{ type: "resync" }]);
});

test("a hello that does not come is waited for no longer than a home needs to start", () => {
  begin();
  last().accept();
  pass(30);
  expect(last().closed).toBe(false);
  pass(1);
  expect([Wire.all[0]!.closed, seen.log]).toEqual([true, ["lost"]]);
  pass(1);
  expect(Wire.all.length).toBe(2);
});

test.each([
  ["a close code", (w: Wire) => w.end(4001)],
  ["bye", (w: Wire) => w.say({ type: "bye", code: 4001 })],
])("a session that is over, by %s, is over", (_, end) => {
  begin();
  end(last().hello());
  pass(600);
  expect([seen.log, Wire.all.length]).toEqual([["open e", "lost", "ended"], 1]);
});

test("bye before hello counts too", () => {
  begin();
  last().accept().say({ type: "bye", code: 4001 });
  expect(seen.log).toEqual(["lost", "ended"]);
});

test.each([
  ["a reason", (w: Wire) => w.end(1012, "retry 4000")],
  ["bye", (w: Wire) => w.say([{ type: "bye", code: 1012, retry_ms: 4000 }, { type: "resync" }])],
])("when to come back is the server's to say, by %s", (_, end) => {
  begin();
  const w = last().hello();
  end(w);
  expect([w.closed, seen.events]).toEqual([true, []]);
  pass(3);
  expect(Wire.all.length).toBe(1);
  pass(1);
  expect(Wire.all.length).toBe(2);
  last().hello();
  expect(seen.log).toEqual(["open e", "lost", "open e"]);
});

test("without such a hint the waits double", () => {
  begin();
  const waits: number[] = [];
  for (let i = 0; i < 8; i++) {
    const n = Wire.all.length;
    last().say({ type: "bye", code: 4029 });
    let seconds = 0;
    while (Wire.all.length === n) {
      pass(1);
      seconds++;
    }
    waits.push(seconds);
  }
  expect(waits).toEqual([1, 1, 1, 2, 4, 8, 15, 15]);
});

test("presence that does not come by itself is asked for again, for the 20 most wanted, while one is there", () => {
  seen.wanted = Array.from({ length: 300 }, (_, i) => `u${i}`);
  const s = begin(),
    w = last().hello(AWS),
    first = { type: "watch", users: seen.wanted.slice(0, 20) };
  expect(w.take()).toEqual([{ type: "open", room: null }, first]);
  pass(59);
  expect(w.take()).toEqual([]);
  seen.wanted = ["mira"];
  pass(1);
  expect(w.take()).toEqual([{ type: "watch", users: ["mira"] }]);
  s.presence("away");
  w.take();
  pass(180);
  expect(w.take()).toEqual([]);
  s.presence("active");
  pass(1);
  expect(w.take()).toEqual([
    { type: "presence", state: "active" },
    { type: "watch", users: ["mira"] },
  ]);
  pass(60);
  expect(w.take()).toEqual([{ type: "watch", users: ["mira"] }]);
  seen.wanted = [];
  pass(180);
  const watched = w.take().filter((c) => c["type"] === "watch");
  expect(watched, "of a page that shows nobody").toEqual([{ type: "watch", users: [] }]);
});

test("where presence comes by itself it is asked for once, for 200, and again when others are wanted", async () => {
  seen.wanted = Array.from({ length: 300 }, (_, i) => `u${i}`);
  const s = begin(),
    w = last().hello();
  expect((w.take()[1]!.users as string[]).length).toBe(200);
  expect(alive(w, 600).every((c) => c.type === "ping")).toBe(true);
  seen.wanted = seen.wanted.slice(0, 200).reverse();
  s.open({ room: "general" });
  await settled();
  expect(w.take()).toEqual([{ type: "open", room: "general" }]);
  seen.wanted = ["mira"];
  s.open({ room: "lunch" });
  await settled();
  expect(w.take()).toEqual([
    { type: "open", room: "lunch" },
    { type: "watch", users: ["mira"] },
  ]);
});

test.each([25, 480])("with a heartbeat of %d s silence is noticed 10 s after it", (heartbeat) => {
  begin();
  const w = last().hello({ heartbeat });
  w.take();
  pass(heartbeat);
  expect(w.take()).toEqual([]);
  pass(1);
  expect(w.take()).toEqual([{ type: "ping" }]);
  pass(9);
  expect(w.closed).toBe(false);
  pass(1);
  expect([w.closed, seen.log]).toEqual([true, ["open e", "lost"]]);
});

test("who only writes, and hears nothing, is not taken for one whose connection is dead", () => {
  const s = begin(),
    w = last().hello();
  for (let i = 0; i < 60; i++) {
    s.typing("general");
    alive(w, 2);
  }
  expect(seen.log).toEqual(["open e"]);
});

test("after waking, a dead connection is found within seconds, whatever the heartbeat", () => {
  const s = begin(),
    w = last().hello(AWS);
  w.take();
  s.hurry();
  s.hurry();
  expect(w.take()).toEqual([{ type: "ping" }, { type: "ping" }]);
  pass(10);
  expect(w.closed).toBe(false);
  pass(1);
  expect(w.closed).toBe(true);
  pass(1);
  expect(Wire.all.length).toBe(2);
});

test("after waking, a connection that answers stays", () => {
  const s = begin(),
    w = last().hello(AWS);
  s.hurry();
  w.say({ type: "pong" });
  pass(300);
  expect([w.closed, seen.log]).toEqual([false, ["open e"]]);
});

test("after waking one does not wait for the backoff", () => {
  const s = begin();
  last().hello().end(1012, "retry 60000");
  s.hurry();
  expect(Wire.all.length).toBe(2);
  last().hello();
  pass(20);
  expect(seen.log).toEqual(["open e", "lost", "open e"]);
});

test("closed, it says and hears nothing more", async () => {
  const s = begin(),
    w = last().hello(),
    state: Presence = "away";
  w.take();
  s.close();
  s.open({ room: "general" });
  s.presence(state);
  s.hurry();
  await settled();
  w.say({ type: "resync" });
  pass(600);
  expect([w.closed, w.sent, seen.events, Wire.all.length]).toEqual([true, [], [], 1]);
});

describe("the clock of the device", () => {
  const HOURS = 2 * 60 * 60_000;
  const set = (by: number) => void vi.setSystemTime(Date.now() + by);

  test("set back two hours, it stops no ping, and a silent connection is still found dead", () => {
    begin();
    const w = last().hello();
    w.take();
    pass(1);
    set(-HOURS);
    pass(25);
    expect(w.take()).toEqual([{ type: "ping" }]);
    pass(10);
    expect([w.closed, seen.log]).toEqual([true, ["open e", "lost"]]);
  });

  test("set back two hours, it stops no reconnection", () => {
    begin();
    last().hello().end(1012, "retry 4000");
    set(-HOURS);
    pass(4);
    expect(Wire.all.length).toBe(2);
    set(-HOURS);
    pass(31);
    expect(Wire.all[1]!.closed, "a hello that does not come").toBe(true);
    pass(1);
    expect(Wire.all.length).toBe(3);
  });

  test("set back two hours, it stops neither renewal nor the question for presence", () => {
    begin();
    const w = last().hello(AWS);
    w.take();
    set(-HOURS);
    expect(alive(w, 70).filter((c) => c.type === "watch")).toHaveLength(1);
    alive(w, 6090);
    expect(Wire.all.length).toBe(2);
  });

  test("that jumps forward while the page stood still tells of a sleep: whether the server is there is asked at once", () => {
    begin();
    const w = last().hello(AWS);
    pass(2);
    w.take();
    set(HOURS);
    pass(1);
    expect(w.take()).toEqual([{ type: "ping" }]);
    pass(11);
    expect(w.closed).toBe(true);
  });

  test("that jumps forward neither ends a connection that answers nor shortens a wait the server asked for", () => {
    begin();
    const w = last().hello();
    pass(1);
    set(HOURS);
    alive(w, 40);
    expect([w.closed, seen.log]).toEqual([false, ["open e"]]);
  });
});
