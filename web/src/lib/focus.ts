// Who has the keyboard: given back when what took it is gone, moved by arrows among neighbours, and lists that are one stop
// of the Tab key. All of it is the DOM's, and works on elements that come and go.

/**
 * Remembers who has the focus. The answer gives it back unless somebody took it meanwhile: to the same element or, where
 * that is gone or hidden, to the row that it stood in.
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

/** A dialog that closes gives a text field the focus without its caret (Chromium): keys reach it and write nothing. */
function caret(e: Element): void {
  if (!(e instanceof HTMLTextAreaElement || e instanceof HTMLInputElement)) return;
  e.blur();
  e.focus({ preventScroll: true });
}

/** Takes the focus when it appears, where that raises no keyboard of a touch screen. */
export function focus(e: HTMLElement): void {
  if (!matchMedia("(pointer: coarse)").matches) e.focus();
}

const plain = (e: KeyboardEvent): boolean => !e.altKey && !e.ctrlKey && !e.metaKey && !e.shiftKey;

/** Where a key leads in a list of `n`, from `i`; undefined when it does not move. Arrows go round. */
function moved(key: string, i: number, n: number): number | undefined {
  if (key === "Home") return 0;
  if (key === "End") return n - 1;
  const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[key];
  return by && (i + by + n) % n;
}

/** Arrows, Home and End move the focus among the buttons of a toolbar or menu; in a group of radios they choose as well. */
export function arrows(box: HTMLElement, of = "button") {
  const key = (e: KeyboardEvent) => {
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

const stops =
  "a[href]:not([tabindex='-1']), button:not(:disabled, [tabindex='-1']), input, select, textarea, summary, [tabindex='0']";

/**
 * A list of which Tab stops at one item, the last that had the focus or else the one `first` picks, at what is inside that
 * item, and then goes on behind the list. Arrows are the caller's.
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
    // Rows show more to who comes by keyboard; a click alone is no reason to.
    item.toggleAttribute("data-keys", (e.target as Element).matches(":focus-visible"));
  };
  const focusout = (e: FocusEvent) => {
    const item = (e.target as Element).closest(of);
    if (!item?.contains(e.relatedTarget as Node | null)) item?.removeAttribute("data-keys");
  };
  const back = () => {
    if (!leaving) enter();
    leaving = false;
  };
  const key = (e: KeyboardEvent) => {
    if (e.key !== "Tab") return;
    const item = (e.target as Element).closest<HTMLElement>(of);
    if (e.shiftKey) return void ((e.target === item || e.target === box) && start.focus());
    const inside = [...(item ?? box).querySelectorAll<HTMLElement>(stops)].filter((s) =>
      s.checkVisibility({ visibilityProperty: true }),
    );
    if (inside.length && e.target !== inside.at(-1)) return;
    leaving = true; // the browser goes on from here to what stands behind
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

/** Lets the keyboard scroll what is wider than its place, while it is. */
export function scrollable(e: HTMLElement, name: string) {
  const look = () => {
    const wide = e.scrollWidth > e.clientWidth;
    for (const [key, value] of [
      ["tabindex", "0"],
      ["role", "group"],
      ["aria-label", name],
    ] as const) {
      if (wide) e.setAttribute(key, value);
      else e.removeAttribute(key);
    }
  };
  const watcher = new ResizeObserver(look);
  watcher.observe(e);
  return { destroy: () => watcher.disconnect() };
}

const ROWS = "article, [data-row]";

/**
 * A timeline as one stop of the Tab key. Arrows walk its rows: messages, and what is marked as a row. Other keys on a row go to
 * `act`, which returns whether it handled the key.
 */
export function rows(box: HTMLElement, act: (row: HTMLElement, key: string) => boolean) {
  const stop = oneStop(box, { of: ROWS, first: "last" });
  const key = (e: KeyboardEvent) => {
    const at = e.target as Element,
      row = at.closest<HTMLElement>(ROWS);
    if (!row || !plain(e) || at.matches("input, textarea, select")) return;
    const all = [...box.querySelectorAll<HTMLElement>(ROWS)],
      i = all.indexOf(row);
    const to = { ArrowUp: i - 1, ArrowDown: i + 1, Home: 0, End: all.length - 1 }[e.key];
    if (to !== undefined) all[to]?.focus();
    else if (!act(row, e.key.toLowerCase())) return;
    e.preventDefault();
  };
  box.addEventListener("keydown", key);
  return { destroy: stop.destroy };
}
