// Where things that lie over the page go.

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}
interface Size {
  readonly width: number;
  readonly height: number;
}

/** Away from every edge of the window, px. */
const EDGE = 8;
/** A list of seven suggestions is about this high, px. */
const LIST = 240;

/** A menu stands below its button, or above where there is no space below. Its right edge is the button's. */
export const menuPlace = (opener: Box, menu: Size, window: Size): { left: number; top: number } => ({
  left: Math.max(EDGE, opener.right - menu.width),
  top:
    opener.bottom + 4 + menu.height < window.height - EDGE
      ? opener.bottom + 4
      : Math.max(EDGE, opener.top - 4 - menu.height),
});

/** A card stands below what opened it, above where there is no space below, and always inside the window. */
export function cardPlace(opener: Omit<Box, "right">, card: Size, window: Size): { left: number; top: number } {
  const below = opener.bottom + 6,
    above = opener.top - 6 - card.height;
  const fits = below + card.height <= window.height - EDGE;
  const within = (at: number, most: number) => Math.max(EDGE, Math.min(at, most - EDGE));
  return {
    left: within(opener.left, window.width - card.width),
    top: within(fits || above < EDGE ? below : above, window.height - card.height),
  };
}

/**
 * A list of suggestions stands above its box, or below where there is more space. Its edge at the box stays while the list grows:
 * the values are those of CSS.
 */
export function listPlace(
  box: Box,
  window: Size,
): Record<"left" | "top" | "bottom" | "maxHeight" | "minWidth" | "maxWidth", string> {
  const above = box.top - 6 - EDGE,
    below = window.height - box.bottom - 6 - EDGE,
    up = above >= Math.min(below, LIST);
  const wide = Math.min(box.right, window.width - EDGE) - box.left - 8;
  return {
    left: `${box.left + 8}px`,
    top: up ? "auto" : `${box.bottom + 6}px`,
    bottom: up ? `${window.height - box.top + 6}px` : "auto",
    maxHeight: `${Math.max(up ? above : below, 0)}px`,
    minWidth: `${Math.min(320, wide)}px`,
    maxWidth: `${wide}px`,
  };
}

/**
 * The picker of emoji is 352 px wide and 440 px high. It stands above what opened it where there is space, else below. At a whole
 * message it stands on the right, so that the text can be read.
 */
export function pickerPlace(opener: Box, window: Size): { x: number; y: number } {
  const wide = opener.right - opener.left > 2 * 352;
  const x = !wide && opener.left + 352 < window.width ? opener.left : opener.right - 352;
  const y = Math.max(EDGE, Math.min(opener.bottom + 6, window.height - 448));
  return { x: Math.max(EDGE, Math.min(x, window.width - 360)), y: opener.top > 460 ? opener.top - 448 : y };
}
