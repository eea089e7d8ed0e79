// How the numbers of /ops are written, and where its lines have gaps.
import { describe, expect, test } from "vitest";
import type { OpsSeries } from "../wire/types";
import { BROWSERS, CHARTS, drawn, figure, NAMES, rowsOf, summary, valueAt } from "./charts";
import {
  amount,
  available,
  bounds,
  fullIn,
  gapsIn,
  isSilenced,
  lasting,
  latest,
  lonely,
  mark,
  percent,
  RANGES,
  reachOf,
  saidOfDay,
  told,
  written,
} from "./ops";
import { at } from "./testing";

const HOUR = reachOf("1h");

describe("values", () => {
  test("gaps are found at the ends and in between", () => {
    expect(gapsIn([null, null, 1, null, 2, 3, null])).toEqual([
      [0, 1],
      [3, 3],
      [6, 6],
    ]);
    expect(gapsIn([0, 0, 1])).toEqual([]);
    expect(gapsIn([])).toEqual([]);
  });

  test("a value between two gaps is lonely, zero too", () => {
    expect(lonely([0, null, 5, null, 1, 2, null, 3])).toEqual([0, 2, 7]);
  });

  test("the newest value is one of the last three, else nothing is known", () => {
    expect(latest([1, 2, null, null])).toBe(2);
    expect(latest([1, 0])).toBe(0);
    expect(latest([2, null, null, null])).toBeUndefined();
    expect(latest([])).toBeUndefined();
  });

  test("bounds leave gaps out", () => {
    expect(bounds([null, 3, 0, null, 2])).toEqual([0, 3]);
    expect(bounds([null])).toBeUndefined();
  });
});

describe("words", () => {
  test.each([
    [0, "0"],
    [0.0449, "0.0449"],
    [0.00004, "0"],
    [38.24, "38.2"],
    [99.96, "100"],
    [1204.4, "1,204"],
  ])("%d is written %s", (n, text) => expect(amount(n)).toBe(text));

  test.each([
    [0, "0 s"],
    [59.4, "59 s"],
    [90, "2 min"],
    [3600, "1 hour"],
    [2 * 86_400, "2 days"],
    [100 * 86_400, "3 months"],
    [3 * 365 * 86_400, "3 years"],
    [-5, "0 s"],
  ])("%d seconds are %s", (s, text) => expect(lasting(s)).toBe(text));

  test("percent is not rounded up", () => {
    expect([1, 0.99999, 0.9998, 0.5, 0].map(percent)).toEqual(["100 %", "99.99 %", "99.98 %", "50 %", "0 %"]);
  });

  test("times are milliseconds below a second", () => {
    expect([0.014, 0.9995, 1.25, undefined].map(written)).toEqual(["14 ms", "1,000 ms", "1.25 s", "–"]);
  });

  test("a forecast ends after ten years", () => {
    expect(fullIn(3 * 86_400)).toBe("full in 3 days");
    expect(fullIn(11 * 365 * 86_400)).toBe("full in more than 10 years");
    expect(fullIn(undefined)).toBe("");
  });
});

test("each range has at most 400 values, and is fetched before the newest one is whole", () => {
  for (const r of RANGES) {
    expect(r.seconds / r.step, r.key).toBeLessThanOrEqual(400);
    expect(r.pace, r.key).toBeLessThanOrEqual(r.step);
    expect(r.step % r.kept, r.key).toBe(0);
  }
});

describe("availability", () => {
  const day = (ok: number, failed = 0, down = 0) => ({ ok, failed, down });

  test("counts what failed and what was not tried, because the server was down", () => {
    expect(available([day(90, 5, 5), day(100)])).toBe(0.95);
    expect(available([day(0)])).toBeUndefined();
  });

  test("a day is drawn by its share", () => {
    expect([day(8640), day(8630, 10), day(8000, 640), day(0)].map(mark)).toEqual(["good", "fair", "bad", "none"]);
  });

  test("a day says what was lost", () => {
    expect(saidOfDay(day(8632, 6, 2))).toBe("99.9 %, 1 min not reachable, 20 s not running");
    expect(saidOfDay(day(8640))).toBe("100 %");
    expect(saidOfDay(day(0))).toBe("no data");
  });
});

test("an alarm was told to those who could be reached, and is silenced until the end of that", () => {
  expect(
    told([
      { kind: "room", to: "it-help", at: at(1) },
      { kind: "mail", to: "ada@acme.example", at: at(1), failing_since: at(2) },
      { kind: "webhook", at: at(1) },
      { kind: "mail", to: "new@acme.example" },
      { kind: "dead_man", at: at(1) },
    ]),
  ).toBe("#it-help, webhook");
  const a = {
    name: "slow",
    title: "Slow",
    severity: "warn",
    since: at(0),
    state: "alarm",
    silenced_until: at(5),
  } as const;
  expect([isSilenced(a, () => false), isSilenced(a, () => true)]).toEqual([true, false]);
});

