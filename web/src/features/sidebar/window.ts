// A long list of rooms: only the rows near those in sight are in the page. The others are empty space before a row, or at the end.

/** Rows that are drawn above those in sight, and below them: so that a turn of the wheel meets no empty space. */
const AROUND = 8;
/** The window moves by so many rows, so that most turns of the wheel draw nothing anew. */
const STEP = 4;
/** The height of a row until one is measured, and the space between two, px. */
const ROW = 30,
  GAP = 1;

export interface Row {
  readonly id: string;
  /** Its number in the whole list. */
  readonly at: number;
  /** The rows between it and the one drawn before it. */
  readonly skipped: number;
}

/** The first row of the window, and the one after its last. `above` px of the list are above the box, which is `high` px high. */
export const near = (row: number, above: number, high: number): [number, number] => [
  Math.max(0, Math.floor(above / row / STEP) * STEP - AROUND),
  Math.ceil((above + high) / row / STEP) * STEP + AROUND,
];

/** The rows of the window, and those of `kept`, which may be far from it. */
export function drawn(ids: readonly string[], [from, to]: readonly [number, number], kept: Iterable<number>): Row[] {
  const all = new Set(kept);
  for (let i = from; i < Math.min(to, ids.length); i++) all.add(i);
  const rows = [...all].filter((i) => i in ids).sort((a, b) => a - b);
  return rows.map((at, i) => ({ id: ids[at]!, at, skipped: at - (rows[i - 1] ?? -1) - 1 }));
}

interface Box {
  readonly windows: Set<Window>;
  readonly stop: () => void;
}
const boxes = new WeakMap<HTMLElement, Box>();

/** Lets the windows in a box look while it scrolls; all of them first, and then they draw: else each would lay out what another drew. */
function watched(box: HTMLElement, w: Window): () => void {
  const of = boxes.get(box) ?? watch(box);
  boxes.set(box, of);
  of.windows.add(w);
  return () => {
    of.windows.delete(w);
    if (of.windows.size) return;
    of.stop();
    boxes.delete(box);
  };
}

function watch(box: HTMLElement): Box {
  const windows = new Set<Window>(),
    look = () => [...windows].map((w) => w.look()).forEach((draw) => draw()),
    sizes = new ResizeObserver(look);
  box.addEventListener("scroll", look, { passive: true });
  for (const e of [box, box.firstElementChild!]) sizes.observe(e);
  const stop = () => {
    box.removeEventListener("scroll", look);
    sizes.disconnect();
  };
  return { windows, stop };
}

/** What is to be drawn of a list now. */
export interface Part {
  /** From the top of a row to that of the next, px. */
  readonly row: number;
  /** The rows to draw of these rooms. `current` is the one on screen. */
  rows(ids: readonly string[], current: string | undefined): Row[];
}

export class Window {
  private range: readonly [number, number] = [0, 0];
  private row = ROW + GAP;
  private focused: string | undefined;
  private over = new AbortController();
  private leave: () => void;

  /** `list` stands in `box`, which scrolls, and whose only child changes its height with the lists in it. */
  constructor(
    private list: HTMLElement,
    private box: HTMLElement,
    private draw: (part: Part) => void,
  ) {
    const { signal } = this.over;
    list.addEventListener("focusin", (e) => this.focus(idOf(e.target)), { signal });
    list.addEventListener("focusout", (e) => this.focus(idOf(e.relatedTarget)), { signal }); // the row that Tab leads to stays, too
    this.leave = watched(box, this);
    this.look()();
  }

  /** Looks which rows are near; returns what draws them. While a list is hidden, as on a phone by a room, it keeps its rows and place. */
  look(): () => void {
    const high = this.box.clientHeight;
    if (!high) return () => {};
    const above = this.box.getBoundingClientRect().top - this.list.getBoundingClientRect().top,
      heights = [...this.list.querySelectorAll("a")].map((e) => e.offsetHeight),
      row = heights.length ? Math.min(...heights) + GAP : this.row; // a long name may take two lines
    const [from, to] = near(row, above, high);
    return () => {
      if (row === this.row && from === this.range[0] && to === this.range[1]) return;
      [this.row, this.range] = [row, [from, to]];
      this.show();
    };
  }

  /** The row that has the focus stays, with its neighbours: Tab leads to them. */
  private focus(room: string | undefined): void {
    this.focused = room;
    this.show();
  }

  private show(): void {
    const { row, range, focused } = this;
    this.draw({
      row,
      rows(ids, current) {
        const at = focused ? ids.indexOf(focused) : -1,
          kept = current ? [ids.indexOf(current)] : [];
        return drawn(ids, range, at < 0 ? kept : [...kept, at - 1, at, at + 1]);
      },
    });
  }

  stop(): void {
    this.over.abort();
    this.leave();
  }
}

const idOf = (e: EventTarget | null): string | undefined =>
  (e as Element | null)?.closest<HTMLElement>("li[data-room]")?.dataset["room"];
