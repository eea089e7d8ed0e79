// The time, for those who draw it. A device sleeps, its clock is set, and it travels: so the clock is looked at whenever the page
// is shown, and at least once a minute.
import { createSubscriber } from "svelte/reactivity";
import { Dates, zoneNow } from "../lib/dates";

const STEP = 1000;
/** A minute, the longest time between two looks, ms. A timer stands still while the device sleeps. */
const LONGEST = 60_000;

export class Clock {
  private seconds = createSubscriber((update) => {
    const timer = setInterval(update, STEP);
    return () => clearInterval(timer);
  });
  private looks = $state(0);
  private day = $state(new Date().toDateString());
  private written = $state.raw(new Dates());
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** The next moment that somebody waits for, ms. */
  private next = Infinity;

  constructor() {
    for (const e of ["focus", "pageshow", "online"]) addEventListener(e, () => this.look());
    document.addEventListener("visibilitychange", () => this.look());
    this.look();
  }

  /** What the clock of the device shows, in steps of a second while somebody looks. It may be set forward or back. */
  get now(): number {
    this.seconds();
    return Date.now();
  }

  /** The time of the page, for what lasts so long: it only goes forward. */
  get elapsed(): number {
    this.seconds();
    return performance.now();
  }

  /** The day it is. It changes at midnight. */
  get today(): Date {
    return new Date(this.day);
  }

  /** What writes dates in the time zone that the device is in. */
  get dates(): Dates {
    return this.written;
  }

  /** Whether a moment, or so many ms after it, has passed. Who asks while drawing hears of it when it does. */
  passed(iso: string, after = 0): boolean {
    void this.looks;
    const at = Date.parse(iso) + after,
      over = at <= Date.now();
    if (!over && at < this.next) this.wait(at);
    return over;
  }

  /** The minute it is, ms. Who asks while drawing hears of the next. */
  get minute(): number {
    const now = Math.floor(Date.now() / LONGEST) * LONGEST;
    this.passed(new Date(now + LONGEST).toISOString());
    return now;
  }

  private look(): void {
    const now = new Date();
    this.day = now.toDateString();
    if (this.written.zone !== zoneNow()) this.written = new Dates();
    this.looks++;
    this.wait(new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1).getTime());
  }

  private wait(until: number): void {
    this.next = until;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.look(), Math.min(LONGEST, Math.max(0, until - Date.now())));
  }
}
