// The health of the server, as /ops shows it: its charts, and how their numbers are written and summed up.
import type { OpsAlarm, OpsDelivery, OpsRoute } from "../wire/types";
import { counted } from "./counted";
import { inBytes } from "./file";

/** Values at equal distances. null: nothing was measured then, which is not zero. */
export type Values = readonly (number | null)[];

/** How far back the charts go. */
export type Range = "1h" | "24h" | "30d" | "1y";

export interface Reach {
  readonly key: Range;
  readonly label: string;
  /** As the end of a sentence. */
  readonly said: string;
  readonly seconds: number;
  /** The distance of two values, s. */
  readonly step: number;
  /** How often they are fetched, s. */
  readonly pace: number;
  /** The server keeps values of so many seconds, of which the last one on the page may have only a few yet. */
  readonly kept: number;
}

const MINUTE = 60,
  HOUR = 60 * MINUTE,
  DAY = 24 * HOUR,
  YEAR = 365 * DAY;

export const RANGES: readonly Reach[] = [
  { key: "1h", label: "1 h", said: "in the last hour", seconds: HOUR, step: 10, pace: 10, kept: 10 },
  {
    key: "24h",
    label: "24 h",
    said: "in the last 24 hours",
    seconds: DAY,
    step: 5 * MINUTE,
    pace: MINUTE,
    kept: MINUTE,
  },
  {
    key: "30d",
    label: "30 d",
    said: "in the last 30 days",
    seconds: 30 * DAY,
    step: 2 * HOUR,
    pace: 10 * MINUTE,
    kept: HOUR,
  },
  { key: "1y", label: "1 y", said: "in the last year", seconds: YEAR, step: DAY, pace: 10 * MINUTE, kept: HOUR },
];

export const reachOf = (key: Range): Reach => RANGES.find((r) => r.key === key)!;

/** The first and the last value of each stretch in which nothing was measured. */
export function gapsIn(values: Values): [first: number, last: number][] {
  const gaps: [number, number][] = [];
  values.forEach((v, i) => {
    const open = gaps.at(-1);
    if (v !== null) return;
    if (open && open[1] === i - 1) open[1] = i;
    else gaps.push([i, i]);
  });
  return gaps;
}

/** Values between two gaps: a line cannot show them. */
export const lonely = (values: Values): number[] =>
  values.flatMap((v, i) =>
    v !== null && (values[i - 1] ?? null) === null && (values[i + 1] ?? null) === null ? i : [],
  );

/** The newest value, unless it is older than this many steps: then there is none. */
export const latest = (values: Values, steps = 3): number | undefined =>
  values.slice(-steps).findLast((v) => v !== null) ?? undefined;

/** The lowest and the highest value, if there is any. */
export function bounds(values: Values): [low: number, high: number] | undefined {
  const known = values.filter((v) => v !== null);
  return known.length ? [Math.min(...known), Math.max(...known)] : undefined;
}

/** A number with three figures: 0.25, 38.2, 1,204. */
export function amount(n: number): string {
  if (Math.abs(n) >= 100) return Math.round(n).toLocaleString();
  return (Math.abs(n) < 0.0005 ? 0 : n).toLocaleString(undefined, { maximumSignificantDigits: 3 });
}

/** A number and its unit. */
export type Written = readonly [figure: string, unit: string];

/** A measured time, s. */
export const inTime = (s: number): Written => (s < 1 ? [amount(s * 1000), "ms"] : [amount(s), "s"]);

export function inSize(bytes: number): Written {
  const [figure = "", unit = ""] = inBytes(Math.round(bytes)).split(" ");
  return [figure, unit];
}

/** How long something lasts, in the largest unit that fits. */
export function lasting(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  if (s < MINUTE) return `${s} s`;
  if (s < HOUR) return `${Math.round(s / MINUTE)} min`;
  if (s < 2 * DAY) return counted(Math.round(s / HOUR), "hour");
  if (s < 60 * DAY) return counted(Math.round(s / DAY), "day");
  if (s < 2 * YEAR) return counted(Math.round(s / (30.4 * DAY)), "month");
  return counted(Math.round(s / YEAR), "year");
}

