// Long messages are folded: of those over about two screens, most of the first is shown. So are those with many pieces that are slow
// to draw: a few of them would otherwise make a room slow for everybody in it.
const LONG = 60; // lines
const SHOWN = 20;
const PIECES = 2; // per line, on average

/** A line of a wide window. */
const line = /[^\n]{1,90}\n?|\n/g;
/** What becomes an element, or takes as long to draw: marks, names, addresses, emoji, lists in lists, cells of tables, stacked accents. */
const piece =
  /[`*~@]+|\||(?<!\w)_|#(?=[\p{L}\p{N}])|:[a-z0-9_-]{2,32}(?=:)|https?:|www\.|[\p{ExtPict}\p{RI}\p{EMod}\u200D\uFE0F]+|(?:[-+>.)][ \t]+|>)(?=[-+*>\d])|\p{M}{4}/giu;

/** The part of a text that is shown while it is folded; undefined if it is short enough to be shown whole. */
export function folded(s: string): string | undefined {
  if (s.length <= LONG) return undefined;
  const cut = Math.min(endOf(s, line, 1), endOf(s, piece, PIECES));
  return cut < s.length ? s.slice(0, between(s, cut)).trimEnd() : undefined;
}

/** Where the shown part of a text ends that has too many of something; Infinity if it has not. */
function endOf(s: string, something: RegExp, perLine: number): number {
  let count = 0,
    cut = 0;
  for (const { index } of s.matchAll(something)) {
    if (count === SHOWN * perLine) cut = index;
    if (++count > LONG * perLine) return cut;
  }
  return Infinity;
}

/** The last place at or before `at` that divides no word, or at least no character, as people see characters. */
function between(s: string, at: number): number {
  const from = Math.max(0, at - 100);
  const near = s.slice(from, at + 100);
  const word = near.slice(0, at - from).search(/\s\S*$/);
  if (word > 0) return from + word;
  const one = new Intl.Segmenter().segment(near).containing(Math.min(at - from, near.length - 1));
  return from + (one?.index || near.length);
}
