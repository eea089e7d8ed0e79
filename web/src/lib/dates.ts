// Dates and times in the reader's language and time zone.
import { sameDay } from "../core/days";

/** Remembers the last answer: rows ask for the same moment several times in a row, and formatting is slow. */
function once(f: (iso: string) => string): (iso: string) => string {
  let last = "",
    written = "";
  return (iso) => (iso === last ? written : (written = f((last = iso))));
}

const format = (how: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(undefined, how);

/** The name of the time zone in which the device is now. */
export const zoneNow = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone;

const clock = { timeStyle: "short" } as const;
const day = { weekday: "long", day: "numeric", month: "long" } as const;

/** The time of day in a time zone, by its IANA name; undefined where the browser does not know the zone. */
export function timeIn(zone: string, now: number): string | undefined {
  try {
    return format({ ...clock, timeZone: zone }).format(now);
  } catch {
    return undefined; // a RangeError is the answer for a name that is unknown
  }
}

/** Writes dates and times. It stays in the time zone in which it was made: in another one, another is needed. */
export class Dates {
  readonly zone = zoneNow();
  private clock = format(clock);
  private day = format(day);
  private dayOfYear = format({ ...day, year: "numeric" });
  private moment = format({ ...day, hour: "numeric", minute: "2-digit" });
  private short = format({ dateStyle: "medium" });
  private shorter = format({ day: "numeric", month: "short" });
  private full = format({ dateStyle: "full", timeStyle: "medium" });

  readonly time = once((iso) => this.clock.format(new Date(iso)));
  /** Without "PM", which has no room beside a message. */
  readonly narrow = once((iso) =>
    this.clock
      .formatToParts(new Date(iso))
      .map(({ type, value }) => (type === "dayPeriod" ? "" : value))
      .join("")
      .trim(),
  );
  readonly exact = once((iso) => this.full.format(new Date(iso)));

  /** A day with its year, on one line. */
  date(iso: string): string {
    return this.short.format(new Date(iso)).replaceAll(" ", "\u00a0");
  }

  dayName(iso: string, now: Date): string {
    const d = new Date(iso);
    if (sameDay(iso, now.toISOString())) return "Today";
    const before = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1);
    if (d.toDateString() === before.toDateString()) return "Yesterday";
    return (d.getFullYear() === now.getFullYear() ? this.day : this.dayOfYear).format(d);
  }

  /** A moment where no day stands above it: the time if it is of today, else the day. */
  when(iso: string, now: Date): string {
    if (sameDay(iso, now.toISOString())) return this.time(iso);
    const d = new Date(iso);
    return d.getFullYear() === now.getFullYear() ? this.shorter.format(d).replaceAll(" ", "\u00a0") : this.date(iso);
  }

  /** When something ends: the time if that is today, else with its day. */
  end(iso: string, now: Date): string {
    return sameDay(iso, now.toISOString()) ? this.time(iso) : this.moment.format(new Date(iso));
  }
}
