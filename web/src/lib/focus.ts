// The keyboard focus: giving it back when the element that took it is gone, moving it by arrow keys, and lists at which the
// Tab key stops once. Everything works on elements that come and go.
import { composing } from "./composing";
import { isTouch } from "./touch";

/**
 * Remembers the focused element, and returns a function that gives the focus back unless another element took it meanwhile.
 * If the element is gone or hidden, its row gets the focus.
 */
export function keepFocus(): () => void {
  const last = document.activeElement,
    row = last?.closest<HTMLElement>("article");
  return () => {
    const now = document.activeElement;
    if (now && now !== document.body) return void (now === last && caret(now));
    for (const e of [last, row]) {
      if (e instanceof HTMLElement && e.isConnected) e.focus({ preventScroll: true });
      if (document.activeElement === e) return;
    }
  };
}

/** In Chromium a closing dialog returns the focus to a text field without its caret, and typing does nothing. This repairs it. */
function caret(e: Element): void {
  if (!(e instanceof HTMLTextAreaElement || e instanceof HTMLInputElement)) return;
  e.blur();
  e.focus({ preventScroll: true });
}

/** Focuses an element that appears, except on touch screens, where the keyboard would pop up. */
export function focus(e: HTMLElement): void {
  if (!isTouch()) e.focus();
}

const plain = (e: KeyboardEvent): boolean => !e.altKey && !e.ctrlKey && !e.metaKey && !e.shiftKey;

/** The index to which a key moves in a list of `n`, from `i`; undefined when it does not move. Arrows wrap around. */
function moved(key: string, i: number, n: number): number | undefined {
  if (key === "Home") return 0;
  if (key === "End") return n - 1;
  const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[key];
  return by && (i + by + n) % n;
}

/** Arrows, Home and End move the focus among the buttons of a toolbar or menu; in a group of radios they choose as well. */
export function arrows(box: HTMLElement, of = "button") {
  const key = (e: KeyboardEvent) => {
    if (composing(e)) return;
    const all = [...box.querySelectorAll<HTMLElement>(of)],
      i = all.indexOf(e.target as HTMLElement);
    const to = plain(e) && i >= 0 ? moved(e.key, i, all.length) : undefined;
    if (to === undefined) return;
    e.preventDefault();
    e.stopPropagation();
    all[to]?.focus();
    if (all[to]?.role === "radio") all[to].click();
  };
  box.addEventListener("keydown", key);
  return { destroy: () => box.removeEventListener("keydown", key) };
}

/** The mark of the item that was focused by the keyboard. It is in the style sheets too. */
const BY_KEYS = "data-keys";

const stops =
  "a[href]:not([tabindex='-1']), button:not(:disabled, [tabindex='-1']), input, select, textarea, summary, [tabindex='0']";

/** The controls in a box at which Tab stops, in the order in which they stand. */
export const stopsIn = (box: HTMLElement): HTMLElement[] =>
  [...box.querySelectorAll<HTMLElement>(stops)].filter((s) => s.checkVisibility({ visibilityProperty: true }));

/**
 * A list at which Tab stops once: at the item that had the focus last, else at the first or last one, as `first` says. Tab then
 * goes through the controls inside that item and leaves the list. The caller handles arrow keys.
 */
export function oneStop(box: HTMLElement, { of, first }: { of: string; first: "first" | "last" }) {
  let current: HTMLElement | undefined,
    leaving = false;
  const edge = (place: "before" | "after", tabIndex: number) => {
    const e = document.createElement("span");
    e.tabIndex = tabIndex;
    box[place](e);
    return e;
  };
  const start = edge("before", -1),
    end = edge("after", 0);
  box.tabIndex = 0;

  const enter = () => {
    const all = box.querySelectorAll<HTMLElement>(of);
    const to = current && box.contains(current) ? current : all[first === "first" ? 0 : all.length - 1];
    to?.focus();
  };
  const focusin = (e: FocusEvent) => {
    if (e.target === box) return enter();
    const item = (e.target as Element).closest<HTMLElement>(of);
    if (!item) return;
    if (item !== current) current?.setAttribute("tabindex", "-1");
    current = item;
    item.tabIndex = 0;
    // A row shows its tools when it is focused by keyboard, not when it is clicked.
    item.toggleAttribute(BY_KEYS, (e.target as Element).matches(":focus-visible"));
  };
  const focusout = (e: FocusEvent) => {
    const item = (e.target as Element).closest(of);
    if (!item?.contains(e.relatedTarget as Node | null)) item?.removeAttribute(BY_KEYS);
  };
  const back = () => {
    if (!leaving) enter();
    leaving = false;
  };
  const key = (e: KeyboardEvent) => {
    if (composing(e) || e.key !== "Tab") return;
    const item = (e.target as Element).closest<HTMLElement>(of);
    if (e.shiftKey) return void ((e.target === item || e.target === box) && start.focus());
    const inside = stopsIn(item ?? box);
    if (inside.length && e.target !== inside.at(-1)) return;
    leaving = true; // the browser moves on from here to the element after the list
    end.focus();
  };
  box.addEventListener("focusin", focusin);
  box.addEventListener("focusout", focusout);
  box.addEventListener("keydown", key);
  end.addEventListener("focus", back);
  return {
    destroy() {
      start.remove();
      end.remove();
    },
  };
}

const ROWS = "article, [data-row]";

/**
 * A timeline as one stop of the Tab key. Arrows walk its rows: messages, and what is marked as a row. Other keys on a row that was
 * focused by the keyboard go to `act`, which returns whether it handled the key. On a row that was clicked they are letters.
 */
export function rows(box: HTMLElement, act: (row: HTMLElement, key: string) => boolean) {
  const stop = oneStop(box, { of: ROWS, first: "last" });
  const key = (e: KeyboardEvent) => {
    if (composing(e)) return;
    const at = e.target as Element,
      row = at.closest<HTMLElement>(ROWS);
    if (!row || !plain(e) || at.matches("input, textarea, select")) return;
    const all = [...box.querySelectorAll<HTMLElement>(ROWS)],
      i = all.indexOf(row);
    const to = { ArrowUp: i - 1, ArrowDown: i + 1, Home: 0, End: all.length - 1 }[e.key];
    if (to !== undefined) all[to]?.focus();
    else if (!row.hasAttribute(BY_KEYS) || !act(row, e.key.toLowerCase())) return;
    e.preventDefault();
  };
  box.addEventListener("keydown", key);
  return { destroy: stop.destroy };
}
