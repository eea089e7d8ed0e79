import { expect, test, vi } from "vitest";
import type { Socket } from "./socket";
import { alive, AWS, begin, fakes, last, pass, seen, Wire } from "./testing";

fakes();

/** An AWS connection up to the moment at which the next one is opened, and how long that took, minutes. */
function aged(random: number): { s: Socket; old: Wire; minutes: number } {
  vi.mocked(Math.random).mockReturnValue(random);
  const s = begin(),
    old = last().hello(AWS);
  let seconds = 0;
  for (; Wire.all.length === 1 && seconds < 8000; seconds++) alive(old, 1);
  return { s, old, minutes: seconds / 60 };
}

test.each([
  [0, 90],
  [0.5, 102.5],
  [0.9999, 115],
])("a connection that will end is renewed before that (%d)", (random, minutes) => {
  expect(aged(random).minutes).toBeCloseTo(minutes, 1);
});

test("where connections do not end none is renewed", () => {
  begin();
  alive(last().hello(), 8000);
  expect(Wire.all.length).toBe(1);
});

test("the old connection is heard until the new one says hello, then only the new one; nobody is offline between", () => {
  const { s, old } = aged(0.5),
    fresh = last();
  seen.events = [];
  s.open({ room: "general" });
  fresh.accept().say({ type: "emoji" }); // before hello: what it tells is in what is fetched then
  expect(fresh.take()).toEqual([{ type: "open", room: "general" }]);
  s.typing("general");
  expect(old.take().at(-1)).toEqual({ type: "typing", room: "general" });
  old.say({ type: "resync" });
  expect([old.closed, seen.events]).toEqual([false, [{ type: "resync" }]]);
  fresh.say({ type: "hello", epoch: "e2", ...AWS });
  expect([old.closed, seen.log]).toEqual([true, ["open e", "open e2"]]);
  old.say({ type: "emoji" });
  fresh.say({ type: "resync" });
  expect(seen.events).toEqual([{ type: "resync" }, { type: "resync" }]);
  s.typing("general");
  expect(fresh.take().map((c) => c.type)).toEqual(["watch", "typing"]);
});

test("a renewal that fails is tried again while the old connection goes on", () => {
  const { old } = aged(0.5);
  last().accept().say({ type: "bye", code: 1012, retry_ms: 1000 });
  expect(seen.log).toEqual(["open e"]);
  alive(old, 90);
  expect(Wire.all.length).toBe(2);
  alive(old, 1);
  expect(Wire.all.length).toBe(3);
  last().hello(AWS);
  expect([old.closed, seen.log]).toEqual([true, ["open e", "open e"]]);
});

test("when the old connection ends during a renewal, the new one is the one", () => {
  const { old } = aged(0.5);
  old.end(1006);
  expect(Wire.all.length).toBe(2);
  last().hello(AWS);
  pass(60);
  expect([Wire.all.length, seen.log]).toEqual([2, ["open e", "lost", "open e"]]);
});

test("a session that is over is over on the new connection too", () => {
  const { old } = aged(0.5);
  last().accept().say({ type: "bye", code: 4001 });
  expect([old.closed, seen.log]).toEqual([true, ["open e", "lost", "ended"]]);
});
