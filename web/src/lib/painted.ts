/** Most that it waits for a frame, ms: a hidden page has none. */
const PATIENCE = 1000;

/** Calls f once what is drawn now was painted. Returns what cancels it. */
export function painted(f: () => void): () => void {
  let timer = setTimeout(done, PATIENCE);
  const frame = requestAnimationFrame(() => {
    clearTimeout(timer);
    timer = setTimeout(f); // the frame is painted after its callbacks
  });
  function done(): void {
    cancelAnimationFrame(frame);
    f();
  }
  return () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
  };
}
