import { expect, test } from "vitest";
import { Confirmed } from "./about.svelte";

test("while hundreds of people confirm a message, its author does not fetch the list for each of them", async () => {
  let fetched = 0;
  const waits: (() => void)[] = [];
  const list = () => Promise.resolve({ confirmed: [{ user: `u${++fetched}`, at: "2026-03-01T09:00:00Z" }] });
  const pause = () => new Promise<void>((done) => waits.push(done));
  const c = new Confirmed("room", 1, { confirm: list, confirmations: list }, pause);
  const said = Array.from({ length: 300 }, () => c.changed());
  await expect.poll(() => waits.length).toBe(1);
  expect(fetched).toBe(1);
  waits[0]!();
  await expect.poll(() => waits.length).toBe(2);
  expect(fetched).toBe(2);
  expect(c.held?.confirmed?.[0]?.user).toBe("u2");
  waits[1]!();
  await Promise.all(said);
  expect(fetched).toBe(2);
});
