/**
 * Loads something once; after a failure the next call tries again. What is loaded is there before the next key, while `import()` takes a
 * task of its own each time.
 */
export function once<T>(load: () => Promise<T>): () => Promise<T> {
  let loading: Promise<T> | undefined;
  return () =>
    (loading ??= load().catch((e: unknown) => {
      loading = undefined;
      throw e;
    }));
}
