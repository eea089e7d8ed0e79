import { expect, test } from "vitest";
import { WHO } from "../core/shelf";
import { Outbox } from "../core/outbox";
import { GENERAL, LUNCH, Memory, message, problem, settle } from "../core/testing";
import type { Message, PostMessage } from "../wire/types";
import { ApiError } from "./api";
import { Sender } from "./sender";

/** A server whose answers the test gives one by one, and a sender in front of it. */
function house(finish = (text: string): string | Promise<string> => text) {
  const shelf = new Memory(),
    outbox = new Outbox(shelf, "mira");
  const asked: { room: string; id: string; text: string; more: object; answer(m: Message | ApiError): void }[] = [];
  const pauses: { ms: number; over(): void }[] = [];
  const seen = { states: [] as string[], sent: [] as number[], out: 0 };
  const post = (room: string, { client_id: id = "", text = "", ...more }: PostMessage) =>
    new Promise<Message>((yes, no) =>
      asked.push({ room, id, text: text!, more, answer: (m) => (m instanceof ApiError ? no(m) : yes(m)) }),
    );
  const sender = new Sender(
    { post },
    outbox,
    {
      changed: () =>
        seen.states.push(
          outbox
            .all()
            .map((o) => o.sending.is)
            .join(),
        ),
      sent: (m) => seen.sent.push(m.seq),
      finish: (text) => finish(text),
      isOver: async () => !!++seen.out,
      in: (ms) => `${pauses.length} tries + ${ms}`,
    },
    (ms) => new Promise((over) => pauses.push({ ms, over })),
  );
  let n = 0;
  const write = (id: string, room = GENERAL) => outbox.add({ client_id: id, room, text: `text ${id}`, at: ++n });
  return { shelf, outbox, asked, pauses, seen, sender, write };
}

test("a message goes through waiting and sending, and is gone when it arrived", async () => {
  const h = house();
  h.write("a");
  h.sender.flush();
  expect([h.asked.length, h.seen.states]).toEqual([1, ["sending"]]);
  h.asked[0]!.answer(message(1));
  await settle();
  expect([h.seen.states, h.seen.sent, h.outbox.all()]).toEqual([["sending", ""], [1], []]);
});

test("a message is sent with its files, once they are there", async () => {
  const h = house();
  h.outbox.add({ client_id: "a", room: GENERAL, text: "", uploads: ["u1"], at: 1 });
  h.sender.flush();
  expect(h.asked).toEqual([]);
  h.outbox.rewrite("a", { files: ["f1"] });
  h.sender.flush();
  expect(h.asked.map((a) => [a.id, a.text, a.more])).toEqual([["a", "", { files: ["f1"] }]]);
});

test("a poll is open for as long as was chosen, from when it is there", async () => {
  const h = house(),
    poll = { options: ["Soup", "Salad"], several: false, anonymous: false };
  h.outbox.add({ client_id: "a", room: GENERAL, text: "Where?", poll, open: 60, at: 1 });
  h.sender.flush();
  h.asked[0]!.answer(new ApiError(0));
  await settle();
  h.pauses[0]!.over();
  await settle();
  expect(h.asked.map((a) => a.more)).toEqual([
    { poll: { ...poll, closes_at: "0 tries + 60" } },
    { poll: { ...poll, closes_at: "1 tries + 60" } },
  ]);
});

test("one message at a time in a room, in the order of writing; rooms do not wait for each other", async () => {
  const h = house();
  h.write("a");
  h.write("b");
  h.write("l", LUNCH);
  h.sender.flush();
  h.sender.flush();
  expect(h.asked.map((a) => a.id)).toEqual(["a", "l"]);
  expect(h.seen.states.at(-1)).toBe("sending,waiting,sending");
  h.asked[0]!.answer(message(1));
  await settle();
  expect(h.asked.map((a) => a.id)).toEqual(["a", "l", "b"]);
  h.asked[2]!.answer(message(2));
  await settle();
  expect(h.seen.sent).toEqual([1, 2]);
  expect(h.outbox.all().map((o) => o.client_id)).toEqual(["l"]);
});

