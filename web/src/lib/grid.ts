/**
 * The [section, cell] to which an arrow key moves in a grid of `columns`. `sizes` are the numbers of cells of the sections, each
 * of which begins a new line. undefined means: above the first line.
 */
export function step(
  key: string,
  sizes: readonly number[],
  columns: number,
  [s, i]: readonly [number, number],
): [number, number] | undefined {
  const size = sizes[s]!,
    filled = (from: number, by: number): number => {
      let at = from + by;
      while (sizes[at] === 0) at += by;
      return at;
    };
  const before = filled(s, -1),
    after = filled(s, 1);
  switch (key) {
    case "ArrowRight":
      return i + 1 < size ? [s, i + 1] : after < sizes.length ? [after, 0] : [s, i];
    case "ArrowLeft":
      return i > 0 ? [s, i - 1] : before >= 0 ? [before, sizes[before]! - 1] : undefined;
    case "ArrowDown": {
      if (i + columns < size) return [s, i + columns];
      if (Math.floor(i / columns) < Math.floor((size - 1) / columns)) return [s, size - 1];
      return after < sizes.length ? [after, Math.min(i % columns, sizes[after]! - 1)] : [s, i];
    }
    case "ArrowUp": {
      if (i >= columns) return [s, i - columns];
      if (before < 0) return undefined;
      const line = Math.floor((sizes[before]! - 1) / columns) * columns;
      return [before, Math.min(line + (i % columns), sizes[before]! - 1)];
    }
    case "Home":
      return [s, i - (i % columns)];
    case "End":
      return [s, Math.min(size - 1, i - (i % columns) + columns - 1)];
    default:
      return [s, i];
  }
}

/**
 * Moves the focus by a key among the cells of all `.cells` in a box, and between them and the box's text field. Enter in the
 * field chooses the first cell. Returns whether the key did something.
 */
export function walk(e: KeyboardEvent, box: HTMLElement, columns: number): boolean {
  const blocks = [...box.querySelectorAll(".cells")],
    from = e.target as Element;
  const s = blocks.findIndex((b) => b.contains(from));
  const cell = (to: readonly [number, number] | undefined) =>
    (to ? blocks[to[0]]?.children[to[1]] : box.querySelector("input")) as HTMLElement | null | undefined;
  if (s >= 0 && /^(Arrow|Home|End)/.test(e.key)) {
    const sizes = blocks.map((b) => b.childElementCount);
    cell(step(e.key, sizes, columns, [s, [...blocks[s]!.children].indexOf(from)]))?.focus();
  } else if (s < 0 && from.matches("input") && e.key === "Enter") cell([0, 0])?.click();
  else if (s < 0 && from.matches("input") && e.key === "ArrowDown") cell([0, 0])?.focus();
  else return false;
  return true;
}
