// Splits plain text into what is drawn apart from it: people who are mentioned, and emoji. The tokenizer of Markdown gives every
// piece of plain text to this, and never code or an address.

export type Drawn = { t: "text"; text: string } | { t: "emoji"; text: string };
export type Run = Drawn | { t: "mention"; handle: string };

const mention = /(?<![\p{L}\p{N}])@([a-z0-9][a-z0-9._-]{0,28}[a-z0-9])/gu;
// Some keyboards put a variation selector before the skin tone, with which fonts draw two signs.
const one = "\\p{Emoji_Modifier_Base}\\uFE0F\\p{Emoji_Modifier}(?:\\u200D\\p{Emoji}\\uFE0F?)*|\\p{RGI_Emoji}";
const emojiRuns = new RegExp(`(?:${one})+`, "gv");

/** The runs of a piece of plain text, in order; nothing is left out. */
export function runs(s: string): Run[] {
  if (!s.includes("@")) return emoji(s);
  const out: Run[] = [];
  let from = 0;
  for (const m of s.matchAll(mention)) {
    out.push(...emoji(s.slice(from, m.index)), { t: "mention", handle: m[1]! });
    from = m.index + m[0].length;
  }
  out.push(...emoji(s.slice(from)));
  return out;
}

/** Splits text into plain runs and runs of emoji, which are drawn in another font: thousands of elements would be slow. */
export function emoji(s: string): Drawn[] {
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
export function isJumbo(s: string): boolean {
  if (s.length > 120) return false;
  const [run, ...more] = emoji(s.replace(/\s+/g, ""));
  return run?.t === "emoji" && !more.length && [...new Intl.Segmenter().segment(run.text)].length <= 3;
}
