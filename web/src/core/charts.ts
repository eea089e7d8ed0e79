// The charts of /ops: which series each is drawn from, and what is said of it in words.
import type { OpsSeries } from "../wire/types";
import { agreeing, counted } from "./counted";
import {
  amount,
  bounds,
  gapsIn,
  inSize,
  inTime,
  lasting,
  latest,
  percent,
  type Reach,
  type Values,
  type Written,
} from "./ops";

/** What is known beside the series. */
interface Beside {
  readonly people?: number | undefined;
  /** When the disk is full, in words. */
  readonly full?: string;
}

export interface Chart {
  readonly key: string;
  readonly title: string;
  /** The series it needs. */
  readonly names: readonly string[];
  /** What its lines are called, when there are several. The last one is the one that is said. */
  readonly lines?: readonly string[];
  /** What is said while nothing happens that it could measure, such as between two requests. */
  readonly quiet?: string;
  /** Something went wrong wherever it is not zero. */
  readonly bad?: true;
  /** Its lines, of the values of its series; `lasts` is how much of a value's time is over, s. */
  draw(of: readonly Values[], lasts: (i: number) => number): Values[];
  /** How one of its values is written. */
  write(n: number): Written;
  /** What its figure says after the number; the unit of `write` unless it says something. */
  unit?(beside: Beside): string;
  /** Its figure is the sum of all values, not the newest one. */
  readonly summed?: true;
  /** Its figure is the mean of all values. */
  readonly averaged?: true;
  /** It is measured now and then: its figure is the newest value, however old. */
  readonly rare?: true;
}

const each = (values: Values, f: (n: number, i: number) => number): Values =>
  values.map((v, i) => (v === null ? null : f(v, i)));
const asIs = (of: readonly Values[]): Values[] => [...of];

/** The sum of several series. What the first one does not know is not known. */
const together = ([first = [], ...more]: readonly Values[]): Values =>
  first.map((v, i) => (v === null ? null : more.reduce((sum, m) => sum + (m[i] ?? 0), v)));

const PERCENTILES = ["p50", "p95", "p99"];
const three = (of: string) => PERCENTILES.map((p) => `${of}_${p}`);

/** A chart of how often something happened, of a series of what happens in a second. */
const often: Pick<Chart, "draw" | "write" | "summed"> = {
  draw: ([of = []], lasts) => [each(of, (n, i) => Math.round(n * lasts(i)))],
  write: (n) => [amount(n), ""],
  summed: true,
};

/** A chart of a time that browsers measured: too few measure it for a p99. */
const measured = (key: string, title: string): Chart => ({
  key,
  title: `${title}, p95`,
  names: [`${key}_p50`, `${key}_p95`],
  lines: ["p50", "p95"],
  quiet: "nothing to measure",
  rare: true,
  draw: asIs,
  write: inTime,
});

export const CHARTS: readonly Chart[] = [
  { key: "requests", title: "Requests", names: ["requests"], draw: asIs, write: (n) => [amount(n), "a second"] },
  {
    key: "latency",
    title: "Latency, p99",
    names: three("latency"),
    lines: PERCENTILES,
    quiet: "no requests now",
    draw: asIs,
    write: inTime,
  },
  {
    key: "errors",
    title: "Server errors",
    names: ["server_errors"],
    bad: true,
    ...often,
  },
  {
    key: "delivery",
    title: "Commit to screen, p99",
    names: three("delivery"),
    lines: PERCENTILES,
    quiet: "nothing to deliver now",
    draw: asIs,
    write: inTime,
  },
  {
    key: "people",
    title: "People connected",
    names: ["people_online"],
    draw: asIs,
    write: (n) => [amount(Math.round(n)), ""],
    unit: ({ people }) => (people ? `of ${amount(people)}` : ""),
  },
  {
    key: "messages",
    title: "Messages",
    names: ["posts"],
    draw: ([of = []]) => [each(of, (n) => n * 60)],
    write: (n) => [amount(n), "a minute"],
  },
  {
    key: "storage",
    title: "Storage",
    names: ["database_bytes", "wal_bytes", "files_bytes"],
    draw: (of) => [together(of)],
    write: inSize,
    unit: ({ full }) => (full ? `, ${full}` : ""),
  },
  {
    key: "cpu",
    title: "Processor",
    names: ["cpu"],
    draw: asIs,
    write: (n) => [amount(Math.round(n * 1000) / 1000), agreeing(n, "core", "cores")],
  },
  { key: "memory", title: "Memory", names: ["memory"], draw: asIs, write: inSize },
  {
    key: "heard",
    title: "Test messages heard",
    names: ["probe_up"],
    draw: asIs,
    write: (n) => [percent(n).split(" ")[0]!, "%"],
    averaged: true,
  },
  {
    key: "probe",
    title: "Test message, p99",
    names: three("probe"),
    lines: PERCENTILES,
    quiet: "none was heard lately",
    draw: asIs,
    write: inTime,
  },
];

