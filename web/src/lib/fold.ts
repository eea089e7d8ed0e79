// Long messages are folded: over about two screens, the first is shown.
const COLUMNS = 90; // characters in a line of a wide window
const LONG = 60; // lines
const SHOWN = 30;

/** The part of a text that is shown while it is folded; undefined if it is short enough to be shown whole. */
export function folded(s: string): string | undefined {
  if (s.length <= LONG) return undefined;
  let count = 0,
    cut = 0;
  for (let at = 0; at <= s.length;) {
    const end = s.indexOf("\n", at);
    const stop = end < 0 ? s.length : end;
    const more = Math.max(1, Math.ceil((stop - at) / COLUMNS));
    if (!cut && count + more > SHOWN) cut = more > 1 ? between(s, Math.min(stop, at + (SHOWN - count) * COLUMNS)) : at;
    count += more;
    if (count > LONG) return s.slice(0, cut).trimEnd();
    at = stop + 1;
  }
  return undefined;
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
