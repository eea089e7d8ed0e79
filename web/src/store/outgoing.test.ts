// @vitest-environment happy-dom
import { flushSync } from "svelte";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Shelves } from "../core/shelf";
import { GENERAL, LUNCH, message, problem, settle } from "../core/testing";
import { ApiError } from "../net/api";
import type { Message, PostMessage } from "../wire/types";
import { Outgoing } from "./outgoing.svelte";
import { watched } from "../../testing/watched.svelte";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  localStorage.clear();
});

/** What Mira sends, to a server that answers when the test says so. */
function house() {
  const asked: { room: string; text: string; id: string; more: object; answer(m: Message | ApiError): void }[] = [];
  const post = (room: string, { client_id: id = "", text = "", ...more }: PostMessage) =>
    new Promise<Message>((yes, no) =>
      asked.push({ room, id, text: text!, more, answer: (m) => (m instanceof ApiError ? no(m) : yes(m)) }),
    );
  const sent: Message[] = [],
    out = vi.fn(async () => true);
  const outgoing = new Outgoing(
    new Shelves(() => localStorage),
    { finish: (text) => text, sent: (m) => sent.push(m), isOver: out },
    { post },
  );
  outgoing.begin("mira");
  return { outgoing, asked, sent, out };
}

const states = (o: Outgoing) => o.rows.map((r) => `${r.text}: ${r.sending.is}`);

test("a message is drawn at once, and goes when the server has it", async () => {
  const h = house(),
    seen: string[] = [];
  const stop = watched(() => seen.push(states(h.outgoing).join()));
  flushSync();
  h.outgoing.send(GENERAL, "Lunch?");
  flushSync();
  expect(seen).toEqual(["", "Lunch?: sending"]);
  h.asked[0]!.answer(message(1));
  await settle();
  flushSync();
  stop();
  expect([seen.at(-1), h.sent.map((m) => m.seq)]).toEqual(["", [1]]);
});

test("every message has an id of its own", () => {
  const { outgoing } = house();
  for (let i = 0; i < 5; i++) outgoing.send(GENERAL, "same words");
  expect(new Set(outgoing.rows.map((r) => r.client_id)).size).toBe(5);
});

test("a poll leaves what was added to the draft beside it", async () => {
  const h = house(),
    poll = { options: ["Soup", "Salad"], several: false, anonymous: false };
  h.outgoing.previews.set(GENERAL, "p1");
  h.outgoing.asking.add(GENERAL);
  h.outgoing.send(GENERAL, "Where?", {}, { poll, open: 3_600_000 });
  expect(h.asked[0]!.more).toEqual({
    poll: { ...poll, closes_at: new Date(Date.now() + 3_600_000).toISOString() },
  });
  h.asked[0]!.answer(message(1));
  await settle();
  h.outgoing.send(GENERAL, "Look");
  expect(h.asked[1]!.more).toEqual({ preview: "p1", confirm: true });
});

test("a message behind another waits, and says so", () => {
  const { outgoing } = house();
  outgoing.send(GENERAL, "one");
  outgoing.send(GENERAL, "two");
  expect(states(outgoing)).toEqual(["one: sending", "two: waiting"]);
});

test("a failure that may pass is drawn as retrying until it is sent again", async () => {
  const { outgoing, asked } = house();
  outgoing.send(GENERAL, "one");
  asked[0]!.answer(new ApiError(0));
  await settle();
  expect(states(outgoing)).toEqual(["one: retrying"]);
  await vi.advanceTimersByTimeAsync(500);
  expect(states(outgoing)).toEqual(["one: sending"]);
  expect(asked[1]!.id).toBe(asked[0]!.id);
});

test("a refused message can be sent again", async () => {
  const { outgoing, asked } = house();
  outgoing.send(GENERAL, "one");
  asked[0]!.answer(new ApiError(403, problem(403, "Only owners post here.")));
  await settle();
  expect(outgoing.rows[0]!.sending).toEqual({ is: "failed", why: "Only owners post here." });
  outgoing.retry(outgoing.rows[0]!);
  expect([states(outgoing), asked.length, asked[1]!.id]).toEqual([["one: sending"], 2, asked[0]!.id]);
});

test("a refused message can be deleted", async () => {
  const { outgoing, asked } = house();
  outgoing.send(GENERAL, "one");
  asked[0]!.answer(new ApiError(400, problem(400, "Too long.")));
  await settle();
  outgoing.discard(outgoing.rows[0]!);
  expect([outgoing.rows, localStorage.length]).toEqual([[], 0]);
});

