// Finds people, rooms and commands by what one types. Case, accents and punctuation do not count.
import { first, type Compare } from "../core/first";

const marks = /\p{M}/gu,
  between = /[\s\p{P}]+/gu;
/** Texts without accents, and the same signs between their words: with thousands of texts that saves most of the time. */
const plain = /^[\x20-\x7e]*$/,
  betweenPlain = /[\s!-#%-*,-/:;?@[-\]_{}]+/g;

/** A text without case, accents and punctuation: one space stands before each word, and one at the end. */
function spaced(text: string): string {
  const easy = plain.test(text),
    bare = easy ? text : text.normalize("NFKD").replace(marks, "");
  return ` ${bare.toLowerCase()} `.replace(easy ? betweenPlain : between, " ");
}

const wordsIn = (text: string): string[] => spaced(text).split(" ").filter(Boolean);

/** Whether `letters` are the beginnings of words that follow each other: jw, jonw and joweb are, of "Jonas Weber". */
function begins(letters: string, at: number, words: readonly string[], i: number): boolean {
  if (at === letters.length) return true;
  const word = words[i];
  let n = 0;
  while (word && at + n < letters.length && letters[at + n] === word[n]) n++;
  for (; n > 0; n--) if (begins(letters, at + n, words, i + 1)) return true;
  return false;
}

/** A single Latin letter stands inside of nearly every word, and says nothing there. */
const telling = (part: string): boolean => part.length > 1 || part > "\x7f";

/** The texts of a thing, spaced, and all of them in one: so one look goes over all words. */
interface Words {
  readonly texts: readonly string[];
  readonly all: string;
}

function wordsOf(texts: readonly string[]): Words {
  const each = texts.map(spaced);
  return { texts: each, all: each.join("") };
}

/** How well what was typed fits a thing: 4 for a whole text, 3 for whole words, 2 for their beginnings, 1, or 0. */
function fit(typed: readonly string[], { texts, all }: Words): number {
  if (typed.every((part) => all.includes(telling(part) ? part : ` ${part}`))) {
    if (texts.includes(` ${typed.join(" ")} `)) return 4;
    if (typed.every((part) => all.includes(` ${part} `))) return 3;
    return typed.every((part) => all.includes(` ${part}`)) ? 2 : 1;
  }
  const [letters] = typed;
  if (typed.length > 1 || !all.includes(` ${letters![0]}`)) return 0;
  return texts.some((t) => {
    const words = t.split(" ");
    return words.some((_, i) => begins(letters!, 0, words, i));
  })
    ? 1
    : 0;
}

/** The words of things that were searched before, by what gives their texts. A thing that changes is another object. */
const known = new WeakMap<object, WeakMap<object, Words>>();

/**
 * Makes what splits the texts of a thing into words, each thing once. Whoever does so with all things before one types saves the first
 * letter from it.
 */
export function splitter<T extends object>(texts: (of: T) => readonly string[]): (of: T) => Words {
  const before = known.get(texts) ?? new WeakMap<object, Words>();
  known.set(texts, before);
  return (of) => {
    let w = before.get(of);
    if (!w) before.set(of, (w = wordsOf(texts(of))));
    return w;
  };
}

/** Whether all that fits what is typed now fits what was typed before: more letters, or more words. */
const narrows = (before: readonly string[], parts: readonly string[]): boolean =>
  before.every((b, i) => parts[i] === b || (telling(b) && !!parts[i]?.startsWith(b)));

interface Search<T> {
  readonly parts: readonly string[];
  /** What fits, in its order, and the same by how well it does. */
  readonly fits: readonly T[];
  readonly ranks: readonly (readonly T[])[];
}
/** So many searches are kept, for the next letter, and for Backspace. */
const KEPT = 12;

/**
 * Makes what searches `all` by their texts. It returns those that fit, the best first; of equals, the first by `compare`, or else those that
 * stand first in `all`. When nothing is typed, everything fits.
 */
export function finder<T extends object>(
  all: readonly T[],
  texts: (of: T) => readonly string[],
  compare?: Compare<T>,
): (typed: string, limit: number) => T[] {
  const words = splitter(texts);
  const best = (of: readonly T[], limit: number) => (compare ? first(of, limit, compare) : of.slice(0, limit));
  const done: Search<T>[] = [];
  function search(parts: readonly string[]): Search<T> {
    const wider = done.findLast((s) => narrows(s.parts, parts));
    if (wider && wider.parts.join(" ") === parts.join(" ")) return wider;
    const fits: T[] = [],
      ranks: T[][] = [[], [], [], [], []];
    for (const of of wider?.fits ?? all) {
      const rank = fit(parts, words(of));
      if (!rank) continue;
      fits.push(of);
      ranks[rank]!.push(of);
    }
    const s = { parts, fits, ranks };
    if (done.push(s) > KEPT) done.shift();
    return s;
  }
  return (typed, limit) => {
    const parts = wordsIn(typed);
    if (!parts.length) return best(all, limit);
    const { ranks } = search(parts);
    const found: T[] = [];
    for (let rank = 4; rank > 0 && found.length < limit; rank--)
      found.push(...best(ranks[rank]!, limit - found.length));
    return found;
  };
}

/**
 * Whether one who typed this is likely to mean a thing with these texts: it begins words of them, and is not yet all of `insert`, to
 * which it would be completed. What has no letter is a time, or the number of an issue.
 */
export const likely = (typed: string, texts: readonly string[], insert: string): boolean =>
  /\p{L}/u.test(typed) && typed.toLowerCase() !== insert && fit(wordsIn(typed), wordsOf(texts)) > 1;
