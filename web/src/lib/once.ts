/**
 * Loads something once; after a failure the next call tries again. A piece of the program that is there already is given before the
 * next key comes, while `import()` takes a task of its own each time.
 */
export function once<T>(load: () => Promise<T>): () => Promise<T> {
  let loading: Promise<T> | undefined;
  return () =>
    (loading ??= load().catch((e: unknown) => {
      loading = undefined;
      throw e;
    }));
}
