// A long press on a touch screen.

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
