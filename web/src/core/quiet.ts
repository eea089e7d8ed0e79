// Do not disturb: whether it is on for somebody, and when it ends. The server decides the same in quiet/quiet.go, and one table tests both.
import type { Quiet, Schedule, User } from "../wire/types";

export type Day = Schedule["days"][number];
export const DAYS: readonly Day[] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

const MINUTE = 60_000,
  HOUR = 60 * MINUTE;

/** No end is looked for beyond this: a schedule of all days and hours has none. */
const LONGEST = 8 * 24 * HOUR;

/** What clocks show in the time zones of the world. A formatter is slow to make, so each is kept. */
export class Zones {
  private formats = new Map<string, Intl.DateTimeFormat | undefined>();

  /** The day of the week, Monday is 0, and the time; undefined where the browser does not know the zone. */
  read(zone: string, at: number): { day: number; time: string } | undefined {
    if (!this.formats.has(zone)) this.formats.set(zone, formatOf(zone));
    const shown = this.formats.get(zone)?.format(at); // such as Mon 22:00
    return shown ? { day: DAYS.indexOf(shown.slice(0, 3).toLowerCase() as Day), time: shown.slice(-5) } : undefined;
  }
}

function formatOf(timeZone: string): Intl.DateTimeFormat | undefined {
  const how = { weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;
  try {
    return new Intl.DateTimeFormat("en-US", { ...how, timeZone });
  } catch {
    return undefined; // a RangeError is the answer for a name that is unknown
  }
}

type Who = Pick<User, "quiet" | "time_zone">;

/** Whether somebody is not to be disturbed at a moment, ms. */
export const quietAt = (u: Who, at: number, zones = new Zones()): boolean =>
  at < Date.parse(u.quiet?.until ?? "") || scheduled(u, at, zones);

/** The same by the schedule. */
export function scheduled({ quiet, time_zone = "UTC" }: Who, at: number, zones: Zones): boolean {
  const now = quiet?.schedule && zones.read(time_zone, at);
  return !!now && isOn(quiet.schedule!, now.day, now.time);
}

/** A schedule that ends at the time at which it begins, or before, ends on the next day. */
function isOn({ days, from, to }: Schedule, today: number, time: string): boolean {
  const begins = (day: number) => days.includes(DAYS[(day + 7) % 7]!);
  if (from < to) return begins(today) && from <= time && time < to;
  return (begins(today) && from <= time) || (begins(today - 1) && time < to);
}

/** When do not disturb ends that is on now, ms; undefined when it does not. */
export function quietEnd(u: Who, now: number, zones = new Zones()): number | undefined {
  const first = Math.max(now, Date.parse(u.quiet?.until ?? "") || 0);
  for (let at = first; at < first + LONGEST; at = (Math.floor(at / MINUTE) + 1) * MINUTE)
    if (!quietAt(u, at, zones)) return at;
  return undefined;
}

/** The ways to end it at once, by what is said of each. */
export type Choice = "30 minutes" | "1 hour" | "Until tomorrow";

/** Tomorrow begins at this hour, where the device is. */
const MORNING = 8;

/** When a choice ends that is made now. */
export function endOf(choice: Choice, now: number): Date {
  if (choice === "30 minutes") return new Date(now + 30 * MINUTE);
  if (choice === "1 hour") return new Date(now + HOUR);
  const d = new Date(now);
  return new Date(d.getFullYear(), d.getMonth(), d.getDate() + 1, MORNING);
}

/** What is sent of it: a moment that is over is left out, and a schedule without days. */
export function quietOf(until: Date | undefined, schedule: Schedule | undefined, now: number): Quiet {
  return {
    ...(until && until.getTime() > now && { until: until.toISOString() }),
    ...(schedule?.days.length && { schedule }),
  };
}
