// Files of messages: where their bodies are, and how they are shown.
import type { File, Message, Preview } from "../wire/types";

export type { File };

const NONE: readonly File[] = [];
export const filesOf = (m: Pick<Message, "files">): readonly File[] => m.files ?? NONE;

/** Where the body of a file is. */
export const pathOfFile = (f: Pick<File, "id">): string => `/api/v1/files/${f.id}`;
/** Where the picture of a preview is. */
export const pathOfPicture = (p: Preview): string | undefined => p.picture && pathOfFile(p.picture);
/** Where it is downloaded from, of whatever kind it is. */
export const pathOfDownload = (f: Pick<File, "id">): string => `${pathOfFile(f)}?download=true`;
/** Where a smaller picture of it is; of a video its poster. */
export const pathOfThumb = (f: Pick<File, "id">, size: number): string => `${pathOfFile(f)}/thumb?size=${size}`;

/** How large a picture is that was told without its size, px. */
const SQUARE = 240;
/** The largest animated picture that moves in a list, bytes. Above it, a thumbnail stands there. */
const MOVING = 4_000_000;

export const sizeOf = ({ width, height }: Pick<File, "width" | "height">): { width: number; height: number } =>
  width && height ? { width, height } : { width: SQUARE, height: SQUARE };

/** The size at which a picture or a video is shown by itself: as it is, but within these bounds. */
export function fitted(of: Pick<File, "width" | "height">, most = { width: 420, height: 320 }) {
  const { width, height } = sizeOf(of),
    by = Math.min(1, most.width / width, most.height / height);
  return { width: Math.max(1, Math.round(width * by)), height: Math.max(1, Math.round(height * by)) };
}

/** Where to fetch a picture from that is shown `wide` px of the screen wide: the smallest one that fills them. */
export function sourceOf(f: File, wide: number, still = false): string {
  const { width, height } = sizeOf(f),
    longest = wide * Math.max(1, height / width);
  const sizes = (f.thumbs ?? []).toSorted((a, b) => a - b),
    enough = sizes.find((s) => s >= longest);
  if (f.kind === "image" && f.type === "image/gif" && !still && f.size <= MOVING) return pathOfFile(f);
  if (enough) return pathOfThumb(f, enough);
  // The largest thumbnail stands for an original that is many times larger than what is shown.
  const largest = sizes.at(-1);
  return largest && (f.kind !== "image" || f.size > MOVING) ? pathOfThumb(f, largest) : pathOfFile(f);
}

/** The colour that fills the place of a picture; undefined when it is none. */
export const colorOf = ({ color }: Pick<File, "color">): string | undefined =>
  color && /^#[0-9a-f]{6}$/i.test(color) ? color : undefined;

const UNITS = ["kB", "MB", "GB"] as const;

/** A size as people read it: "212 kB", "4.1 MB". */
export function inBytes(size: number): string {
  if (size < 1000) return `${size} B`;
  let n = size / 1000,
    unit = 0;
  while (n >= 999.5 && unit < UNITS.length - 1) {
    n /= 1000;
    unit++;
  }
  return `${n < 9.95 ? n.toFixed(1).replace(/\.0$/, "") : Math.round(n)} ${UNITS[unit]!}`;
}

/** How far something is: "1.8 of 4.1 MB". */
export function ofBytes(done: number, size: number): string {
  const [a, of] = inBytes(done).split(" "),
    [b, unit] = inBytes(size).split(" ");
  return of === unit ? `${a} of ${b} ${unit}` : `${a} ${of} of ${b} ${unit}`;
}

/** A length of time in the form 1:05. */
export function inMinutes(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  return `${Math.floor(s / 60)}:${String(s % 60).padStart(2, "0")}`;
}

/** How loud the parts of a voice message are, each from 0 to 1; empty when it is none. */
export function loudness({ waveform }: Pick<File, "waveform">): number[] {
  if (!waveform) return [];
  try {
    return [...atob(waveform)].map((c) => c.charCodeAt(0) / 255);
  } catch {
    return []; // it is no base64
  }
}

/** What of a name says what a file is: "PDF". */
export function ending(name: string): string {
  const [, end = ""] = /\.([^.]{1,5})$/.exec(name) ?? [];
  return end.toUpperCase();
}

/** The drawings for the kinds of files that are shown by name. */
export type Icon = "sheet" | "text" | "archive" | "code" | "audio" | "video" | "picture" | "file";
const ICONS: [RegExp, Icon][] = [
  [/\.(xlsx?|ods|csv|tsv|numbers)$/i, "sheet"],
  [/\.(pdf|docx?|odt|txt|md|rtf|pages|pptx?|odp|key|log)$/i, "text"],
  [/\.(zip|gz|tgz|tar|7z|rar|xz|zst|bz2)$/i, "archive"],
  [/\.(js|ts|go|py|rs|java|c|h|cpp|cs|rb|php|sh|sql|json|ya?ml|toml|xml|html?|css|svelte)$/i, "code"],
  [/\.(mp3|ogg|oga|wav|flac|m4a|opus|aac)$/i, "audio"],
  [/\.(mp4|mov|webm|mkv|avi|m4v)$/i, "video"],
  [/\.(png|jpe?g|gif|webp|heic|heif|svg|tiff?|bmp|psd|avif)$/i, "picture"],
];
export const iconOf = (name: string): Icon => ICONS.find(([is]) => is.test(name))?.[1] ?? "file";
