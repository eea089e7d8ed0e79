// Quoting a message in an answer: who wrote it, with a link to it, and its text behind ">".
import { linkName } from "./marks";
import { put } from "./textbox";

/** So much of a text is quoted, in characters. */
const MOST = 1000;

/** What is put into the box. */
export function quote(name: string, url: string, text: string): string {
  const short = text.length > MOST ? `${text.slice(0, MOST).replace(/\s*\S*$/, "")}…` : text;
  const said = short
    .trim()
    .split("\n")
    .map((l) => `> ${l}`.trimEnd());
  return [`> [${linkName(name)}](${url}):`, ...said, "", ""].join("\n");
}

/** The box in which one answers what stands in a row: that of its thread, or of its room. */
export function boxOf(row: Element): HTMLTextAreaElement | undefined {
  for (let e: Element | null = row; e; e = e.parentElement) {
    const box = e.querySelector<HTMLTextAreaElement>("form.composer textarea");
    if (box) return box;
  }
  return undefined;
}

/** Puts a quote where the caret of a box is; one goes on writing below it. */
export function quoteInto(box: HTMLTextAreaElement, name: string, url: string, text: string): void {
  const before = box.value.slice(0, box.selectionStart).trimEnd();
  put(box, before.length, box.selectionStart, (before && "\n\n") + quote(name, url, text));
}

/** What is selected of a row; "" if nothing is. */
export function selectedIn(row: Element): string {
  const s = getSelection();
  return s?.anchorNode && row.contains(s.anchorNode) && s.focusNode && row.contains(s.focusNode) ? s.toString() : "";
}
