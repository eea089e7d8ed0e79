import { describe, expect, test } from "vitest";
import {
  after,
  Outbox,
  isIn,
  pendingIn,
  sendingNote,
  uploads,
  WAITING,
  type Happening,
  type OutboxMessage,
  type Sending,
} from "./outbox";
import { WHO } from "./shelf";
import { GENERAL, LUNCH, Memory } from "./testing";

const sending = (tries: number): Sending => ({ is: "sending", tries });
const retrying = (tries: number): Sending => ({ is: "retrying", tries });
const failed: Sending = { is: "failed", why: "no" };

const begun: Happening = { what: "begun" };
const unanswered: Happening = { what: "unanswered" };
const refused: Happening = { what: "refused", why: "no" };
const requeued: Happening = { what: "requeued" };

describe("the states of sending: every state and everything that can happen", () => {
  test.each<[Sending, Happening, Sending]>([
    [WAITING, begun, sending(1)],
    [WAITING, unanswered, WAITING],
    [WAITING, refused, WAITING],
    [WAITING, requeued, WAITING],
    [sending(1), begun, sending(1)],
    [sending(1), unanswered, retrying(1)],
    [sending(3), unanswered, retrying(3)],
    [sending(1), refused, failed],
    [sending(1), requeued, sending(1)],
    [retrying(1), begun, sending(2)],
    [retrying(7), begun, sending(8)],
    [retrying(1), unanswered, retrying(1)],
    [retrying(1), refused, retrying(1)],
    [retrying(1), requeued, retrying(1)],
    [failed, begun, failed],
    [failed, unanswered, failed],
    [failed, refused, failed],
    [failed, requeued, WAITING],
  ])("%j, %j", (from, happening, to) => expect(after(from, happening)).toEqual(to));

  test("only what the author decides leads out of failed", () => {
    for (const h of [begun, unanswered, refused]) expect(after(failed, h)).toBe(failed);
    expect(after(failed, requeued)).toBe(WAITING);
  });
});

describe("what is drawn", () => {
  test.each<[Sending, boolean, string]>([
    [WAITING, false, "Waiting to be sent…"],
    [WAITING, true, "Waiting for the connection…"],
    [sending(1), false, "Sending…"],
    [sending(2), false, "Sending again…"],
    [sending(1), true, "Waiting for the connection…"],
    [retrying(1), false, "Waiting to try again…"],
    [retrying(1), true, "Waiting for the connection…"],
    [failed, false, "Not sent: no"],
    [failed, true, "Not sent: no"],
  ])("%j, offline: %j", (s, offline, note) => expect(sendingNote(s, offline)).toBe(note));

  test("a message that waits for its files says so", () => {
    expect([sendingNote(WAITING, false, true), sendingNote(WAITING, true, true)]).toEqual([
      "Waiting for its files…",
      "Waiting for the connection…",
    ]);
  });

  test("each state is drawn in its own words", () => {
    const notes = [WAITING, sending(1), retrying(1), failed].map((s) => sendingNote(s, false));
    expect(new Set(notes).size).toBe(4);
  });
});

const row = (client_id: string, more: Partial<OutboxMessage> = {}) => ({
  client_id,
  room: GENERAL,
  text: `text of ${client_id}`,
  at: 1,
  ...more,
});

