// A long list of rooms: only the rows near those in sight are in the page. The others are empty space before a row, or at the end.

/** Rows that are drawn above those in sight, and below them: so that a turn of the wheel meets no empty space. */
const AROUND = 8;
/** The window moves by so many rows, so that most turns of the wheel draw nothing anew. */
const STEP = 4;
/** When more rows than that come into sight at once, they are drawn first, and those around them in the next frame. */
const JUMP = 8;
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

/** From a row to the one after the last. */
type Range = readonly [number, number];

/** The rows in sight. `above` px of the list are above the box, which is `high` px high. */
export const seen = (row: number, above: number, high: number): Range => [
  Math.max(0, Math.floor(above / row)),
  Math.ceil((above + high) / row),
];

/** The rows of the window: of a list that fills the box always as many, so that none is made or taken away. */
export function near(row: number, above: number, high: number): Range {
  const first = Math.floor(above / row / STEP) * STEP - AROUND;
  return [Math.max(0, first), first + Math.ceil(high / row / STEP) * STEP + STEP + 2 * AROUND];
}

/** After a jump, most rows in sight are not there. */
export const jumped = ([from, to]: Range, [top, end]: Range): boolean => top + JUMP < from || end - JUMP > to;

/** The rows of the window, and those of `kept`, which may be far from it. */
export function drawn(ids: readonly string[], [from, to]: Range, kept: Iterable<number>): Row[] {
  const all = new Set(kept);
  for (let i = from; i < Math.min(to, ids.length); i++) all.add(i);
  const rows = [...all].filter((i) => i in ids).sort((a, b) => a - b);
  return rows.map((at, i) => ({ id: ids[at]!, at, skipped: at - (rows[i - 1] ?? -1) - 1 }));
}

/**
 * The key of what draws each row in the page. A row that stays keeps it; one that comes takes that of one that goes: to show another room
 * costs far less than to make a row. What is over or under the row with the focus stays on that side, so that this row itself is never
 * moved in the page: it would lose the focus.
 */
export function drawnBy(rows: readonly Row[], before: ReadonlyMap<string, string>, focused = ""): Map<string, string> {
  const places = new Map(rows.map(({ id, at }) => [id, at])),
    split = before.has(focused) ? (places.get(focused) ?? Infinity) : Infinity;
  const over: string[] = [],
    under: string[] = [],
    taken = new Set(before.values());
  let free = over;
  for (const [id, key] of before) {
    if (id === focused && split < Infinity) free = under;
    if (!places.has(id)) free.push(key);
  }
  const fresh = (id: string) => {
    while (taken.has(id)) id += "+";
    taken.add(id);
    return id;
  };
  return new Map(rows.map(({ id, at }) => [id, before.get(id) ?? (at < split ? over : under).shift() ?? fresh(id)]));
}

/**
 * The numbers of rows that stay although they are far away, because nothing takes what draws them yet: in the next frame something does.
 * Of `before`, those stay that are farther from the rows that come.
 */
export function waiting(ids: readonly string[], rows: readonly Row[], before: readonly Row[]): number[] {
  const comes = new Set(rows.map((r) => r.id)),
    was = new Set(before.map((r) => r.id));
  const spare = before.filter((r) => !comes.has(r.id) && ids[r.at] === r.id).map((r) => r.at),
    taken = rows.filter((r) => !was.has(r.id)),
    stay = Math.max(0, spare.length - taken.length);
  const down = (taken[0]?.at ?? 0) > (spare[0] ?? 0);
  return down ? spare.slice(0, stay) : spare.slice(spare.length - stay);
}

/** A row, and the key of what draws it. */
export interface Drawn extends Row {
  readonly key: string;
}

/** A row that is as it was is the same object, so that nothing in it is looked at again. */
export function same(rows: readonly Drawn[], before: readonly Drawn[]): readonly Drawn[] {
  const was = new Map(before.map((r) => [r.id, r]));
  return rows.map((r) => {
    const old = was.get(r.id);
    return old && old.at === r.at && old.skipped === r.skipped && old.key === r.key ? old : r;
  });
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
  /** The rows to draw of these rooms, each with the key of what draws it. `current` is the one on screen. */
  rows(ids: readonly string[], current: string | undefined): readonly Drawn[];
}

export class Window {
  private range: Range = [0, 0];
  private drawn: readonly Drawn[] = [];
  private row = ROW + GAP;
  private focused: string | undefined;
  private over = new AbortController();
  private leave: () => void;
  /** What is to be drawn in the next frame. */
  private rest: ReturnType<typeof setTimeout> | undefined;

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
    const whole = near(row, above, high),
      sight = seen(row, above, high),
      range = jumped(this.range, sight) ? sight : whole;
    return () => {
      clearTimeout(this.rest);
      if (range === sight) this.rest = setTimeout(() => this.look()());
      if (row === this.row && range[0] === this.range[0] && range[1] === this.range[1]) return;
      [this.row, this.range] = [row, range];
      this.show(range === sight);
    };
  }

  /** The row that has the focus stays, with its neighbours: Tab leads to them. */
  private focus(room: string | undefined): void {
    this.focused = room;
    this.show();
  }

  /** `part` of the window is drawn: what drew rows that are not there any more waits for the rest of it. */
  private show(part = false): void {
    const { row, range, focused } = this;
    this.draw({
      row,
      rows: (ids, current) => {
        const at = focused ? ids.indexOf(focused) : -1,
          kept = [current ? ids.indexOf(current) : -1, ...(at < 0 ? [] : [at - 1, at, at + 1])];
        let rows = drawn(ids, range, kept);
        if (part) rows = drawn(ids, range, [...kept, ...waiting(ids, rows, this.drawn)]);
        const keys = drawnBy(rows, new Map(this.drawn.map((r) => [r.id, r.key])), focused);
        return (this.drawn = same(
          rows.map((r) => ({ ...r, key: keys.get(r.id)! })),
          this.drawn,
        ));
      },
    });
  }

  stop(): void {
    clearTimeout(this.rest);
    this.over.abort();
    this.leave();
  }
}

const idOf = (e: EventTarget | null): string | undefined =>
  (e as Element | null)?.closest<HTMLElement>("li[data-room]")?.dataset["room"];