/** What browsers report. */
export const BROWSERS: readonly Chart[] = [
  measured("first_render", "First messages on screen"),
  measured("room_switch", "Room switch"),
  measured("echo", "Sent to received"),
  { key: "reconnects", title: "Lost connections", names: ["reconnects"], ...often },
  { key: "script_errors", title: "Script errors", names: ["script_errors"], bad: true, ...often },
];

/** All series that the charts need. */
export const NAMES: readonly string[] = [...CHARTS, ...BROWSERS].flatMap((c) => c.names);

/** A chart as it is drawn. */
export interface Drawn {
  readonly chart: Chart;
  /** When the first value begins, and how long each lasts: s. */
  readonly from: number;
  readonly step: number;
  readonly lines: readonly Values[];
  /** null where the server measured nothing at all: of what is quiet, lines have gaps elsewhere, too. */
  readonly measured: Values;
}

/** A series that has a value whenever the server runs. */
const ALWAYS = "requests";

/** A chart with its values, as the server gave them at a moment, s. */
export function drawn(chart: Chart, of: OpsSeries, at: number, kept: number): Drawn {
  const { step } = of,
    from = Date.parse(of.from) / 1000,
    values = (name: string) => of.series.find((s) => s.name === name)?.values ?? [],
    lasts = (i: number) => Math.min(step, Math.max(kept, Math.floor((at - from - i * step) / kept) * kept)),
    lines = chart.draw(chart.names.map(values), lasts),
    measured = chart.quiet ? values(ALWAYS) : (lines.at(-1) ?? []);
  return { chart, from, step, lines, measured };
}

/** The line that is said. */
const said = (d: Drawn): Values => d.lines.at(-1) ?? [];

/** What a chart shows at a moment, in words; empty when nothing was measured then. */
export const valueAt = (d: Drawn, i: number): string =>
  d.lines
    .flatMap((line, n) => {
      const v = line[i] ?? null,
        name = d.chart.lines?.[n];
      return v === null ? [] : `${name ? `${name} ` : ""}${d.chart.write(v).join(" ").trim()}`;
    })
    .join(" · ");

/** The figure of a chart, and what follows it. Without a figure nothing is known of the present. */
export function figure(d: Drawn, reach: Reach, beside: Beside = {}): Written {
  const line = said(d),
    known = line.filter((v) => v !== null);
  if (d.chart.summed)
    return known.length ? [amount(known.reduce((sum, v) => sum + v, 0)), reach.said] : ["", "no data"];
  if (d.chart.averaged && known.length) {
    const [n, unit] = d.chart.write(known.reduce((sum, v) => sum + v, 0) / known.length);
    return [n, `${unit} ${reach.said}`];
  }
  const now = latest(line, d.chart.rare ? line.length : undefined);
  if (now === undefined) return ["", latest(d.measured) === undefined ? "no data" : (d.chart.quiet ?? "no data")];
  const [n, unit] = d.chart.write(now),
    more = d.chart.unit?.(beside) ?? (d.chart.rare ? " when last measured" : "");
  return [n, `${unit}${more}`];
}

/** What somebody learns of a chart who does not see it. */
export function summary(d: Drawn, reach: Reach, beside: Beside = {}): string {
  const line = said(d),
    range = bounds(line),
    [n, unit] = figure(d, reach, beside);
  if (!range) return `${d.chart.title}: no data ${reach.said}.`;
  const write = (v: number) => d.chart.write(v).join(" ").trim(),
    gaps = gapsIn(d.measured),
    none = gaps.reduce((sum, [a, b]) => sum + b - a + 1, 0) * d.step;
  return [
    `${d.chart.title}: ${`${n} ${unit}`.trim()}.`,
    range[0] === range[1]
      ? `Always ${write(range[0])}.`
      : `From ${write(range[0])} to ${write(range[1])} ${reach.said}.`,
    none ? `No data for ${lasting(none)}${gaps.length > 1 ? `, in ${counted(gaps.length, "gap")}` : ""}.` : "",
  ]
    .filter(Boolean)
    .join(" ");
}

/** The rows of the table that stands for a chart, newest first. */
export const rowsOf = (d: Drawn): { at: number; cells: string[] }[] =>
  (d.lines[0] ?? [])
    .map((_, i) => ({
      at: d.from + i * d.step,
      cells: d.lines.map((line) => {
        const v = line[i] ?? null;
        return v === null ? "–" : d.chart.write(v).join(" ").trim();
      }),
    }))
    .reverse();
