// Which clock is read where. What waits, ends or is repeated after some time follows performance.now(): the clock of a device is set
// back and forth by people, by the network and twice a year.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

/** Where the clock of the device is read, and why. */
const allowed: Record<string, string> = {
  "net/socket.ts":
    "a jump of the clock tells that the device slept; it only makes the client ask whether the server is there",
  "store/chat.svelte.ts": "whether a status has ended, for people",
  "store/clock.svelte.ts": "the time that people read",
  "store/notifier.svelte.ts":
    "tabs of one browser have no other clock in common; after a jump another tab shows one notification",
  "store/outgoing.svelte.ts": "when a message was written, for people; the outbox keeps the order",
};

const files = readdirSync(import.meta.dirname, { recursive: true, encoding: "utf8" })
  .filter((f) => /\.(ts|svelte)$/.test(f) && !/\.test\.ts$|(^|\/)testing\.ts$/.test(f))
  .sort();
const code = (f: string) => readFileSync(join(import.meta.dirname, f), "utf8").replace(/\/\*[^]*?\*\/|\/\/.*/g, "");

test("the clock of the device is read only where people read the time", () => {
  const found = files.filter((f) => /\bDate\.now\b|\bnew Date\(\)|(?<!new )\bDate\(\)/.test(code(f)));
  expect(found).toEqual(Object.keys(allowed));
});