describe("the outbox", () => {
  const states = (o: Outbox) => o.all().map((r) => [r.client_id, r.sending.is]);

  test("holds rows in the order of writing, whatever the order of its shelf", () => {
    const written = new Memory(),
      shelf = new Memory();
    const o = new Outbox(written, "mira");
    for (const id of ["a", "b", "c"]) o.add(row(id));
    for (const k of written.keys("").toReversed()) shelf.setItem(k, written.getItem(k)!);
    expect(new Outbox(shelf, "mira").all().map((r) => r.client_id)).toEqual(["a", "b", "c"]);
  });

  test("holds that order when the clock of the device is set back, and when two rows are written at once", () => {
    const o = new Outbox(new Memory(), "mira");
    o.add(row("c", { at: 7_200_000 }));
    o.add(row("b", { at: 5 }));
    o.add(row("a", { at: 5, room: LUNCH }));
    o.add(row("d", { at: 8_000_000 }));
    expect(o.all().map((r) => [r.client_id, r.at])).toEqual([
      ["c", 7_200_000],
      ["b", 7_200_001],
      ["a", 7_200_002],
      ["d", 8_000_000],
    ]);
  });

  test("keeps another text for a row, and for one that is gone none", () => {
    const shelf = new Memory(),
      o = new Outbox(shelf, "mira");
    o.add(row("a"));
    o.add(row("b"));
    o.happened("b", begun);
    o.happened("b", refused);
    for (const id of ["a", "b", "c"]) o.rewrite(id, { text: "🎉" });
    expect(new Outbox(shelf, "mira").all().map((r) => [r.client_id, r.text, r.sending.is])).toEqual([
      ["a", "🎉", "waiting"],
      ["b", "🎉", "failed"],
    ]);
  });

  test("lets others go before a message that waits for its files", () => {
    const shelf = new Memory(),
      o = new Outbox(shelf, "mira");
    o.add(row("a", { uploads: ["u1"] }));
    expect([o.next(GENERAL), o.rooms(), o.waits("a"), uploads(o.all()[0]!)]).toEqual([
      undefined,
      new Set(),
      false,
      true,
    ]);
    o.add(row("b"));
    expect(o.next(GENERAL)!.client_id).toBe("b");
    o.rewrite("a", { files: ["f1"] });
    expect(new Outbox(shelf, "mira").next(GENERAL)).toMatchObject({ client_id: "a", text: "text of a", files: ["f1"] });
    expect(uploads(o.all()[0]!)).toBe(false);
  });

  test("belongs to one user of the device", () => {
    const shelf = new Memory();
    new Outbox(shelf, "mira").add(row("a"));
    expect(new Outbox(shelf, "jonas").all()).toEqual([]);
    expect(new Outbox(shelf, "mira").all()).toHaveLength(1);
  });

  test("says what is next in a room, and in which rooms something is to be sent", () => {
    const o = new Outbox(new Memory(), "mira");
    o.add(row("a", { at: 1 }));
    o.add(row("b", { at: 2 }));
    o.add(row("l", { at: 3, room: LUNCH }));
    expect([o.next(GENERAL)?.client_id, o.next(LUNCH)?.client_id, [...o.rooms()]]).toEqual([
      "a",
      "l",
      [GENERAL, LUNCH],
    ]);
    o.happened("a", begun);
    expect(o.next(GENERAL)?.client_id, "what is being sent is still the next").toBe("a");
    o.happened("a", refused);
    o.happened("l", begun);
    o.happened("l", refused);
    expect([o.next(GENERAL)?.client_id, o.next(LUNCH), [...o.rooms()]]).toEqual(["b", undefined, [GENERAL]]);
  });

  test("a refusal outlives a reload with its reason; sending and retrying do not", () => {
    const shelf = new Memory(),
      o = new Outbox(shelf, "mira");
    for (const [i, id] of ["a", "b", "c"].entries()) {
      o.add(row(id, { at: i }));
      o.happened(id, begun);
    }
    o.happened("a", refused);
    o.happened("b", unanswered);
    expect(states(o)).toEqual([
      ["a", "failed"],
      ["b", "retrying"],
      ["c", "sending"],
    ]);
    const reloaded = new Outbox(shelf, "mira");
    expect(states(reloaded)).toEqual([
      ["a", "failed"],
      ["b", "waiting"],
      ["c", "waiting"],
    ]);
    expect(reloaded.all()[0]!.sending).toEqual({ is: "failed", why: "no" });
  });

  test("a message that is sent again waits, here and after a reload", () => {
    const shelf = new Memory(),
      o = new Outbox(shelf, "mira");
    o.add(row("a"));
    o.happened("a", begun);
    o.happened("a", refused);
    o.happened("a", requeued);
    expect(o.all()[0]!.sending).toEqual(WAITING);
    expect(new Outbox(shelf, "mira").all()[0]!.sending).toEqual(WAITING);
    o.happened("a", begun);
    expect(o.all()[0]!.sending, "its tries begin anew").toEqual(sending(1));
  });

  test("another tab that requeues a failed message is believed", () => {
    const shelf = new Memory(),
      here = new Outbox(shelf, "mira"),
      there = new Outbox(shelf, "mira");
    here.add(row("a"));
    here.happened("a", begun);
    here.happened("a", refused);
    there.happened("a", requeued);
    expect(here.all()[0]!.sending).toEqual(WAITING);
  });

  test("what is removed stays removed, whatever the server still says", () => {
    const o = new Outbox(new Memory(), "mira");
    o.add(row("a"));
    o.happened("a", begun);
    o.remove("a");
    o.happened("a", refused);
    expect(o.all()).toEqual([]);
  });

  test("passes over what it cannot read", () => {
    const shelf = new Memory(),
      o = new Outbox(shelf, "mira");
    shelf.setItem("canteen.outbox.mira.x", "{");
    shelf.setItem("canteen.draft.mira.x", "hello");
    o.add(row("a"));
    expect(states(o)).toEqual([["a", "waiting"]]);
  });

  const whole = { client_id: "x", room: GENERAL, text: "hi", at: 1 };
  test.each<unknown>([
    null,
    7,
    "x",
    {},
    { ...whole, client_id: "y" },
    { ...whole, room: undefined },
    { ...whole, text: { of: "another client" } },
    { ...whole, at: "yesterday" },
  ])("sends nothing of %j: it could not remove that afterwards, and would send it for ever", (foreign) => {
    const shelf = new Memory(),
      o = new Outbox(shelf, "mira");
    shelf.setItem("canteen.outbox.mira.x", JSON.stringify(foreign));
    o.add(row("a"));
    expect([states(o), o.rooms(), o.waits("x")]).toEqual([[["a", "waiting"]], new Set([GENERAL]), false]);
    o.rewrite("x", { text: "hello" });
    o.happened("x", requeued);
    expect(shelf.getItem("canteen.outbox.mira.x")).toBe(JSON.stringify(foreign));
  });

  test("reads the rows of an earlier version", () => {
    const shelf = new Memory();
    const kept = { client_id: "a", room: GENERAL, text: "hi", at: 1 };
    shelf.setItem("canteen.outbox.mira.a", JSON.stringify(kept));
    shelf.setItem("canteen.outbox.mira.b", JSON.stringify({ ...kept, client_id: "b", at: 2, failed: "gone" }));
    expect(new Outbox(shelf, "mira").all()).toEqual([
      { ...kept, sending: WAITING },
      { ...kept, client_id: "b", at: 2, sending: { is: "failed", why: "gone" } },
    ]);
  });
});