describe("charts", () => {
  const chart = (key: string) => [...CHARTS, ...BROWSERS].find((c) => c.key === key)!;
  const of = (values: Record<string, (number | null)[]>): OpsSeries => ({
    from: at(0),
    to: at(1),
    step: 10,
    series: Object.entries(values).map(([name, values]) => ({ name, unit: "count", values })),
  });
  const draw = (key: string, values: Record<string, (number | null)[]>) => drawn(chart(key), of(values), Infinity, 10);

  test("one request brings all series, each once", () => {
    expect(new Set(NAMES).size).toBe(NAMES.length);
    expect(NAMES.length).toBeLessThanOrEqual(32); // the server's limit
  });

  test("the figure is the newest value with its unit", () => {
    const d = draw("requests", { requests: [1, null, 38.24] });
    expect(figure(d, HOUR)).toEqual(["38.2", "a second"]);
    expect(summary(d, HOUR)).toBe(
      "Requests: 38.2 a second. From 1 a second to 38.2 a second in the last hour. No data for 10 s.",
    );
  });

  test("of errors, the figure is their number, and a gap is none", () => {
    const d = draw("errors", { server_errors: [0, 0.1, 0.2, null] });
    expect(figure(d, HOUR)).toEqual(["3", "in the last hour"]);
    expect(d.lines).toEqual([[0, 1, 2, null]]);
    expect(figure(draw("errors", { server_errors: [0, 0] }), HOUR)[0]).toBe("0");
  });

  test("an error is one also while the time of its value is not over", () => {
    const series = { ...of({ server_errors: [0, 1 / 20] }), step: 60 };
    const after = (s: number) => drawn(chart("errors"), series, Date.parse(at(0)) / 1000 + s, 10).lines[0];
    expect([after(84), after(120), after(61)]).toEqual([
      [0, 1],
      [0, 3],
      [0, 1],
    ]);
  });

  test("without values nothing is said to be zero", () => {
    const d = draw("errors", { server_errors: [null, null] });
    expect(figure(d, HOUR)).toEqual(["", "no data"]);
    expect(summary(d, HOUR)).toBe("Server errors: no data in the last hour.");
    expect(figure(draw("requests", { requests: [5, null, null, null] }), HOUR)).toEqual(["", "no data"]);
    expect(figure(draw("requests", {}), HOUR)).toEqual(["", "no data"]);
  });

  test("people and storage say what they are part of", () => {
    expect(figure(draw("people", { people_online: [187] }), HOUR, { people: 214 })).toEqual(["187", "of 214"]);
    expect(figure(draw("people", { people_online: [5.67] }), HOUR)[0]).toBe("6"); // a mean of two minutes
    expect(figure(draw("cpu", { cpu: [0.000999] }), HOUR)).toEqual(["0.001", "cores"]);
    const bytes = draw("storage", { database_bytes: [4e9, null], wal_bytes: [1e8, 1], files_bytes: [null, 1] });
    expect(bytes.lines).toEqual([[4.1e9, null]]);
    expect(figure(bytes, HOUR, { full: "full in 3 years" })).toEqual(["4.1", "GB, full in 3 years"]);
  });

  test("the latency says all its lines at a moment, and the last one as its figure", () => {
    const d = draw("latency", { latency_p50: [0.004, null], latency_p95: [0.009, null], latency_p99: [0.014, null] });
    expect(valueAt(d, 0)).toBe("p50 4 ms · p95 9 ms · p99 14 ms");
    expect(valueAt(d, 1)).toBe("");
    expect(figure(d, HOUR)).toEqual(["14", "ms"]);
    expect(rowsOf(d)).toEqual([
      { at: Date.parse(at(0)) / 1000 + 10, cells: ["–", "–", "–"] },
      { at: Date.parse(at(0)) / 1000, cells: ["4 ms", "9 ms", "14 ms"] },
    ]);
  });

  test("where nothing happened there is no latency, and yet it was measured", () => {
    const d = draw("latency", { latency_p99: [0.014, null, null, null], requests: [5, 0, 0, 0] });
    expect([d.measured, figure(d, HOUR)]).toEqual([
      [5, 0, 0, 0],
      ["", "no requests now"],
    ]);
    expect(summary(d, HOUR)).toBe("Latency, p99: no requests now. Always 14 ms.");
    const off = draw("latency", { latency_p99: [0.014, null, null, null], requests: [5, null, null, null] });
    expect(figure(off, HOUR)).toEqual(["", "no data"]);
    expect(summary(off, HOUR)).toContain("No data for 30 s.");
  });

  test("of test messages, the figure is the share that was heard, never rounded up", () => {
    const d = draw("heard", { probe_up: [1, null, 1, 0.9999] });
    expect(figure(d, HOUR)).toEqual(["99.99", "% in the last hour"]);
    expect(valueAt(d, 3)).toBe("99.99 %");
    expect(summary(d, HOUR)).toContain("Test messages heard: 99.99 % in the last hour. From 99.99 % to 100 %");
    expect(figure(draw("heard", { probe_up: [null, null] }), HOUR)).toEqual(["", "no data"]);
  });

  test("of browsers, times have two lines, and what happened is counted", () => {
    const d = draw("first_render", { first_render_p50: [0.4, null], first_render_p95: [1.2, null, null, null, null] });
    expect([valueAt(d, 0), figure(d, HOUR)]).toEqual(["p50 400 ms · p95 1.2 s", ["1.2", "s when last measured"]]);
    const quiet = draw("echo", { echo_p95: [null, null, null, null], requests: [1, 1, 1, 1] });
    expect(figure(quiet, HOUR)).toEqual(["", "nothing to measure"]);
    expect(figure(draw("script_errors", { script_errors: [0.1, 0, 0.2] }), HOUR)).toEqual(["3", "in the last hour"]);
    expect(figure(draw("reconnects", { reconnects: [null, null] }), HOUR)).toEqual(["", "no data"]);
  });

  test("messages are counted by the minute", () => {
    expect(figure(draw("messages", { posts: [0.5] }), HOUR)).toEqual(["30", "a minute"]);
  });
});
