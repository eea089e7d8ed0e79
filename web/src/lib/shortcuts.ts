// The shortcuts of the whole page.

export type Shortcut = "switcher" | "keys" | "read" | "readAll" | "emoji" | { step: 1 | -1; unread: boolean };

type Keys = Pick<KeyboardEvent, "key" | "shiftKey" | "altKey" | "ctrlKey" | "metaKey">;

/** What a key asks for. `writing`: the focus is in a text field. `covered`: a dialog is open. */
export function shortcut(e: Keys, writing: boolean, covered: boolean): Shortcut | undefined {
  const command = e.metaKey || e.ctrlKey,
    key = e.key.toLowerCase();
  if (command && key === "k") return "switcher";
  if (covered) return undefined;
  if (command && e.shiftKey && key === "e") return "emoji";
  if (e.altKey && e.key === "ArrowDown") return { step: 1, unread: e.shiftKey };
  if (e.altKey && e.key === "ArrowUp") return { step: -1, unread: e.shiftKey };
  if (e.key === "?" && !writing) return "keys";
  return e.key !== "Escape" ? undefined : e.shiftKey ? "readAll" : "read";
}

export const isWriting = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.matches("input, textarea, select");

/**
 * Whether a key that is pressed outside of any text field begins to write: a letter, a dead key, the key of an input method, or
 * pasting. A space begins no word. E, R and T on a message that was focused by the keyboard are for the message.
 */
export function typesAnywhere(e: KeyboardEvent, covered: boolean): boolean {
  const on = e.target instanceof Element ? e.target : null;
  if (covered || isWriting(on) || on?.closest("[popover]")) return false;
  const command = (e.ctrlKey || e.metaKey) && !e.getModifierState("AltGraph");
  if (command) return e.key.toLowerCase() === "v" && !e.altKey && !e.shiftKey;
  if (on?.closest("[data-keys]") && /^[ert]$/i.test(e.key)) return false;
  return ([...e.key].length === 1 && !" ?".includes(e.key)) || WRITES.includes(e.key);
}

/** The names of keys that begin a letter without being one. */
const WRITES = ["Dead", "Process", "Unidentified"];

export const isCovered = (): boolean => !!document.querySelector("dialog[open]");
