// The scroll position of a timeline. What one reads never moves: the first row in sight keeps its place while rows come and
// go, or the end stays in sight.

/** Nearer to the end than this counts as the end, px. */
const END = 48;
/** Nearer to an edge than this, the page behind the edge is loaded, px. */
const EDGE = 600;

/** How much of the height is above the "New" line when one is brought to it. */
const ABOVE = 1 / 4;

const SHOWN = "data-shown";
const isRow = (e: Element): boolean => e.hasAttribute("data-seq");
const seqOf = (row: Element): number => Number(row.getAttribute("data-seq"));
const endOf = (e: Element): number => e.getBoundingClientRect().bottom;

/**
 * The rows are children of the box, in order, with days and lines between them. It is never searched for them: that would go through
 * every word of every message, for each message that comes.
 */
export class Scroller {
  private anchor: { row: Element; top: number } | undefined;

  constructor(private box: HTMLElement) {}

  private get below(): number {
    return this.box.scrollHeight - this.box.scrollTop - this.box.clientHeight;
  }

  get atEnd(): boolean {
    return this.below < END;
  }

  get nearStart(): boolean {
    return this.box.scrollTop < EDGE;
  }

  get nearEnd(): boolean {
    return this.below < EDGE;
  }

  /** The last child of which something is true. */
  private last(is: (e: Element) => boolean): Element | null {
    let e = this.box.lastElementChild;
    while (e && !is(e)) e = e.previousElementSibling;
    return e;
  }

  private row(seq: number): Element | null {
    const n = String(seq);
    return this.last((e) => e.getAttribute("data-seq") === n);
  }

  toEnd(): void {
    this.box.scrollTop = this.box.scrollHeight;
  }

  /** Goes to the "New" line; false when there is none, or, without `always`, when everything after it fits on the screen. */
  toNew(always: boolean): boolean {
    const line = this.last((e) => e.classList.contains("new")),
      height = this.box.clientHeight;
    if (!line) return false;
    const top = this.box.scrollTop + line.getBoundingClientRect().top - this.box.getBoundingClientRect().top;
    if (!always && this.box.scrollHeight - top <= height) return false;
    this.box.scrollTop = top - height * ABOVE;
    return true;
  }

  /** Whether the end of a message stays in sight when the box goes to its end. */
  fits(seq: number): boolean {
    const row = this.row(seq);
    return !!row && this.below <= row.getBoundingClientRect().bottom - this.box.getBoundingClientRect().top;
  }

  /** The first child of which the end is lower than `y`; null when there is none. */
  private first(y: number): Element | null {
    const end = this.box.lastElementChild;
    if (!end || endOf(end) <= y) return null; // mostly one is at the end, and counting the children takes longer than this
    const all = this.box.children;
    let low = 0,
      high = all.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (endOf(all[middle]!) <= y) low = middle + 1;
      else high = middle;
    }
    return all[low]!;
  }

  /** The messages of which the end is in sight, the last first, as far back as one that is read. */
  inSight(read: number): number[] {
    const { top, bottom } = this.box.getBoundingClientRect(),
      after = this.first(bottom + 1),
      seqs: number[] = [];
    let e = after ? after.previousElementSibling : this.box.lastElementChild;
    for (; e && endOf(e) > top - 1; e = e.previousElementSibling) {
      if (!isRow(e)) continue;
      seqs.push(seqOf(e));
      if (seqOf(e) <= read) break; // replies after it may be all that is unread
    }
    return seqs;
  }

  /** Remembers the first row in sight, before rows change. */
  remember(): void {
    let row = this.first(this.box.getBoundingClientRect().top);
    while (row && !isRow(row)) row = row.nextElementSibling;
    this.anchor = row ? { row, top: row.getBoundingClientRect().top } : undefined;
  }

  /** The first row in sight and how far it stands below the top, px; undefined when there are no rows. */
  place(): { seq: number; top: number } | undefined {
    this.remember();
    const a = this.anchor;
    return a && { seq: seqOf(a.row), top: a.top - this.box.getBoundingClientRect().top };
  }

  /** Puts a row where `place` found it; false when it is not there. */
  put({ seq, top }: { seq: number; top: number }): boolean {
    const row = this.row(seq);
    if (row) this.box.scrollTop += row.getBoundingClientRect().top - this.box.getBoundingClientRect().top - top;
    return !!row;
  }

  forget(): void {
    this.anchor = undefined;
  }

  /** Puts the remembered row back in its place, after rows changed; false when there is none. */
  restore(): boolean {
    if (!this.anchor?.row.isConnected) return false;
    this.box.scrollTop += this.anchor.row.getBoundingClientRect().top - this.anchor.top;
    return true;
  }

  /** Scrolls to a message, once for each row unless `again`; false when it is not there, or has been shown. */
  show(seq: number, again = false): boolean {
    const row = this.row(seq);
    if (!row || (row.hasAttribute(SHOWN) && !again)) return false;
    row.setAttribute(SHOWN, "");
    row.scrollIntoView({ block: "center" });
    return true;
  }
}

/** Calls `f` when the box changes its size: a thread opens, the composer grows, a phone is turned. */
export function resized(box: HTMLElement, f: () => void) {
  const watcher = new ResizeObserver(f);
  watcher.observe(box);
  return { destroy: () => watcher.disconnect() };
}
