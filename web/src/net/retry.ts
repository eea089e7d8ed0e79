// Repeating requests that may succeed later: with jitter, until there is an answer.
import { ApiError } from "./api";

/** The first pause and the longest one, ms. */
export const FIRST = 500;
export const MOST = 30_000;

/** Full jitter: anywhere up to a bound that doubles with each try. */
export const backoff = (tries: number, random = Math.random): number => random() * Math.min(MOST, FIRST * 2 ** tries);

export type Sleep = (ms: number) => Promise<void>;
export const sleep: Sleep = (ms) => new Promise((r) => setTimeout(r, ms));

export interface RetryHooks {
  /** The server knows no session for a request: whether it is over. */
  isOver(): Promise<boolean>;
  /** There was no final answer; the request is repeated after a pause. */
  unanswered?(): void;
}

/** Repeats `f` while it fails in a way that may pass. Other failures are thrown. */
export async function retried<T>(f: () => Promise<T>, on: RetryHooks, pause: Sleep): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await f();
    } catch (e) {
      if (!(e instanceof ApiError)) throw e;
      if (e.status === 401 ? await on.isOver() : !e.passing) throw e;
      on.unanswered?.();
      await pause(Math.max(e.retryAfter * 1000, backoff(tries)));
    }
  }
}
