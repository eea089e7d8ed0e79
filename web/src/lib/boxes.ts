// What elements do when their size changes.

/** Makes an element focusable while its content is wider than the element, so that the keyboard can scroll it. */
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

/** Keeps an element in sight while one writes in it: when it grows, and when the keyboard of a phone opens. */
export function inSight(e: HTMLElement) {
  const show = () => {
    if (e.contains(document.activeElement)) e.scrollIntoView({ block: "nearest" });
  };
  const watcher = new ResizeObserver(show);
  watcher.observe(e);
  window.visualViewport?.addEventListener("resize", show);
  return {
    destroy() {
      watcher.disconnect();
      window.visualViewport?.removeEventListener("resize", show);
    },
  };
}
