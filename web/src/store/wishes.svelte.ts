// What one sets quickly and changes one's mind about: a reaction, a star. The newest wish for each thing counts. It is drawn at once,
// and sent until the server has it: for each thing one request at a time, so that requests cannot overtake each other.
import { SvelteMap } from "svelte/reactivity";
import { retried, sleep, type Sleep } from "../net/retry";
import type { Notices } from "./notices.svelte";

export class Wishes {
  private wished = new SvelteMap<string, unknown>();
  private sending = new Map<string, Promise<boolean>>();

  constructor(
    private notices: Notices,
    /** The server knows no session for a request: whether it is over. */
    private isOver: () => Promise<boolean>,
    private pause: Sleep = sleep,
  ) {}

  /** What is to be drawn for a thing that the server has as `now`. */
  of<T>(thing: string, now: T): T {
    return this.wished.has(thing) ? (this.wished.get(thing) as T) : now;
  }

  /** The wishes for things whose names begin so, by the rest of the name. */
  under(prefix: string): [string, unknown][] {
    return [...this.wished]
      .filter(([thing]) => thing.startsWith(prefix))
      .map(([thing, value]) => [thing.slice(prefix.length), value]);
  }

  /** Wishes a thing to be so. True when the server has the newest wish for it; a refusal is said, and ends the wish. */
  wish<T>(thing: string, value: T, send: (value: T) => Promise<unknown>): Promise<boolean> {
    this.wished.set(thing, value);
    const under = this.sending.get(thing);
    if (under) return under;
    const done = this.notices.attempt(() => this.send(thing, send));
    this.sending.set(thing, done);
    return done;
  }

  private async send<T>(thing: string, send: (value: T) => Promise<unknown>): Promise<void> {
    let sent: T | undefined;
    const newest = () => this.wished.get(thing) as T;
    const hooks = { isOver: () => this.isOver() };
    try {
      while (sent !== newest()) await retried(() => send((sent = newest())), hooks, this.pause);
    } finally {
      this.sending.delete(thing);
      this.wished.delete(thing);
    }
  }
}
