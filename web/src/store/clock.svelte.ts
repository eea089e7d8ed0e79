// The time, for those who draw it: it passes in steps of a second, and only while somebody looks.
import { createSubscriber } from "svelte/reactivity";

const STEP = 1000;

export class Clock {
  private subscribe = createSubscriber((update) => {
    const timer = setInterval(update, STEP);
    return () => clearInterval(timer);
  });

  /** What the clock of the device shows, for what people read. It may be set forward or back. */
  get now(): number {
    this.subscribe();
    return Date.now();
  }

  /** The time of the page, for what lasts so long: it only goes forward. */
  get elapsed(): number {
    this.subscribe();
    return performance.now();
  }
}
