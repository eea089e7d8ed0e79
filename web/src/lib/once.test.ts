import { expect, test } from "vitest";
import { once } from "./once";

test("what is loaded once is there before the next task", async () => {
  let loads = 0;
  const load = once(async () => ++loads);
  await load();
  const order: string[] = [];
  setTimeout(() => order.push("task"));
  await load().then(() => order.push("loaded"));
  expect([order, loads]).toEqual([["loaded"], 1]);
});

test("calls at the same time load once, and a failure is tried again", async () => {
  let loads = 0;
  const load = once(async () => {
    if (!loads++) throw new Error("offline");
    return "there";
  });
  expect(await Promise.allSettled([load(), load()])).toMatchObject([{ status: "rejected" }, { status: "rejected" }]);
  expect([await load(), await load(), loads]).toEqual(["there", "there", 2]);
});
