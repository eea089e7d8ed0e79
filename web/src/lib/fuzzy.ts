// Finds people, rooms and commands by what one types. Case, accents and punctuation do not count.

const marks = /\p{M}/gu,
  between = /[\s\p{P}]+/u;

/** The words of a text, without case and accents. */
function wordsIn(text: string): string[] {
  const bare = text.normalize("NFKD").replace(marks, "").toLowerCase();
  return bare.split(between).filter(Boolean);
}

/** Whether `letters` are the beginnings of words that follow each other: jw, jonw and joweb are, of "Jonas Weber". */
function begins(letters: string, [word, ...rest]: readonly string[]): boolean {
  if (!letters) return true;
  for (let n = Math.min(letters.length, word?.length ?? 0); n > 0; n--)
    if (word!.startsWith(letters.slice(0, n)) && begins(letters.slice(n), rest)) return true;
  return false;
}

/** A single Latin letter stands inside of nearly every word, and says nothing there. */
const telling = (part: string): boolean => part.length > 1 || part > "\x7f";

/** How well what was typed fits a thing with these texts: 4 for a whole text, 3 for whole words, 2 for their beginnings, 1, or 0. */
function fit(typed: readonly string[], texts: readonly (readonly string[])[]): number {
  const all = texts.flat();
  if (texts.some((t) => t.length === typed.length && t.every((w, i) => w === typed[i]))) return 4;
  if (typed.every((part) => all.includes(part))) return 3;
  if (typed.every((part) => all.some((w) => w.startsWith(part)))) return 2;
  if (typed.every((part) => all.some((w) => (telling(part) ? w.includes(part) : w.startsWith(part))))) return 1;
  const [letters, ...more] = typed;
  return !more.length && texts.some((t) => t.some((_, i) => begins(letters!, t.slice(i)))) ? 1 : 0;
}

/**
 * Makes what searches `all` by their texts. It returns those that fit, the best first; of equals, those that stand first in `all`. When
 * nothing is typed, everything fits.
 */
export function finder<T>(
  all: readonly T[],
  texts: (of: T) => readonly string[],
): (typed: string, limit: number) => T[] {
  let known: { of: T; words: string[][] }[] | undefined;
  return (typed, limit) => {
    const parts = wordsIn(typed);
    if (!parts.length) return all.slice(0, limit);
    known ??= all.map((of) => ({ of, words: texts(of).map(wordsIn) }));
    const ranks: T[][] = [[], [], [], [], []];
    for (const { of, words } of known) ranks[fit(parts, words)]!.push(of);
    return ranks.reverse().slice(0, -1).flat().slice(0, limit);
  };
}

/**
 * Whether one who typed this is likely to mean a thing with these texts: it begins words of them, and is not yet all of `insert`, to
 * which it would be completed. What has no letter is a time, or the number of an issue.
 */
export const likely = (typed: string, texts: readonly string[], insert: string): boolean =>
  /\p{L}/u.test(typed) && typed.toLowerCase() !== insert && fit(wordsIn(typed), texts.map(wordsIn)) > 1;
