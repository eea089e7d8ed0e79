// Things that are fetched, by name: each runs once at a time.

interface Job {
  again: boolean;
  done: Promise<void>;
}

export class Jobs {
  private running = new Map<string, Job>();

  /** Runs f. If it is asked for while it runs, it runs once more. */
  async run(what: string, f: () => Promise<void>): Promise<void> {
    const running = this.running.get(what);
    if (running) {
      running.again = true;
      return running.done;
    }
    const job: Job = { again: false, done: Promise.resolve() };
    this.running.set(what, job);
    job.done = (async () => {
      try {
        do {
          job.again = false;
          await f();
        } while (job.again);
      } finally {
        this.running.delete(what);
      }
    })();
    return job.done;
  }
}
