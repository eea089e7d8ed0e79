// What the pointers on an element do together: one draws it, two magnify it.

interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Hears {
  /** One pointer has moved by so much, px. */
  drawn(by: Point): void;
  /** Two have moved apart by a factor, around the point between them. */
  pinched(by: number, around: { clientX: number; clientY: number }): void;
  /** The last one is lifted. */
  lifted(): void;
}

type Touch = Pick<PointerEvent, "pointerId" | "clientX" | "clientY">;

export class Fingers {
  private on = new Map<number, { clientX: number; clientY: number }>();

  constructor(private hears: Hears) {}

  readonly down = (e: Touch & Pick<PointerEvent, "currentTarget">): void => {
    this.on.set(e.pointerId, { clientX: e.clientX, clientY: e.clientY });
    (e.currentTarget as Element | null)?.setPointerCapture?.(e.pointerId);
  };

  /** How far the first two pointers are apart. */
  private get span(): number {
    const [a, b] = [...this.on.values()];
    return a && b ? Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY) : 0;
  }

  readonly moved = (e: Touch): void => {
    const was = this.on.get(e.pointerId);
    if (!was) return; // it only hovers
    const before = this.span;
    this.on.set(e.pointerId, { clientX: e.clientX, clientY: e.clientY });
    const [a, b] = [...this.on.values()];
    if (a && b) {
      const around = { clientX: (a.clientX + b.clientX) / 2, clientY: (a.clientY + b.clientY) / 2 };
      if (before) this.hears.pinched(this.span / before, around);
    } else this.hears.drawn({ x: e.clientX - was.clientX, y: e.clientY - was.clientY });
  };

  readonly up = (e: Pick<PointerEvent, "pointerId">): void => {
    if (this.on.delete(e.pointerId) && !this.on.size) this.hears.lifted();
  };
}
