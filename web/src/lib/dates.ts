// Dates and times in the reader's language and time zone.
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const dayOfYear = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long", year: "numeric" });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });

export const time = (iso: string): string => clock.format(new Date(iso));
export const exact = (iso: string): string => full.format(new Date(iso));
export const sameDay = (a: string, b: string): boolean => new Date(a).toDateString() === new Date(b).toDateString();

export function dayName(iso: string, now = new Date()): string {
  const d = new Date(iso);
  if (sameDay(iso, now.toISOString())) return "Today";
  const before = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1);
  if (d.toDateString() === before.toDateString()) return "Yesterday";
  return (d.getFullYear() === now.getFullYear() ? day : dayOfYear).format(d);
}
