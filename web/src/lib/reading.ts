// When a room counts as read: its end has been in sight of a visible page for a while.

/** How long the end has to be in sight, ms. */
const IN_SIGHT = 400;

export class Reading {
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** `unread` says whether the end is in sight and something is unread. `read` is called when that has lasted. */
  constructor(
    private unread: () => boolean,
    private read: () => void,
  ) {}

  /** Looks now, after anything changed. */
  look(): void {
    if (!this.counts()) return;
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      if (this.counts()) this.read();
    }, IN_SIGHT);
  }

  /** Nothing is in sight any more. */
  stop(): void {
    clearTimeout(this.timer);
  }

  private counts(): boolean {
    return document.visibilityState === "visible" && this.unread();
  }
}