test("a timeline shows the rows of its room until the message itself is there", () => {
  const rows = [row("a"), row("b"), row("l", { room: LUNCH })].map((r) => ({ ...r, sending: WAITING }));
  const ids = (of: OutboxMessage[]) => of.map((o) => o.client_id);
  expect(ids(pendingIn(rows, [], GENERAL))).toEqual(["a", "b"]);
  expect(ids(pendingIn(rows, [{ client_id: "a" }, {}], GENERAL))).toEqual(["b"]);
  expect(ids(pendingIn(rows, [{ client_id: "a" }], LUNCH))).toEqual(["l"]);
});

test("nothing is to be sent while the session of the browser is another person's", () => {
  const shelf = new Memory(),
    box = new Outbox(shelf, "mira");
  box.add({ client_id: "1", room: GENERAL, text: "mine", at: 1 });
  shelf.setItem(WHO, "mira");
  expect([box.next(GENERAL)?.text, [...box.rooms()], box.waits("1")]).toEqual(["mine", [GENERAL], true]);
  shelf.setItem(WHO, "jonas");
  expect([box.next(GENERAL), [...box.rooms()], box.waits("1")]).toEqual([undefined, [], false]);
  expect(box.all(), "it is kept").toHaveLength(1);
});

test("what was to be sent in a room goes with it", () => {
  const box = new Outbox(new Memory(), "mira");
  for (const [id, room] of [
    ["1", GENERAL],
    ["2", LUNCH],
  ] as const)
    box.add({ client_id: id, room, text: "hi", at: 1 });
  box.drop(new Set([GENERAL]));
  expect(box.all().map((o) => o.room)).toEqual([LUNCH]);
});

test("a reply is drawn in its thread, and in the timeline if it is sent there too", () => {
  const row = { room: GENERAL, thread: 7 };
  expect([isIn(row, GENERAL, 7), isIn(row, GENERAL, 8), isIn(row, LUNCH, 7), isIn(row, GENERAL)]).toEqual([
    true,
    false,
    false,
    false,
  ]);
  expect(isIn({ ...row, also_in_room: true }, GENERAL)).toBe(true);
  expect(isIn({ room: GENERAL }, GENERAL, 7)).toBe(false);
});
