import { expect, test } from "vitest";
import { heard, isSearched, saw, unseenAsides } from "./asides";
import { loaded, message, room } from "./testing";

const reply = (seq: number, more = {}) => message(seq, { thread: 1, mentions: ["mira"], ...more });
const seqs = (r: ReturnType<typeof loaded>) => unseenAsides(r).map((a) => a.seq);

test("replies that mention me and are unread are kept by seq, in their newest state", () => {
  let r = loaded(3, { room: room("r", { read_seq: 3, last_seq: 9 }) });
  const others = [
    reply(3),
    reply(7, { mentions: ["kim"] }),
    reply(7, { mentions: [], broadcast: "here" }),
    reply(8, { author: "mira" }),
    reply(9, { deleted_at: "x" }),
  ];
  for (const m of [reply(6, { mentions: [], broadcast: "room" }), reply(5), ...others]) r = heard(r, m, "mira");
  expect(seqs(r)).toEqual([5, 6]);
  r = saw(heard(r, reply(5, { rev: 10, text: "edited" }), "mira"), 5);
  expect(seqs(r)).toEqual([6]);
  expect(heard(r, reply(6, { rev: 2 }), "mira")).toBe(r);
  expect(seqs(heard(r, reply(6, { rev: 11, mentions: [] }), "mira"))).toEqual([]);
});

test.each([
  ["nothing mentions me", {}, 0, true],
  ["replies may mention me", {}, 1, false],
  ["a message of the timeline explains the count", { messages: [message(5, { mentions: ["mira"] })] }, 1, true],
  ["a reply explains it, seen or not", { asides: [{ seq: 5, m: reply(5), seen: true }] }, 1, true],
  ["one of two is explained", { asides: [{ seq: 5, m: reply(5), seen: false }] }, 2, false],
  ["they were looked for", { searched: true }, 2, true],
])("whether every mention is known: %s", (_, more, mention_count, known) => {
  const r = loaded(3, { room: room("r", { read_seq: 3, last_seq: 9, mention_count }), ...more });
  expect(isSearched(r, "mira")).toBe(known);
});
