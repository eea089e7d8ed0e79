// Finds people, rooms and commands by what one types. Case, accents and punctuation do not count.

const marks = /\p{M}/gu,
  between = /[\s\p{P}]+/u;
/** Texts without accents, and the same signs between their words: with thousands of texts that saves most of the time. */
const plain = /^[\x20-\x7e]*$/,
  betweenPlain = /[\s!-#%-*,-/:;?@[-\]_{}]+/;

/** The words of a text, without case and accents. */
function wordsIn(text: string): string[] {
  const easy = plain.test(text),
    bare = easy ? text : text.normalize("NFKD").replace(marks, "");
  return bare
    .toLowerCase()
    .split(easy ? betweenPlain : between)
    .filter(Boolean);
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

/** The texts of a thing, in words: each text, and the words of all together. */
interface Words {
  readonly texts: readonly (readonly string[])[];
  readonly all: readonly string[];
}

function wordsOf(texts: readonly string[]): Words {
  const split = texts.map(wordsIn);
  return { texts: split, all: split.flat() };
}

/** How well what was typed fits a thing: 4 for a whole text, 3 for whole words, 2 for their beginnings, 1, or 0. */
function fit(typed: readonly string[], { texts, all }: Words): number {
  if (typed.every((part) => all.some((w) => (telling(part) ? w.includes(part) : w.startsWith(part))))) {
    if (texts.some((t) => t.length === typed.length && t.every((w, i) => w === typed[i]))) return 4;
    if (typed.every((part) => all.includes(part))) return 3;
    return typed.every((part) => all.some((w) => w.startsWith(part))) ? 2 : 1;
  }
  const [letters, ...more] = typed;
  return !more.length && texts.some((t) => t.some((_, i) => begins(letters!, t.slice(i)))) ? 1 : 0;
}

type Compare<T> = (a: T, b: T) => number;

/** The first ones in an order. Few are wanted of many, so the others are not sorted. */
function first<T>(of: readonly T[], limit: number, compare: Compare<T> | undefined): T[] {
  if (!compare) return of.slice(0, limit);
  const best: T[] = [];
  for (const x of of) {
    if (best.length === limit && compare(x, best.at(-1)!) >= 0) continue;
    best.splice(best.findLastIndex((b) => compare(b, x) <= 0) + 1, 0, x);
    best.length = Math.min(best.length, limit);
  }
  return best;
}

/** The words of things that were searched before, by what gives their texts. A thing that changes is another object. */
const known = new WeakMap<object, WeakMap<object, Words>>();

/**
 * Makes what searches `all` by their texts. It returns those that fit, the best first; of equals, the first by `compare`, or else those that
 * stand first in `all`. When nothing is typed, everything fits.
 */
export function finder<T extends object>(
  all: readonly T[],
  texts: (of: T) => readonly string[],
  compare?: Compare<T>,
): (typed: string, limit: number) => T[] {
  const before = known.get(texts) ?? new WeakMap<object, Words>();
  known.set(texts, before);
  const words = (of: T) => {
    const w = before.get(of) ?? wordsOf(texts(of));
    before.set(of, w);
    return w;
  };
  return (typed, limit) => {
    const parts = wordsIn(typed);
    if (!parts.length) return first(all, limit, compare);
    const ranks: T[][] = [[], [], [], [], []];
    for (const of of all) ranks[fit(parts, words(of))]!.push(of);
    const found: T[] = [];
    for (let rank = 4; rank > 0 && found.length < limit; rank--)
      found.push(...first(ranks[rank]!, limit - found.length, compare));
    return found;
  };
}

/**
 * Whether one who typed this is likely to mean a thing with these texts: it begins words of them, and is not yet all of `insert`, to
 * which it would be completed. What has no letter is a time, or the number of an issue.
 */
export const likely = (typed: string, texts: readonly string[], insert: string): boolean =>
  /\p{L}/u.test(typed) && typed.toLowerCase() !== insert && fit(wordsIn(typed), wordsOf(texts)) > 1;
