// The look of the page: light, dark, or as the system. It is remembered on the device, for the page at which nobody is signed in.
import type { Shelf } from "../core/shelf";

export const LOOK = "canteen.theme";

export const lastLook = (shelf: Pick<Shelf, "getItem">): string => shelf.getItem(LOOK) ?? "system";

/** Draws a look. */
export function draw(look: string): void {
  const page = document.documentElement.dataset;
  if (/^(light|dark)$/.test(look)) page["theme"] = look;
  else delete page["theme"];
}

/** Draws a look, and remembers it for the next start. */
export function setLook(look: string, shelf: Pick<Shelf, "setItem">): void {
  shelf.setItem(LOOK, look);
  draw(look);
}
