// Events between the socket and the screen: those that come together are applied together, once a frame, and a burst is
// spread over several, so that the page can answer between them. The order stays; what is late by a frame is only drawn late.

/** Applied in one frame when few wait. */
const FEW = 8;
/** A burst is over after so many frames, however large it is. */
const FRAMES = 120;
/** Where no frames come, in a hidden tab, ms. */
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
      this.waiting.unshift(...now); // what comes after one that failed
      if (this.waiting.length) this.schedule(this.frame);
      else this.few = FEW;
    }
  };
}
