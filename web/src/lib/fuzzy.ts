/** How well `q` fits `s`: 0 not at all; whole words and beginnings before letters in order. Case and accents do not count. */
export function score(q: string, s: string): number {
  const a = fold(q),
    b = fold(s);
  if (!a) return 1;
  const at = b.indexOf(a);
  if (at === 0) return 100 - Math.min(50, b.length - a.length);
  if (at > 0) return (/[\p{L}\p{N}]/u.test(b[at - 1]!) ? 30 : 45) - Math.min(20, at);
  let i = 0;
  for (const c of b) if (c === a[i]) i++;
  return i === a.length ? 5 : 0;
}

const fold = (s: string): string => s.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().trim();

/** The best of `all`, best first. */
export function best<T>(q: string, all: readonly T[], text: (v: T) => string, limit: number): T[] {
  return all
    .map((v) => ({ v, n: score(q, text(v)) }))
    .filter((x) => x.n > 0)
    .sort((x, y) => y.n - x.n)
    .slice(0, limit)
    .map((x) => x.v);
}
