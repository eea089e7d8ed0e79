// Splits plain text into what is drawn apart from it: emoji. What formats messages finds the people who are mentioned as well
// (lib/mentions.ts).

export type Drawn =
  { t: "text"; text: string } | { t: "emoji"; text: string } | { t: "custom"; text: string; src: string };

/** The address of the picture of a custom emoji, given as :name:. */
export type Pictured = (code: string) => string | undefined;

// Some keyboards put a variation selector before the skin tone, with which fonts draw two signs.
const one = "\\p{Emoji_Modifier_Base}\\uFE0F\\p{Emoji_Modifier}(?:\\u200D\\p{Emoji}\\uFE0F?)*|\\p{RGI_Emoji}";
const emojiRuns = new RegExp(`(?:${one})+`, "gv");

/** More pictures in one piece of text would be slow: the others stand as their names. */
const MOST = 200;

/** The custom emoji in a text, outside of words, times and addresses; one may follow directly upon another. */
function customs(s: string, pictured: Pictured): { from: number; text: string; src: string }[] {
  const out: { from: number; text: string; src: string }[] = [],
    code = /:[a-z0-9_-]{2,32}:(?!\w)/g;
  for (let m, end = -1; out.length < MOST && (m = code.exec(s));) {
    const alone = m.index === end || !/[\w:]/.test(s[m.index - 1] ?? ""),
      src = alone ? pictured(m[0]) : undefined;
    if (alone) end = code.lastIndex;
    else code.lastIndex = m.index + 1;
    if (src) out.push({ from: m.index, text: m[0], src });
  }
  return out;
}

/**
 * Splits text into plain runs, runs of emoji, which are drawn in another font (thousands of elements would be slow), and, with
 * `pictured`, the custom emoji that there are.
 */
export function emoji(s: string, pictured?: Pictured): Drawn[] {
  const out: Drawn[] = [];
  let from = 0;
  for (const { from: at, text, src } of pictured && s.includes(":") ? customs(s, pictured) : []) {
    out.push(...standard(s.slice(from, at)), { t: "custom", text, src });
    from = at + text.length;
  }
  return out.length ? [...out, ...standard(s.slice(from))] : standard(s);
}

function standard(s: string): Drawn[] {
  const out: Drawn[] = [];
  let from = 0;
  for (const m of s.matchAll(emojiRuns)) {
    if (m.index > from) out.push({ t: "text", text: s.slice(from, m.index) });
    out.push({ t: "emoji", text: m[0].replace(/\uFE0F(?=\p{Emoji_Modifier})/gu, "") });
    from = m.index + m[0].length;
  }
  if (from < s.length) out.push({ t: "text", text: s.slice(from) });
  return out;
}

/** Whether a message is one to three emoji and nothing else. */
export function isJumbo(s: string, pictured?: Pictured): boolean {
  if (s.length > 120) return false;
  const drawn = emoji(s, pictured).filter((d) => d.t !== "text" || /\S/.test(d.text)),
    one = (d: Drawn) => (d.t === "emoji" ? [...new Intl.Segmenter().segment(d.text)].length : 1);
  return drawn.every((d) => d.t !== "text") && drawn.length > 0 && drawn.reduce((n, d) => n + one(d), 0) <= 3;
}
