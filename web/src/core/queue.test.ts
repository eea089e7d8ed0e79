import { expect, test } from "vitest";
import { Queue } from "./queue";
import { settle } from "./testing";

test("one after the other, and the last one knows it", async () => {
  const q = new Queue(),
    begun: string[] = [],
    ends: (() => void)[] = [];
  const job = (name: string) => () => {
    begun.push(name);
    return new Promise<void>((yes) => ends.push(yes));
  };
  const a = q.run(job("a")),
    b = q.run(job("b"));
  await settle();
  expect([begun, q.length]).toEqual([["a"], 2]);
  ends[0]!();
  expect(await a).toBe(false);
  await settle();
  expect([begun, q.length]).toEqual([["a", "b"], 1]);
  ends[1]!();
  expect([await b, q.length]).toEqual([true, 0]);
});

test("a failure is told to who gave the job, and those behind it run", async () => {
  const q = new Queue();
  const a = q.run(() => Promise.reject(new Error("no"))),
    b = q.run(async () => {});
  await expect(a).rejects.toThrow("no");
  expect([await b, q.length]).toEqual([true, 0]);
});
