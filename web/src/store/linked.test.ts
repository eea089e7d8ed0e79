import { expect, test } from "vitest";
import { message } from "../core/testing";
import { ApiError } from "../net/api";
import type { Message } from "../wire/types";
import { Linked } from "./linked";

function asking(answer: (seq: number) => Promise<Message>) {
  const asked: number[] = [],
    clock = { now: 0 };
  const linked = new Linked({ message: (_, seq) => (asked.push(seq), answer(seq)) }, () => clock.now);
  return { linked, asked, clock };
}

test("a message is asked for once in half a minute, whatever came of it", async () => {
  const { linked, asked, clock } = asking((seq) =>
    seq === 1 ? Promise.resolve(message(seq)) : Promise.reject(new ApiError(404)),
  );
  expect((await linked.of("r", 1))?.seq).toBe(1);
  expect(await linked.of("r", 2)).toBeUndefined();
  await Promise.all([linked.of("r", 1), linked.of("r", 2)]);
  expect(asked).toEqual([1, 2]);
  clock.now = 30_000;
  await linked.of("r", 1);
  expect(asked).toEqual([1, 2, 1]);
});

test("what was deleted is not shown", async () => {
  const { linked } = asking((seq) => Promise.resolve(message(seq, { deleted_at: "2026-11-24T09:00:00Z" })));
  expect(await linked.of("r", 1)).toBeUndefined();
});

test("four are asked for at once", async () => {
  const answers: (() => void)[] = [];
  const { linked, asked } = asking((seq) => new Promise((ok) => answers.push(() => ok(message(seq)))));
  const all = Array.from({ length: 10 }, (_, i) => linked.of("r", i + 1));
  expect(asked.length).toBe(4);
  for (let i = 0; i < 10; i++) {
    answers[i]!();
    await all[i];
    await Promise.resolve();
  }
  expect((await Promise.all(all)).map((m) => m?.seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});
