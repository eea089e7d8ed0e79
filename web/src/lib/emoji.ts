// The emoji of the picker: emojibase's data, loaded when first needed.
import type { CompactEmoji } from "emojibase";
import { blocks } from "./markdown";
import { once } from "./once";

export interface Emoji {
  char: string;
  name: string;
  codes: readonly string[];
  /** The words that search looks through, lower case. */
  words: string;
  group: number;
  /** The five skin tones, light to dark, where there are any. */
  tones: readonly string[];
}

export interface Emojis {
  all: readonly Emoji[];
  byCode: ReadonlyMap<string, Emoji>;
  byChar: ReadonlyMap<string, Emoji>;
}

export const groups = [
  { id: 0, icon: "😀", name: "Smileys" },
  { id: 1, icon: "👋", name: "People" },
  { id: 3, icon: "🐻", name: "Animals and nature" },
  { id: 4, icon: "🍜", name: "Food and drink" },
  { id: 5, icon: "🚀", name: "Travel and places" },
  { id: 6, icon: "⚽", name: "Activities" },
  { id: 7, icon: "💡", name: "Objects" },
  { id: 8, icon: "❤️", name: "Symbols" },
  { id: 9, icon: "🏁", name: "Flags" },
] as const;

/** The choices of a skin tone: none, then light to dark. */
export const hands = ["👋", "👋🏻", "👋🏼", "👋🏽", "👋🏾", "👋🏿"];

/** The first row of the picker until one has used enough emoji. */
const USUAL = ["👍", "🎉", "❤️", "😂", "👀", "🙏", "🔥", "✅", "👏"];

/** The first row: the emoji that one uses most. */
export function firstRow(
  data: Emojis | undefined,
  frequent: readonly string[],
  n: number,
): { char: string; name: string }[] {
  const chars = [...new Set([...frequent, ...USUAL])].slice(0, n);
  return chars.map((char) => ({ char, name: data?.byChar.get(char)?.name ?? char }));
}

/** What the foot of the picker says of an emoji. */
export interface Described {
  readonly char: string;
  readonly name: string;
  /** Its first shortcode, or "". */
  readonly code: string;
}

export const describe = (data: Emojis | undefined, char: string, name: string): Described => ({
  char,
  name,
  code: data?.byChar.get(char)?.codes[0] ?? (char.startsWith(":") ? char.slice(1, -1) : ""),
});

/** The data; fetched once, tried again after a failure. */
export const load = once(async (): Promise<Emojis> => {
  const [data, short, more] = await Promise.all([
    import("emojibase-data/en/compact.json"),
    import("emojibase-data/en/shortcodes/github.json"),
    import("emojibase-data/en/shortcodes/emojibase.json"),
  ]);
  return build(data.default, short.default, more.default);
});

type Codes = Record<string, string | string[]>;

export function build(data: readonly CompactEmoji[], ...sets: Codes[]): Emojis {
  const all: Emoji[] = [],
    byCode = new Map<string, Emoji>(),
    byChar = new Map<string, Emoji>();
  // A code is the emoji's whose first set has it: what GitHub has, and aliases after that.
  const owner = new Map<string, string>();
  for (const s of sets)
    for (const [hex, codes] of Object.entries(s)) for (const c of [codes].flat()) if (!owner.has(c)) owner.set(c, hex);
  for (const e of data) {
    if (e.group === undefined || e.group === 2) continue; // regional indicators, hair and skin alone are no emoji
    const codes = [...new Set(sets.flatMap((s) => s[e.hexcode] ?? []))].filter((c) => owner.get(c) === e.hexcode);
    const tones = (e.skins ?? [])
      .filter((s) => !/1F3F[B-F].*1F3F[B-F]/.test(s.hexcode) || sameTone(s.hexcode))
      .map((s) => canonical(s.unicode))
      .slice(0, 5);
    const it: Emoji = {
      char: canonical(e.unicode),
      name: e.label,
      codes,
      tones,
      group: e.group,
      words: [e.label, ...codes.map((c) => c.replaceAll("_", " ")), ...codes, ...(e.tags ?? [])]
        .join(" ")
        .toLowerCase(),
    };
    all.push(it);
    for (const c of codes) byCode.set(c, it);
    for (const c of [it.char, ...(e.skins ?? []).map((s) => s.unicode)]) byChar.set(c, it);
  }
  return { all, byCode, byChar };
}

