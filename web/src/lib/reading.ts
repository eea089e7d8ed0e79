// Watches what is in sight of a visible page, and says which message was seen last.
import { InSight } from "../core/reading";

/** The pointer is not moved again within this time, ms: whoever scrolls sees many messages. */
const REST = 1000;

export class Reading {
  private sight = new InSight();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private resting = false;
  /** Something in sight was not seen for long enough yet, and is looked at after the rest. */
  private waits = false;

  /**
   * `inSight` says which messages are in sight while any are to be read. `saw` hears of the last one that was seen. Where that moves
   * the pointer, it answers whether it has been moved.
   */
  constructor(
    private inSight: () => readonly number[],
    private saw: (seq: number) => Promise<boolean> | undefined,
  ) {}

  /** The last one of those in sight that was seen; 0 when none was. */
  get seen(): number {
    return this.sight.seen(performance.now());
  }

  /** Looks now, after anything changed. */
  look(): void {
    const now = performance.now();
    this.sight.look(document.visibilityState === "visible" ? this.inSight() : [], now);
    const seen = this.sight.seen(now);
    const moved = seen && !this.resting ? this.saw(seen) : undefined;
    if (moved) void this.rest(moved);
    const next = this.sight.next(now);
    clearTimeout(this.timer);
    if (next === undefined) return;
    if (this.resting) this.waits = true;
    else this.timer = setTimeout(() => this.look(), next);
  }

  /** Looks no more. */
  stop(): void {
    clearTimeout(this.timer);
    this.inSight = () => [];
  }

  private async rest(moved: Promise<boolean>): Promise<void> {
    this.resting = true;
    this.waits = false;
    const again = await moved;
    setTimeout(() => {
      this.resting = false;
      if (again || this.waits) this.look();
    }, REST);
  }
}
