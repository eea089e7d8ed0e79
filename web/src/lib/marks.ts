// The marks that a toolbar and the keys of a box put around words or before lines. Each is a toggle: what has it loses it.

export type Mark = "bold" | "italic" | "strike" | "code" | "link" | "quote" | "list" | "numbers" | "tasks" | "block";

/** What a text becomes: `insert` takes the place of what stands from `from` to `to`, and a part of it is selected then. */
export interface Edit {
  readonly from: number;
  readonly to: number;
  readonly insert: string;
  readonly select: readonly [from: number, to: number];
}

const AROUND: Partial<Record<Mark, string>> = { bold: "**", italic: "_", strike: "~~", code: "`" };
/** What a line begins with that has the mark, and what is put before one that has not. */
const BEFORE: Partial<Record<Mark, { has: RegExp; put: (i: number) => string }>> = {
  quote: { has: /^> ?/, put: () => "> " },
  tasks: { has: /^[-*+] \[[ xX]\] /, put: () => "- [ ] " },
  list: { has: /^[-*+] (?!\[[ xX]\] )/, put: () => "- " },
  numbers: { has: /^\d{1,9}[.)] /, put: (i) => `${i + 1}. ` },
};
const ANY_LIST = /^(?:[-*+] (?:\[[ xX]\] )?|\d{1,9}[.)] )/;

/** What the mark makes of a text in which the part from `from` to `to` is selected. */
export function marked(text: string, from: number, to: number, mark: Mark): Edit {
  if (mark === "link") return linked(text, from, to);
  if (mark === "block") return fenced(text, from, to);
  const sign = AROUND[mark];
  if (!sign) return before(text, from, to, mark);
  return text.slice(from, to).includes("\n") ? eachLine(text, from, to, sign) : around(text, from, to, sign);
}

/** The selection without the spaces at its ends: a mark beside a space is no mark. */
function trimmed(text: string, from: number, to: number): [number, number] {
  const s = text.slice(from, to);
  return s.trim() ? [from + (s.length - s.trimStart().length), to - (s.length - s.trimEnd().length)] : [from, to];
}

/** Whether a sign ends before `at`, or begins there, and is not part of a longer one: `*` is not in `**`. */
const stands = (text: string, at: number, sign: string): boolean =>
  text.startsWith(sign, at) && text[at - 1] !== sign[0] && text[at + sign.length] !== sign[0];

function around(text: string, a: number, b: number, sign: string): Edit {
  const [from, to] = trimmed(text, a, b),
    n = sign.length,
    s = text.slice(from, to);
  if (from >= n && stands(text, from - n, sign) && stands(text, to, sign))
    return { from: from - n, to: to + n, insert: s, select: [from - n, to - n] };
  if (s.length > 2 * n && stands(s, 0, sign) && stands(s, s.length - n, sign)) {
    const bare = s.slice(n, -n);
    return { from, to, insert: bare, select: [from, from + bare.length] };
  }
  return { from, to, insert: sign + s + sign, select: [from + n, from + n + s.length] };
}

/** An inline mark does not go over the end of a paragraph: each line gets its own. */
function eachLine(text: string, from: number, to: number, sign: string): Edit {
  const lines = text.slice(from, to).split("\n"),
    full = lines.filter((l) => l.trim());
  const has = (l: string) => l.trim().length > 2 * sign.length && l.trim().startsWith(sign) && l.trim().endsWith(sign);
  const all = full.every(has);
  const insert = lines
    .map((l) => {
      if (!l.trim()) return l;
      const [, lead, words, trail] = /^(\s*)(.*?)(\s*)$/.exec(l)!;
      return all ? lead + words!.slice(sign.length, -sign.length) + trail : lead! + sign + words + sign + trail;
    })
    .join("\n");
  return { from, to, insert, select: [from, from + insert.length] };
}