/** Removes the variation selector that emojibase adds to characters that are emoji without one. */
const canonical = (s: string): string =>
  /^(\p{Emoji_Presentation}|[\u{1F900}-\u{1FAFF}])\uFE0F$/u.test(s) ? s.slice(0, -1) : s;

const sameTone = (hex: string): boolean => new Set(hex.match(/1F3F[B-F]/g)).size === 1;

/** The emoji in a skin tone (1 light … 5 dark), where it has one. */
export const toned = (e: Emoji, tone: number): string => (tone > 0 && e.tones[tone - 1]) || e.char;

/** Finds emoji by name, shortcode and synonym. Each word of `q` must begin a word; hits in names come before synonyms. */
export function search(data: Emojis, q: string, limit = 200): Emoji[] {
  const text = q.trim().toLowerCase().replaceAll(":", "");
  const wanted = text.split(/[\s]+/).filter(Boolean);
  if (!wanted.length) return [];
  const rank = (e: Emoji): number => {
    if (data.byCode.get(text) === e) return 0;
    if (e.codes.some((c) => c.startsWith(text))) return 1;
    if (wanted.every((w) => starts(e.name, w))) return 2;
    return wanted.every((w) => starts(e.words, w)) ? 3 : 9;
  };
  return data.all
    .map((e) => ({ e, n: rank(e) }))
    .filter((x) => x.n < 9)
    .sort((a, b) => a.n - b.n)
    .slice(0, limit)
    .map((x) => x.e);
}

function starts(words: string, w: string): boolean {
  const at = words.indexOf(w);
  if (at < 0) return false;
  return at === 0 || /[\s_-]/.test(words[at - 1]!) || words.includes(" " + w) || words.includes("_" + w);
}

/** Replaces :shortcodes: by their emoji where they are plain text: not in code, addresses, times or names. */
export function convert(data: Emojis, text: string, tone: number): string {
  const found: { from: number; to: number; emoji: Emoji }[] = [];
  const code = /:([a-z0-9_+-]{1,60}):(?!\w)/gi;
  for (let m; (m = code.exec(text));) {
    const emoji = data.byCode.get(m[1]!.toLowerCase());
    if (emoji && (m.index === found.at(-1)?.to || !/[\w:]/.test(text[m.index - 1] ?? "")))
      found.push({ from: m.index, to: code.lastIndex, emoji });
    else code.lastIndex = m.index + 1;
  }
  if (!found.length) return text;
  let mark = "q";
  while (text.includes(mark)) mark += "q";
  const written = (by: (i: number) => string) => {
    let from = 0,
      out = "";
    for (const [i, f] of found.entries()) [out, from] = [out + text.slice(from, f.from) + by(i), f.to];
    return out + text.slice(from);
  };
  const plain = new Set(plainText(blocks(written((i) => `:${mark}${i}:`))).match(new RegExp(`${mark}\\d+`, "g")));
  return written((i) =>
    plain.has(mark + i) ? toned(found[i]!.emoji, tone) : text.slice(found[i]!.from, found[i]!.to),
  );
}

/** The plain text among tokens. */
function plainText(of: unknown): string {
  if (Array.isArray(of)) return of.map(plainText).join(" ");
  const node = of as { t?: string; text?: string; of?: unknown; items?: unknown };
  const text = node.t === "text" ? node.text! : [node.of, node.items].map((x) => (x ? plainText(x) : "")).join(" ");
  return node.t === "link" && /^\s*(https?:|www\.)/i.test(text) ? "" : text; // the text of a bare address is the address
}

const drawn = new Map<string, boolean>();

/** Whether this device can draw the emoji. Each emoji is tested once, on a canvas. */
export function draws(char: string): boolean {
  let known = drawn.get(char);
  if (known === undefined) drawn.set(char, (known = test(char)));
  return known;
}

let pen: CanvasRenderingContext2D | null | undefined;

function test(char: string): boolean {
  pen ??= document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  if (!pen) return true;
  pen.font = '16px "Apple Color Emoji", "Segoe UI Emoji", "Noto Color Emoji", sans-serif';
  pen.textBaseline = "top";
  const one = pen.measureText("😀").width;
  if (one > 0 && pen.measureText(char).width > one * 1.5) return false; // it is drawn as several signs, side by side
  pen.clearRect(0, 0, 24, 24);
  pen.fillText(char, 0, 2);
  return pen.getImageData(0, 0, 24, 24).data.some((v, i) => i % 4 === 3 && v > 0); // something was drawn
}