test("what was written before a reload is drawn again, and sent when the connection is up", () => {
  const before = house();
  before.outgoing.send(GENERAL, "one");
  const h = house();
  expect([states(h.outgoing), h.asked]).toEqual([["one: waiting"], []]);
  h.outgoing.flush();
  expect([states(h.outgoing), h.asked[0]!.id]).toEqual([["one: sending"], before.asked[0]!.id]);
});

describe("two tabs", () => {
  /** What the browser tells the other tabs after something was kept or removed. */
  const told = (o: Outgoing, key: string, newValue: string | null) => o.heard({ key, newValue });
  const kept = () => Object.keys(localStorage).filter((k) => k.startsWith("canteen.outbox."));

  test("what one writes is drawn in the other, which does not send it as well", async () => {
    const here = house(),
      there = house();
    here.outgoing.send(GENERAL, "one");
    const [row] = kept();
    told(there.outgoing, row!, localStorage.getItem(row!));
    expect([states(there.outgoing), there.asked.length]).toEqual([["one: waiting"], 0]);
    here.asked[0]!.answer(message(1));
    await settle();
    told(there.outgoing, row!, null);
    await vi.advanceTimersByTimeAsync(60_000);
    expect([states(there.outgoing), there.asked.length]).toEqual([[], 0]);
  });

  test("what one leaves behind is sent by the other, with the same id and in the order of writing", async () => {
    const here = house(),
      there = house();
    for (const text of ["one", "two"]) {
      here.outgoing.send(GENERAL, text);
      const row = kept().at(-1)!;
      told(there.outgoing, row, localStorage.getItem(row));
    }
    await vi.advanceTimersByTimeAsync(10_000); // the first tab is gone: its requests are never answered
    expect(there.asked.map((a) => [a.text, a.id])).toEqual([["one", here.asked[0]!.id]]);
    there.asked[0]!.answer(message(1));
    await settle();
    there.asked[1]!.answer(message(2));
    await settle();
    expect([there.asked.map((a) => a.text), kept()]).toEqual([["one", "two"], []]);
  });

  test("what one writes goes after what the other has written before", () => {
    const here = house(),
      there = house();
    here.outgoing.send(GENERAL, "one");
    there.outgoing.send(GENERAL, "two");
    expect(there.asked.map((a) => [a.text, a.id])).toEqual([["one", here.asked[0]!.id]]);
  });

  test("what the device keeps besides concerns no outbox", async () => {
    const { outgoing, asked } = house();
    localStorage.setItem("canteen.outbox.mira.x", JSON.stringify({ client_id: "x", room: GENERAL, text: "hi", at: 1 }));
    for (const key of ["canteen.draft.mira.x", "canteen.outbox.jonas.x"]) told(outgoing, key, "1");
    await vi.advanceTimersByTimeAsync(60_000);
    expect([outgoing.rows, asked]).toEqual([[], []]);
  });
});

test("a room shows its own rows, without those whose message is there already", () => {
  const { outgoing } = house();
  outgoing.send(GENERAL, "one");
  outgoing.send(LUNCH, "two");
  expect(outgoing.in([], GENERAL).map((o) => o.text)).toEqual(["one"]);
  const echo = message(1, { client_id: outgoing.rows[0]!.client_id });
  expect(outgoing.in([echo], GENERAL)).toEqual([]);
});

test("a room waits while something may still arrive in it", async () => {
  const { outgoing, asked } = house();
  outgoing.send(GENERAL, "one");
  expect([outgoing.waits([], GENERAL), outgoing.waits([], LUNCH)]).toEqual([true, false]);
  const arrived = message(1, { author: "mira", client_id: outgoing.rows[0]!.client_id });
  expect(outgoing.waits([arrived], GENERAL), "its event came before the answer").toBe(false);
  asked[0]!.answer(new ApiError(400, problem(400, "No.")));
  await settle();
  expect(outgoing.waits([], GENERAL), "a failed one will not").toBe(false);
});

test("the end of the session is passed on", async () => {
  const { outgoing, asked, out } = house();
  outgoing.send(GENERAL, "one");
  asked[0]!.answer(new ApiError(401));
  await settle();
  expect(out).toHaveBeenCalledOnce();
  expect(outgoing.rows, "nothing is lost").toHaveLength(1);
});

test("before anybody is signed in, nothing happens", () => {
  const o = new Outgoing(new Shelves(() => localStorage), {
    finish: (text) => text,
    sent() {},
    isOver: async () => true,
  });
  o.flush();
  expect(o.rows).toEqual([]);
});
