export type Compare<T> = (a: T, b: T) => number;

/** The first ones in an order. Few are wanted of many, so the others are not sorted. */
export function first<T>(of: Iterable<T>, limit: number, compare: Compare<T>): T[] {
  const best: T[] = [];
  for (const x of of) {
    if (best.length === limit && compare(x, best[limit - 1]!) >= 0) continue;
    best.splice(best.findLastIndex((b) => compare(b, x) <= 0) + 1, 0, x);
    best.length = Math.min(best.length, limit);
  }
  return best;
}
