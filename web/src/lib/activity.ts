// Whether the person is here. It follows the person and not the tab: whoever uses one tab of this browser is active in all of them,
// and is away after some minutes without a sign.
import type { Presence } from "../wire/live";

type Here = Exclude<Presence, "offline">;

/** Who gives no sign for this long is away, ms. */
export const IDLE = 5 * 60_000;
/** Other tabs hear of signs at most once in this time, ms. */
const TOLD = 20_000;
/** After a pause of this length the server hears of the next sign in this tab: it notifies people where they were last, ms. */
const PAUSE = 60_000;

const SIGNS = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart", "focus"];

export class Activity {
  private last = performance.now(); // anywhere in this browser
  private here = this.last; // in this tab
  private told = -Infinity;
  private state: Here = "active";
  private timer: ReturnType<typeof setTimeout> | undefined;
  private end = new AbortController();

  /** `say` tells the server, `tell` the other tabs of this browser, each of which calls heard. */
  constructor(
    private say: (state: Here) => void,
    private tell: () => void,
  ) {
    const { signal } = this.end;
    for (const sign of SIGNS) addEventListener(sign, () => this.sign(), { signal, passive: true, capture: true });
    const shown = () => document.visibilityState === "visible" && this.sign();
    document.addEventListener("visibilitychange", shown, { signal });
    this.wait();
  }

  /** The person did something in another tab. */
  heard(): void {
    this.last = performance.now();
    this.turn("active");
    this.wait();
  }

  stop(): void {
    this.end.abort();
    clearTimeout(this.timer);
  }

  private sign(): void {
    const now = performance.now(),
      pause = now - this.here;
    this.here = this.last = now;
    if (pause >= PAUSE) this.state = "away"; // so that it is said again
    this.turn("active");
    if (now - this.told < TOLD) return;
    this.told = now;
    this.tell();
    this.wait();
  }

  private turn(state: Here): void {
    if (state === this.state) return;
    this.state = state;
    this.say(state);
  }

  private wait(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.look(), this.last + IDLE - performance.now());
  }

  private look(): void {
    if (performance.now() - this.last < IDLE) return this.wait();
    this.turn("away");
  }
}
