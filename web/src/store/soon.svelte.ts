// A part of the client that is loaded after the first messages, or when it is first needed.
interface Part {
  /** Finds out what there is. */
  begin(): void;
}

export class Soon<T extends Part> {
  now = $state.raw<T | undefined>();
  private loading: Promise<T> | undefined;

  constructor(private make: () => Promise<T>) {}

  /** Loads it, once. */
  load(): Promise<T> {
    return (this.loading ??= this.make()
      .then((t) => {
        this.now = t;
        t.begin();
        return t;
      })
      .catch((e: unknown) => {
        this.loading = undefined; // the next time asks again
        throw e;
      }));
  }
}
