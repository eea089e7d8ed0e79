// What is said aloud of new messages: the first at once, then a summary every few seconds, so that a lively room can be
// listened to.
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
