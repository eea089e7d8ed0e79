// Dates and times in the reader's language and time zone.
import { sameDay } from "../core/days";

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const dayOfYear = new Intl.DateTimeFormat(undefined, {
  weekday: "long",
  day: "numeric",
  month: "long",
  year: "numeric",
});
const short = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });

/** Remembers the last answer: rows ask for the same moment several times in a row, and formatting is slow. */
function once(f: (iso: string) => string): (iso: string) => string {
  let last = "",
    written = "";
  return (iso) => (iso === last ? written : (written = f((last = iso))));
}

export const time = once((iso) => clock.format(new Date(iso)));
/** A day with its year, on one line. */
export const date = (iso: string): string => short.format(new Date(iso)).replaceAll(" ", "\u00a0");
export const exact = once((iso) => full.format(new Date(iso)));

export function dayName(iso: string, now = new Date()): string {
  const d = new Date(iso);
  if (sameDay(iso, now.toISOString())) return "Today";
  const before = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1);
  if (d.toDateString() === before.toDateString()) return "Yesterday";
  return (d.getFullYear() === now.getFullYear() ? day : dayOfYear).format(d);
}
