// Dates and times in the reader's language and time zone.
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const dayOfYear = new Intl.DateTimeFormat(undefined, {
  weekday: "long",
  day: "numeric",
  month: "long",
  year: "numeric",
});
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });

/** The same moment is asked for several times in a row, and to write it is slow. */
function once(f: (iso: string) => string): (iso: string) => string {
  let last = "",
    written = "";
  return (iso) => (iso === last ? written : (written = f((last = iso))));
}

export const time = once((iso) => clock.format(new Date(iso)));
export const exact = once((iso) => full.format(new Date(iso)));
export const sameDay = (a: string, b: string): boolean => new Date(a).toDateString() === new Date(b).toDateString();

export function dayName(iso: string, now = new Date()): string {
  const d = new Date(iso);
  if (sameDay(iso, now.toISOString())) return "Today";
  const before = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1);
  if (d.toDateString() === before.toDateString()) return "Yesterday";
  return (d.getFullYear() === now.getFullYear() ? day : dayOfYear).format(d);
}
