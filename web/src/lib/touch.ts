// What touch screens need: long presses, and boxes that stay in sight when the keyboard opens.

/** Whether one points with a finger in the first place. */
export const isTouch = (): boolean => matchMedia("(pointer: coarse)").matches;

/** Keeps an element in sight while one writes in it: when it grows, and when the keyboard of a phone opens. */
export function inSight(e: HTMLElement) {
  const show = () => {
    if (e.contains(document.activeElement)) e.scrollIntoView({ block: "nearest" });
  };
  const watcher = new ResizeObserver(show);
  watcher.observe(e);
  window.visualViewport?.addEventListener("resize", show);
  return {
    destroy() {
      watcher.disconnect();
      window.visualViewport?.removeEventListener("resize", show);
    },
  };
}

/**
 * Makes the page as high as what the keyboard of a phone leaves. Some browsers do that themselves; Safari lays the keyboard over
 * the page, which then has "--seen" for its height. Not while one zooms in.
 */
export function aboveKeyboard(root: HTMLElement) {
  const view = window.visualViewport;
  const fit = () => {
    const covered = !!view && view.scale === 1 && view.height < innerHeight - 1;
    if (covered) root.style.setProperty("--seen", `${view.height}px`);
    else root.style.removeProperty("--seen");
    if (covered) scrollTo(0, 0); // Safari has moved the page up, to show the caret
  };
  view?.addEventListener("resize", fit);
  return { destroy: () => view?.removeEventListener("resize", fit) };
}

/** How long is long, ms. */
const LONG = 450;
/** The class of what is pressed and of what belongs to it. */
const HOT = ".hot";

export class LongPress {
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** `pressed` is called after a long press, and `released` when something else is touched next. */
  constructor(
    private pressed: () => void,
    private released: () => void,
  ) {}

  readonly start = (p: Pick<PointerEvent, "pointerType">): void => {
    if (p.pointerType === "touch") this.timer = setTimeout(() => this.begin(), LONG);
  };

  /** The finger moved or went: it is no long press. */
  readonly stop = (): void => clearTimeout(this.timer);

  private begin(): void {
    this.pressed();
    document.addEventListener("pointerdown", this.elsewhere);
  }

  private readonly elsewhere = (p: Event): void => {
    if (p.target instanceof Element && p.target.closest(HOT)) return;
    this.released();
    document.removeEventListener("pointerdown", this.elsewhere);
  };
}
