// Files that are pasted or dropped.

/** What of a drag or of the clipboard is read here. */
type Transfer = Pick<DataTransfer, "files" | "getData">;

/**
 * The files that are pasted. Programs that copy a table or a text lay a picture of it beside the text: the text is meant. A copied file
 * brings its name as a text.
 */
export function pastedFiles(data: Transfer): File[] {
  const files = [...data.files],
    text = data.getData("text/plain").trim();
  if (!text) return files;
  const names = new Set(files.map((f) => f.name));
  return text.split(/\r?\n/).every((line) => names.has(line.split(/[/\\]/).at(-1)!)) ? files : [];
}

/** Whether a drag brings files. */
export const bringsFiles = (data: Pick<DataTransfer, "types"> | null): boolean => !!data?.types.includes("Files");

/** The files that are dropped, and whether folders were among them, of which nothing is taken. */
export function dropped(data: Pick<DataTransfer, "files" | "items">): { files: File[]; folders: boolean } {
  const items = [...data.items].filter((i) => i.kind === "file");
  if (!items.length) return { files: [...data.files], folders: false };
  const whole = items.filter((i) => !i.webkitGetAsEntry?.()?.isDirectory);
  return { files: whole.flatMap((i) => i.getAsFile() ?? []), folders: whole.length < items.length };
}

/** A pasted text of more characters than this may better be a file. */
export const LONG = 4000;
