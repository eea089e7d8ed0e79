// The threads that one follows, once what knows them is loaded: after the first messages, or with the first thread.
import type { Followed } from "./followed.svelte";

export class Following {
  now = $state.raw<Followed | undefined>();
  private loading: Promise<Followed> | undefined;

  constructor(private make: () => Promise<Followed>) {}

  /** Loads it, once. */
  load(): Promise<Followed> {
    return (this.loading ??= this.make()
      .then((f) => {
        this.now = f;
        f.begin();
        return f;
      })
      .catch((e: unknown) => {
        this.loading = undefined; // the next time asks again
        throw e;
      }));
  }
}
