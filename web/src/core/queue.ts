// Runs things one after the other, in the order in which they were given.
export class Queue {
  private last: Promise<unknown> = Promise.resolve();

  /** How many run or wait. */
  length = 0;

  /** Runs f after those before it; returns whether it was the last one. */
  async run(f: () => Promise<unknown>): Promise<boolean> {
    this.length++;
    const done = this.last.then(f).finally(() => this.length--);
    this.last = done.catch(() => {}); // a failure is its caller's, and does not stop those behind it
    await done;
    return this.length === 0;
  }
}
