// What a screen reader says about new messages: the first one at once, then one summary every few seconds.
export class Announcer {
  private count = 0;
  private latest = "";
  private who = "";
  private quiet: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private say: (line: string) => void,
    private every = 5000,
  ) {}

  /** `n` messages came, the latest of them from `who`. */
  add(who: string, text: string, n = 1): void {
    this.count += n;
    [this.who, this.latest] = [who, text];
    if (!this.quiet) this.speak();
  }

  /** Says nothing more. */
  stop(): void {
    clearTimeout(this.quiet);
  }

  private speak(): void {
    this.quiet = undefined;
    if (!this.count) return;
    this.say(
      this.count === 1 ? `${this.who}: ${this.latest}` : `${this.count} new messages, the latest from ${this.who}`,
    );
    this.count = 0;
    this.quiet = setTimeout(() => this.speak(), this.every);
  }
}

/** What a screen reader hears of one room: each message of others that came since it was opened. */
export class Heard {
  constructor(
    private last: number,
    private announcer: Announcer,
  ) {}

  /** Looks at the room after it changed. `fresh` counts the new messages in memory that are to be said. */
  look(
    latest: { seq: number; author: string; text: string } | undefined,
    fresh: (after: number) => number,
    name: (id: string) => string,
    me: string,
  ): void {
    if (!latest || latest.seq <= this.last) return;
    const n = fresh(this.last);
    this.last = latest.seq;
    if (latest.author !== me) this.announcer.add(name(latest.author), latest.text || "A file.", Math.max(1, n));
  }
}
