// What touch screens need: long presses, and a page that is as high as what the keyboard leaves.

/** Whether one points with a finger in the first place. */
export const isTouch = (): boolean => matchMedia("(pointer: coarse)").matches;

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
/** A finger that lies still moves by less than this, px. */
const STILL = 10;
/** A click follows the finger within this time, ms. */
const CLICK = 100;

type Touch = Pick<PointerEvent, "pointerType" | "clientX" | "clientY" | "target">;

export class LongPress {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private from: Touch | undefined;

  /** `pressed` is called while the finger is still down. Nothing that then appears below it hears of the finger. */
  constructor(private pressed: () => void) {}

  readonly start = (p: Touch): void => {
    this.stop();
    if (p.pointerType !== "touch") return;
    const { target } = (this.from = p);
    this.timer = setTimeout(() => {
      deafen(target);
      this.pressed();
    }, LONG);
  };

  readonly moved = (p: Touch): void => {
    if (this.from && Math.hypot(p.clientX - this.from.clientX, p.clientY - this.from.clientY) > STILL) this.stop();
  };

  /** The finger went: it is no long press. */
  readonly stop = (): void => clearTimeout(this.timer);
}

/**
 * Lets nobody hear of a finger before it is lifted: neither its click, nor the menu that browsers open. The end of a touch is told
 * to what was touched first, even if that is not in the document any more.
 */
function deafen(touched: EventTarget | null): void {
  const over = new AbortController(),
    { signal } = over;
  const swallow = (e: Event) => {
    e.preventDefault();
    e.stopPropagation();
  };
  const lifted = (e: Event) => {
    if (e.cancelable) e.preventDefault(); // or a click follows
    setTimeout(() => over.abort(), CLICK);
  };
  for (const name of ["contextmenu", "pointerup", "click"])
    window.addEventListener(name, swallow, { capture: true, signal });
  const next = (p: PointerEvent) => p.isPrimary && over.abort(); // the next touch is heard
  window.addEventListener("pointerdown", next, { capture: true, signal });
  for (const name of ["touchend", "touchcancel"]) touched?.addEventListener(name, lifted, { passive: false, signal });
}