test.each([
  ["no answer", new ApiError(0)],
  ["a server that fails", new ApiError(503)],
  ["a rate limit", new ApiError(429, problem(429, "slow down"), 3)],
])("%s: it is tried again with the same id, after a pause", async (_, error) => {
  const h = house();
  h.write("a");
  h.sender.flush();
  h.asked[0]!.answer(error);
  await settle();
  expect([h.seen.states.at(-1), h.asked.length, h.pauses.length]).toEqual(["retrying", 1, 1]);
  expect(h.pauses[0]!.ms).toBeGreaterThanOrEqual(error.retryAfter * 1000);
  h.pauses[0]!.over();
  await settle();
  expect(h.seen.states.at(-1)).toBe("sending");
  expect(h.asked.map((a) => [a.id, a.text])).toEqual([
    ["a", "text a"],
    ["a", "text a"],
  ]);
  expect(h.outbox.all()[0]!.sending).toEqual({ is: "sending", tries: 2 });
  h.asked[1]!.answer(message(1));
  await settle();
  expect(h.outbox.all()).toEqual([]);
});

test("a refusal stops the message, says why, and lets the next one go", async () => {
  const h = house();
  h.write("a");
  h.write("b");
  h.sender.flush();
  h.asked[0]!.answer(new ApiError(403, problem(403, "Only owners post here.")));
  await settle();
  expect(h.outbox.all().map((o) => o.sending)).toEqual([
    { is: "failed", why: "Only owners post here." },
    { is: "sending", tries: 1 },
  ]);
  h.asked[1]!.answer(message(1));
  await settle();
  h.sender.flush();
  expect(
    h.asked.map((a) => a.id),
    "a failed message is not sent by itself",
  ).toEqual(["a", "b"]);
});

test("a session that is over stops everything and loses nothing", async () => {
  const h = house();
  h.write("a");
  h.write("b");
  h.sender.flush();
  h.asked[0]!.answer(new ApiError(401));
  await settle();
  expect([h.seen.out, h.asked.length]).toEqual([1, 1]);
  expect(h.outbox.all().map((o) => o.sending.is)).toEqual(["retrying", "waiting"]);
  h.sender.flush();
  expect(
    h.asked.map((a) => a.id),
    "after signing in again it goes on",
  ).toEqual(["a", "a"]);
});

test("what is written while the room is being sent follows by itself", async () => {
  const h = house();
  h.write("a");
  h.sender.flush();
  h.write("b");
  h.asked[0]!.answer(message(1));
  await settle();
  expect(h.asked.map((a) => a.id)).toEqual(["a", "b"]);
});

test("a message that is deleted while it is tried again is not sent any more", async () => {
  const h = house();
  h.write("a");
  h.write("b");
  h.sender.flush();
  h.outbox.remove("b");
  h.asked[0]!.answer(message(1));
  await settle();
  expect(h.asked.map((a) => a.id)).toEqual(["a"]);
});

test("a message that was deleted while it waited for the next try is not sent again", async () => {
  const h = house();
  h.write("a");
  h.write("b", LUNCH);
  h.sender.flush();
  h.asked[0]!.answer(new ApiError(503));
  await settle();
  h.outbox.drop(new Set([GENERAL]));
  h.pauses[0]!.over();
  await settle();
  expect(h.asked.map((p) => p.id)).toEqual(["a", "b"]);
});

test("a message that waits for the next try is not sent in the name of another person", async () => {
  const h = house();
  h.write("a");
  h.write("b");
  h.sender.flush();
  h.asked[0]!.answer(new ApiError(503));
  await settle();
  h.shelf.setItem(WHO, "jonas");
  h.pauses[0]!.over();
  await settle();
  h.sender.flush();
  expect([h.asked.map((p) => p.id), h.outbox.all().map((o) => o.client_id)]).toEqual([["a"], ["a", "b"]]);
});

test("a reply is sent with its thread, and to the room when that was chosen", async () => {
  const h = house();
  h.outbox.add({ client_id: "a", room: GENERAL, text: "yes", thread: 7, at: 1 });
  h.outbox.add({ client_id: "b", room: GENERAL, text: "no", thread: 7, also_in_room: true, at: 2 });
  h.sender.flush();
  h.asked[0]!.answer(message(8, { thread: 7 }));
  await settle();
  expect(h.asked.map((a) => a.more)).toEqual([{ thread: 7 }, { thread: 7, also_in_room: true }]);
});