function before(text: string, a: number, b: number, mark: Mark): Edit {
  const { has, put } = BEFORE[mark]!,
    from = text.lastIndexOf("\n", a - 1) + 1,
    end = text.indexOf("\n", Math.max(b, from)),
    to = end < 0 ? text.length : end;
  const lines = text.slice(from, to).split("\n");
  const counted = lines.filter((l) => l.trim() || lines.length === 1);
  const all = counted.every((l) => has.test(l));
  let i = 0;
  const insert = lines
    .map((l) => {
      if (all) return l.replace(has, "");
      if (!l.trim() && lines.length > 1) return mark === "quote" ? ">" : l;
      return put(i++) + (mark === "quote" ? l : l.replace(ANY_LIST, ""));
    })
    .join("\n");
  // With nothing selected the caret stays where it was among the words.
  const caret = Math.max(from, b + insert.length - (to - from));
  return { from, to, insert, select: a === b ? [caret, caret] : [from, from + insert.length] };
}

/** An address, and nothing else: what a link may lead to. */
export const isAddress = (s: string): boolean => /^(?:https?:\/\/|mailto:)[^\s<>]+$/i.test(s) && URL.canParse(s);

/** An address in a link: brackets and spaces of its own would end it. */
export const destination = (url: string): string =>
  /[()\s]/.test(url) ? url.replace(/[()\s]/g, (c) => (c === "(" ? "%28" : c === ")" ? "%29" : "%20")) : url;

/** Words that stand in the name of a link: a bracket of theirs would end it. */
export const linkName = (s: string): string => s.replace(/\s*\n\s*/g, " ").replace(/[[\]\\]/g, "\\$&");

function linked(text: string, a: number, b: number): Edit {
  const [from, to] = trimmed(text, a, b),
    s = text.slice(from, to);
  const whole = /^\[([^\]]*)\]\([^)]*\)$/.exec(s);
  if (whole) return { from, to, insert: whole[1]!, select: [from, from + whole[1]!.length] };
  if (isAddress(s)) return { from, to, insert: `[](${destination(s)})`, select: [from + 1, from + 1] };
  const name = linkName(s),
    at = from + name.length + 3;
  return name
    ? { from, to, insert: `[${name}](https://)`, select: [at, at + "https://".length] }
    : { from, to, insert: "[](https://)", select: [from + 1, from + 1] };
}

/** A fence that is longer than each in the text. */
export const fence = (s: string): string =>
  "`".repeat(Math.max(3, ...[...s.matchAll(/^ {0,3}(`{3,})/gm)].map((m) => m[1]!.length + 1)));

/** Whether a text ends within a block of code. */
export function inBlock(text: string): boolean {
  let open = "";
  for (const [, sign = ""] of text.matchAll(/^ {0,3}(`{3,}|~{3,})/gm)) {
    if (!open) open = sign;
    else if (sign.startsWith(open)) open = "";
  }
  return !!open;
}

function fenced(text: string, from: number, to: number): Edit {
  const s = text.slice(from, to),
    sign = fence(s);
  const whole = /^(`{3,})[^`\n]*\n([^]*)\n\1$/.exec(s);
  if (whole) return { from, to, insert: whole[2]!, select: [from, from + whole[2]!.length] };
  const lead = from > 0 && text[from - 1] !== "\n" ? "\n" : "",
    trail = to < text.length && text[to] !== "\n" ? "\n" : "",
    head = `${lead}${sign}\n`;
  const at = from + head.length;
  return { from, to, insert: `${head}${s}\n${sign}${trail}`, select: [at, at + s.length] };
}

type Keys = Pick<KeyboardEvent, "key" | "code" | "shiftKey" | "altKey" | "ctrlKey" | "metaKey">;

const KEYS: Record<string, Mark> = { b: "bold", i: "italic", k: "link", e: "code" };
const SHIFTED: Record<string, Mark> = { KeyX: "strike", Digit7: "numbers", Digit8: "list", Digit9: "quote" };

/**
 * The mark that a key asks for: with ⌘ on a Mac, where Ctrl moves the caret, else with Ctrl. Without selected words Ctrl K is the
 * key of the whole page.
 */
export function markKey(e: Keys, mac: boolean, selects: boolean): Mark | undefined {
  if (e.altKey || (mac ? !e.metaKey || e.ctrlKey : !e.ctrlKey || e.metaKey)) return undefined;
  const mark = e.shiftKey ? SHIFTED[e.code] : KEYS[e.key.toLowerCase()];
  return mark === "link" && !selects ? undefined : mark;
}
