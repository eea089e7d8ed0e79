// The time, for those who draw it: it passes in steps of a second, and only while somebody looks.
import { createSubscriber } from "svelte/reactivity";

const STEP = 1000;

export class Clock {
  private subscribe = createSubscriber((update) => {
    const timer = setInterval(update, STEP);
    return () => clearInterval(timer);
  });

  get now(): number {
    this.subscribe();
    return Date.now();
  }
}
