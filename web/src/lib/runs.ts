// Splits plain text into what is drawn apart from it: emoji. What formats messages finds the people who are mentioned as well
// (lib/mentions.ts).

export type Drawn = { t: "text"; text: string } | { t: "emoji"; text: string };

// Some keyboards put a variation selector before the skin tone, with which fonts draw two signs.
const one = "\\p{Emoji_Modifier_Base}\\uFE0F\\p{Emoji_Modifier}(?:\\u200D\\p{Emoji}\\uFE0F?)*|\\p{RGI_Emoji}";
const emojiRuns = new RegExp(`(?:${one})+`, "gv");

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
