// Applies events once in each frame, in their order. A burst is spread over several frames, so that the page can react to the
// user between them.

/** How many events are applied in one frame when few are waiting. */
const FEW = 8;
/** A burst of any size is applied within this many frames. */
const FRAMES = 120;
/** The longest wait for a frame, ms: a hidden tab has none. */
const LATEST = 250;

/** The next frame, or a moment later in a tab that draws none. */
function nextFrame(f: () => void): void {
  let done = false;
  const once = () => {
    if (done) return;
    done = true;
    cancelAnimationFrame(frame);
    clearTimeout(timer);
    f();
  };
  const frame = requestAnimationFrame(once),
    timer = setTimeout(once, LATEST);
}

export class Pacer<E extends {}> {
  private waiting: E[] = [];
  private few = FEW;

  constructor(
    private take: (e: E) => void,
    private schedule = nextFrame,
  ) {}

  readonly add = (e: E): void => {
    this.waiting.push(e);
    if (this.waiting.length === 1) this.schedule(this.frame);
  };

  private readonly frame = (): void => {
    this.few = Math.max(this.few, Math.ceil(this.waiting.length / FRAMES));
    const now = this.waiting.splice(0, this.few);
    try {
      for (let e; (e = now.shift()) !== undefined;) this.take(e);
    } finally {
      this.waiting.unshift(...now); // the events after one that failed
      if (this.waiting.length) this.schedule(this.frame);
      else this.few = FEW;
    }
  };
}
