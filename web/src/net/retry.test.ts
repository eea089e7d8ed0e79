import { expect, test, vi } from "vitest";
import { problem } from "../core/testing";
import { ApiError } from "./api";
import { backoff, FIRST, MOST, retried } from "./retry";

const on = () => ({ isOver: vi.fn(async () => true), unanswered: vi.fn() });
const failing = (...errors: unknown[]) =>
  vi.fn(async () => {
    if (errors.length) throw errors.shift();
    return "done";
  });

test("the bound of the pause doubles and ends at the longest", () => {
  expect([0, 1, 2, 5, 6, 60].map((n) => backoff(n, () => 1))).toEqual([FIRST, 1000, 2000, 16_000, MOST, MOST]);
  expect(backoff(3, () => 0)).toBe(0); // full jitter
});

test("passing failures are repeated until there is an answer", async () => {
  const hooks = on(),
    pauses: number[] = [],
    f = failing(new ApiError(0), new ApiError(502), new ApiError(429));
  expect(await retried(f, hooks, async (ms) => void pauses.push(ms))).toBe("done");
  expect([f.mock.calls.length, pauses.length, hooks.unanswered.mock.calls.length]).toEqual([4, 3, 3]);
  pauses.forEach((ms, i) => expect(ms).toBeLessThanOrEqual(FIRST * 2 ** i));
});

test("the server's Retry-After is the shortest pause", async () => {
  const pauses: number[] = [];
  await retried(failing(new ApiError(503, undefined, 7)), on(), async (ms) => void pauses.push(ms));
  expect(pauses).toEqual([7000]);
});

test.each([400, 403, 404, 409, 410])("%d is final", async (status) => {
  const hooks = on(),
    f = failing(new ApiError(status, problem(status, "no")));
  await expect(retried(f, hooks, async () => {})).rejects.toThrow("no");
  expect([f.mock.calls.length, hooks.unanswered.mock.calls.length, hooks.isOver.mock.calls.length]).toEqual([1, 0, 0]);
});

test("401 is final when the session is over", async () => {
  const hooks = on();
  await expect(retried(failing(new ApiError(401)), hooks, async () => {})).rejects.toThrow(ApiError);
  expect(hooks.isOver).toHaveBeenCalledOnce();
});

test("401 is repeated after a pause when the session goes on", async () => {
  const hooks = on(),
    pause = vi.fn(async () => {});
  hooks.isOver.mockResolvedValue(false);
  expect(await retried(failing(new ApiError(401), new ApiError(401)), hooks, pause)).toBe("done");
  expect([hooks.isOver, hooks.unanswered, pause].map((f) => f.mock.calls.length)).toEqual([2, 2, 2]);
});

test("an error of the program is not repeated", async () => {
  const f = failing(new TypeError("odd"));
  await expect(retried(f, on(), async () => {})).rejects.toThrow("odd");
  expect(f).toHaveBeenCalledOnce();
});
