// The icon of the page, with the number of places that wait.

/** public/icon.svg without its outermost element. */
const ICON =
  '<rect width="40" height="40" rx="12" fill="#127a6b"/><path d="M9 17h22v5a8 8 0 0 1-8 8h-6a8 8 0 0 1-8-8zm5-3c0-2 2-2 2-4m4 4c0-2 2-2 2-4m4 4c0-2 2-2 2-4" fill="none" stroke="#fff" stroke-width="2.4" stroke-linecap="round"/>';

const badge = (text: string): string =>
  `<circle cx="28" cy="12" r="12" fill="#d4382f" stroke="#fff"/><text x="28" y="18" text-anchor="middle" font-family="sans-serif" font-size="17" font-weight="700" fill="#fff">${text}</text>`;

/** The address of the icon. */
export const iconOf = (n: number): string =>
  n === 0
    ? "/icon.svg"
    : `data:image/svg+xml,${encodeURIComponent(
        `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40">${ICON}${badge(n > 9 ? "9+" : String(n))}</svg>`,
      )}`;

export function setIcon(n: number): void {
  const link = document.querySelector<HTMLLinkElement>('link[rel="icon"]'),
    href = iconOf(n);
  if (link && link.getAttribute("href") !== href) link.href = href;
}
