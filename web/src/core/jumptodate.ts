// Days as fields of forms write them.

/** When a day began, so many days before another, where the reader is. */
export const dayAgo = (of: Date, days: number): Date => new Date(of.getFullYear(), of.getMonth(), of.getDate() - days);

/** When a day began that was chosen in a field: "2026-11-24"; undefined when it is none. */
export function dayOf(field: string): Date | undefined {
  const day = new Date(`${field}T00:00`);
  return Number.isNaN(day.getTime()) ? undefined : day;
}

/** A day as fields write it. */
export function written(day: Date): string {
  const two = (n: number) => String(n).padStart(2, "0");
  return `${String(day.getFullYear()).padStart(4, "0")}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
}
