// Changing the text of a box at its caret, and what the keys of the composer mean.
import { counted } from "../core/counted";
import type { Edit } from "./marks";

/**
 * Puts `s` in the place of what stands between two positions, as if it were typed: the box has the focus, with the caret after
 * `s`, hears of its input, and undo takes it back.
 */
export function put(box: HTMLTextAreaElement, from: number, to: number, s: string): void {
  box.focus();
  box.setSelectionRange(from, to);
  // Deprecated, and in every browser the only way into its history of undo.
  if (document.activeElement === box && document.execCommand?.("insertText", false, s)) return;
  box.setRangeText(s, from, to, "end");
  box.dispatchEvent(new InputEvent("input", { bubbles: true }));
}

/**
 * Keeps what is pasted before that is loaded which takes files and rich text, and pastes it then. If it cannot be loaded, a text is
 * pasted as it is, and files are refused with the reason.
 */
export async function hold(e: ClipboardEvent, loading: Promise<unknown>): Promise<void> {
  const box = e.target as HTMLTextAreaElement,
    from = e.clipboardData!,
    kept = new DataTransfer();
  for (const { kind, type } of from.items) if (kind === "string") kept.setData(type, from.getData(type));
  for (const file of from.files) kept.items.add(file);
  e.preventDefault();
  const wrong = await loading.then(
    () => undefined,
    (error: unknown) => error,
  );
  const paste = new ClipboardEvent("paste", { clipboardData: kept, bubbles: true, cancelable: true });
  const text = kept.getData("text/plain");
  if (box.dispatchEvent(paste) && text) put(box, box.selectionStart, box.selectionEnd, text);
  if (wrong && kept.files.length) throw wrong;
}

/** Replaces a part of the text, and selects a part of what there is then. */
export function apply(box: HTMLTextAreaElement, { from, to, insert, select }: Edit): void {
  put(box, from, to, insert);
  box.setSelectionRange(...select);
}

/** The @ of a mention, with a space before it where one is missing. */
export const mentionSign = (text: string): string => (text && !/\s$/.test(text) ? " @" : "@");

/** Whether a text may be a command, or notify so many people that something has to be said first. It is looked at closely then. */
export const needsLook = (text: string): boolean =>
  /^\s*[/+]|@(?:here|room)/i.test(text) || text.split("@").length > 40;

type Keys = Pick<KeyboardEvent, "key" | "shiftKey" | "altKey" | "ctrlKey" | "metaKey">;

/** What a key does to an open list of suggestions. */
export type ListKey = { move: 1 | -1 } | "take" | "close" | undefined;

export function listKey({ key }: Keys): ListKey {
  if (key === "ArrowDown") return { move: 1 };
  if (key === "ArrowUp") return { move: -1 };
  if (key === "Tab" || key === "Enter") return "take";
  return key === "Escape" ? "close" : undefined;
}

/** What a key does in the box. On a touch screen Enter breaks the line. */
export function boxKey(e: Keys, text: string, enterSends: boolean, touch: boolean): "send" | "editLast" | undefined {
  const plain = !e.shiftKey && !e.altKey && !e.ctrlKey && !e.metaKey;
  if (e.key === "Enter" && (enterSends ? plain && !touch : e.ctrlKey || e.metaKey)) return "send";
  return e.key === "ArrowUp" && !text ? "editLast" : undefined;
}

/** The index after a step in a list of `n`, going round; from -1, which is none, to the first or the last. */
export const around = (i: number, by: 1 | -1, n: number): number =>
  n ? (Math.max(i, by < 0 ? 0 : -1) + by + n) % n : 0;

/** How many characters are left, and how that is said when they become few. */
export const lengthLeft = (text: string, limit: number): number => limit - [...text].length;
export const lengthNote = (left: number): string =>
  left >= 1000 ? "" : left < 0 ? `${counted(-left, "character")} over the limit` : `${counted(left, "character")} left`;