/** Ten years, after which nobody believes a forecast. */
const FAR = 10 * YEAR;

/** When a disk will be full that grows as it did; empty when it does not grow. */
export const fullIn = (seconds: number | undefined): string =>
  seconds === undefined ? "" : seconds > FAR ? "full in more than 10 years" : `full in ${lasting(seconds)}`;

/** A part of a whole in percent. It is never rounded up: 100 % is said of what never failed. */
export const percent = (share: number): string =>
  `${(Math.floor(share * 10_000 + 1e-9) / 100).toLocaleString(undefined, { maximumFractionDigits: 2 })} %`;

/** A day of the bar: what the server's own test messages found, one every 10 seconds. */
interface Day {
  readonly ok: number;
  readonly failed: number;
  readonly down: number;
}

const triesOf = (d: Day): number => d.ok + d.failed + d.down;

/** How much of some days it was available, from 0 to 1; undefined when nothing was measured. */
export function available(days: readonly Day[]): number | undefined {
  const all = days.reduce((sum, d) => sum + triesOf(d), 0);
  return all ? days.reduce((sum, d) => sum + d.ok, 0) / all : undefined;
}

/** How a day is drawn: a minute of trouble makes it no bad day, but it is seen. */
export function mark(day: Day): "none" | "good" | "fair" | "bad" {
  const share = available([day]);
  if (share === undefined) return "none";
  return share >= 0.9999 ? "good" : share >= 0.99 ? "fair" : "bad";
}

/** What a day of the bar says. */
export function saidOfDay(day: Day): string {
  const share = available([day]);
  if (share === undefined) return "no data";
  const lost = [
    day.failed && `${lasting(day.failed * 10)} not reachable`,
    day.down && `${lasting(day.down * 10)} not running`,
  ].filter(Boolean);
  return [percent(share), ...lost].join(", ");
}

/** The jobs that the server does beside answering. */
const JOBS: Record<string, string> = {
  mail: "E-mail",
  files: "Deleting files",
  alerts: "Alerts",
  ship: "Copies of changes",
  backup: "Backups",
  hooks: "Webhooks",
};
export const jobName = (name: string): string => JOBS[name] ?? name;

/** A measured time as it stands in a table. */
export const written = (s: number | undefined): string => (s === undefined ? "–" : inTime(s).join(" "));

/** Whether nobody is told of an alarm for now. `passed` says whether a moment is over. */
export const isSilenced = (a: OpsAlarm, passed: (iso: string) => boolean): boolean =>
  !!a.silenced_until && !passed(a.silenced_until);

/** Where alarms go, by name. */
export function deliveryName(d: OpsDelivery): string {
  switch (d.kind) {
    case "mail":
      return d.to ?? "E-mail";
    case "room":
      return `#${d.to}`;
    case "webhook":
      return "Webhook";
    case "dead_man":
      return "Sign of life";
  }
}

/** Whom an alarm was told, as the end of a sentence: those of the ways that work. */
export const told = (ways: readonly OpsDelivery[]): string =>
  ways
    .filter((d) => d.kind !== "dead_man" && d.at && !d.failing_since)
    .map((d) => (d.kind === "webhook" ? "webhook" : deliveryName(d)))
    .join(", ");

/** The state of an alarm, in a word. */
export const alarmState = (a: OpsAlarm): string =>
  ({ ok: "Quiet", alarm: a.says || "On", no_data: "No data" })[a.state] ?? a.state;

/** A route with its method. That all begin in the same way says nothing. */
export const called = (r: Pick<OpsRoute, "method" | "route">): string =>
  `${r.method} ${r.route.replace(/^\/api\/v1(?=\/)/, "")}`;
