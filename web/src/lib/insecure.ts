// What browsers offer only in secure contexts, done in a way that works over plain http too. Few other files use
// such an API; a test has their names.

/** A random UUID (RFC 9562, version 4). */
export function newId(): string {
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** Copies text to the clipboard; false when the browser does not let the page do that. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copySelected(text); // there is no such clipboard, or it is not allowed
  }
}

/** Copies text by selecting it, in a box that nobody sees. */
function copySelected(text: string): boolean {
  const before = document.activeElement,
    box = document.createElement("textarea");
  box.value = text;
  box.readOnly = true;
  box.style.position = "fixed";
  box.style.opacity = "0";
  (before?.closest("dialog") ?? document.body).append(box); // beside an open dialog nothing can be selected
  box.focus({ preventScroll: true });
  box.select();
  const done = document.execCommand?.("copy") ?? false;
  box.remove();
  if (before instanceof HTMLElement) before.focus({ preventScroll: true });
  return done;
}
