/** For tests: runs `f` now and whenever what it reads changes, as a component would; returns what ends that. */
export const watched = (f: () => unknown): (() => void) =>
  $effect.root(() => {
    $effect(() => void f());
  });
