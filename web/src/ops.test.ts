// @vitest-environment happy-dom
// The page /ops: what admins see of a server that is well, in alarm, new, or not there; and that others see nothing.
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { BROWSERS, CHARTS, NAMES } from "./core/charts";
import { at, me, problem } from "./core/testing";
import type { Options } from "uplot";
import { $, all, House, named, words } from "../testing/house";
import type { Ops, OpsSeries } from "./wire/types";

interface Plot {
  readonly data: (number | null)[][];
  readonly options: Options;
  readonly ended: boolean;
}
/** The charts on the page, in their order. */
const plots = vi.hoisted(() => [] as Plot[]);
vi.mock("uplot", () => ({
  default: class {
    ended = false;
    constructor(
      readonly options: Options,
      public data: (number | null)[][],
    ) {
      plots.push(this);
    }
    setData = (data: (number | null)[][]) => void (this.data = data);
    setSize(): void {}
    redraw(): void {}
    destroy = () => void (this.ended = true);
  },
}));
/** The pointer is at a value, or gone. */
const point = (idx: number | null) =>
  (plots[0]!.options.hooks!.setCursor![0] as (u: unknown) => void)({ cursor: { idx } });

let house: House, report: Ops, values: (name: string) => (number | null)[];
const asked = (what: string) => house.asked.map(([w]) => w).filter((w) => w.startsWith(what));

beforeAll(async () => void (await import("./features/ops/Ops.svelte"), await import("./lib/chart")), 30_000);
beforeEach(() => {
  plots.length = 0;
  house = new House();
  house.who = me({ role: "admin" });
  report = {
    at: at(30),
    home: "server",
    healthy: true,
    since: at(0),
    started_at: at(0),
    version: { server: "v0.9.0", go: "go1.26.0", schema: 28 },
    people: { online: 2, sockets: 2, all: 3 },
    slowest: [],
    errors: [],
    jobs: [],
    links: [],
    alarms: [],
    deliveries: [],
  };
  values = () => [1, 2, 3];
  vi.stubGlobal("fetch", around(fetch));
});
afterEach(() => house.leave());

/** Answers for the page, before those of the house. */
function around(usual: typeof fetch): typeof fetch {
  return (path, o) => {
    const url = new URL(String(path), "http://canteen"),
      name = url.pathname.replace("/api/v1", "");
    if (name === "/ops") house.instead.set("GET /ops", house.instead.get("GET /ops") ?? (() => ({ body: report })));
    if (name === "/ops/series") {
      const series: OpsSeries = {
        from: at(29),
        to: at(30),
        step: 20,
        series: url.searchParams
          .get("name")!
          .split(",")
          .map((name) => ({ name, unit: "count", values: values(name) })),
      };
      house.instead.set(`GET /ops/series${url.search}`, () => ({ body: series }));
    }
    return usual(path, o);
  };
}

const open = async () => {
  await house.open("/ops");
  await house.wait(1000);
};
const card = (title: string) => all("section.card").find((c) => words(c.querySelector("h2")!) === title)!;
const figure = (title: string) => words(card(title).querySelector(".figure")!);
const block = (title: string) => all("section").find((s) => words(s.querySelector("h2") ?? s).startsWith(title));

describe("an admin sees", () => {
  // The first test of a file loads the client.
  test("that the server is well, and the charts of the last hour, which one request brings", async () => {
    await open();
    expect(document.title).toBe("Health · Acme");
    expect(words($("section.healthy"))).toMatch(/^Healthy since 10:00|^Healthy since/);
    expect(figure("Requests")).toBe("3 a second");
    expect(figure("People connected")).toBe("3 of 3");
    const [series, ...more] = asked("GET /ops/series").map((w) => new URLSearchParams(w.split("?")[1]));
    expect(more).toEqual([]);
    expect(series!.get("name")!.split(",")).toEqual(NAMES);
    expect([series!.get("from"), series!.get("to"), series!.get("step")]).toEqual([
      new Date(Date.parse(at(30)) - 3_600_000).toISOString(),
      at(30),
      "10",
    ]);
    expect(plots[0]!.data).toEqual([[0, 20, 40].map((s) => Date.parse(at(29)) / 1000 + s), [1, 2, 3]]);
    expect(new Set(plots.map((p) => p.options.cursor!.sync!.key))).toEqual(new Set(["ops"]));
    expect(named("Download as CSV").getAttribute("href")).toMatch(/^\/api\/v1\/ops\/series\?.*&format=csv$/);
  }, 30_000);

  test("new values every ten seconds, and none are fetched while nobody looks", async () => {
    await open();
    values = () => [4, 5, 6];
    await house.wait(30_000);
    expect([figure("Requests"), plots[0]!.data[1]]).toEqual(["6 a second", [4, 5, 6]]);
    const n = asked("GET /ops").length;
    vi.spyOn(document, "hidden", "get").mockReturnValue(true);
    document.dispatchEvent(new Event("visibilitychange"));
    await house.wait(60_000);
    expect(asked("GET /ops").length).toBe(n);
    vi.spyOn(document, "hidden", "get").mockReturnValue(false);
    document.dispatchEvent(new Event("visibilitychange"));
    await house.wait();
    expect(asked("GET /ops").length).toBe(n + 2);
  });

  test("another range at once, and it is not fetched again before it has new values", async () => {
    await open();
    named("30 d").click();
    await house.wait();
    const last = () => new URLSearchParams(asked("GET /ops/series").at(-1)!.split("?")[1]).get("step");
    expect([last(), named("30 d").getAttribute("aria-pressed")]).toEqual(["7200", "true"]);
    const n = asked("GET /ops/series").length;
    await house.wait(60_000);
    expect(asked("GET /ops/series").length).toBe(n);
  });

  test("only the range that was chosen last", async () => {
    await open();
    let come = () => {};
    values = () => [7, 8, 9];
    const late = new Promise<void>((yes) => (come = yes)),
      usual = fetch;
    vi.stubGlobal("fetch", (path: string, o: RequestInit) =>
      path.includes("step=86400") ? late.then(() => usual(path, o)) : usual(path, o),
    );
    named("1 y").click();
    await house.wait();
    named("24 h").click();
    await house.wait();
    values = () => [100, 200, 300];
    come();
    await house.wait();
    expect(figure("Requests")).toBe("9 a second");
  });

  test("in each chart what all show at one moment, and its values as a table on demand", async () => {
    values = (name) => (name === "requests" ? [1, null, 3] : [10, 20, 30]);
    await open();
    const label = card("Requests").querySelector("[role=img]")!.getAttribute("aria-label");
    expect(plots[0]!.data[1]).toEqual([1, null, 3]);
    const alone = plots[0]!.options.series[1]!.points!.filter as () => number[];
    expect(alone(), "values between gaps are drawn as points").toEqual([0, 2]);
    expect(label).toBe("Requests: 3 a second. From 1 a second to 3 a second in the last hour. No data for 20 s.");
    point(1);
    await house.wait();
    expect([figure("Requests"), figure("People connected")]).toEqual(["No data", "20"]);
    point(null);
    await house.wait();
    expect(figure("Requests")).toBe("3 a second");
    named("Table of Requests").click();
    await house.wait();
    const cells = [...card("Requests").querySelectorAll("td")].map(words);
    expect(cells).toEqual(["3 a second", "–", "1 a second"]);
    named("Chart of Requests").click();
    await house.wait();
    expect(card("Requests").querySelector("[role=img]")).not.toBeNull();
  });

  test("what browsers measured", async () => {
    house.who = me({ role: "admin", workspace: { ...me().workspace, vitals: true } });
    values = (name) =>
      name === "script_errors" ? [0, 0.1, 0.05] : name === "room_switch_p95" ? [0.1, 0.25, null] : [1, 1, 1];
    await open();
    expect(plots.length).toBe(CHARTS.length + BROWSERS.length);
    expect([figure("Room switch, p95"), figure("Script errors")]).toEqual([
      "250 ms when last measured",
      "3 in the last hour",
    ]);
    expect(figure("Test messages heard")).toBe("100 % in the last hour");
    expect(words($("main"))).not.toContain("Browsers report nothing");
  });

  test("that browsers report nothing", async () => {
    await open();
    expect(plots.length).toBe(CHARTS.length);
    expect(words($("main"))).toContain("Browsers report nothing");
  });

  test("alarms: what each says, since when, and whom it was told; and can silence them", async () => {
    Object.assign(report, {
      healthy: false,
      alarms: [
        {
          name: "server-errors",
          title: "Server errors",
          severity: "page",
          says: "3 answers with 5xx in the last minute",
          state: "alarm",
          since: at(20),
        },
        { name: "slow", title: "Slow answers", severity: "warn", since: at(0), state: "ok" },
      ],
      deliveries: [
        { kind: "room", to: "it-help", at: at(21) },
        { kind: "mail", to: "ada@acme.example", failing_since: at(22), error: "connection refused" },
      ],
      errors: [
        {
          at: at(20),
          route: "/api/v1/rooms/{room}/messages",
          method: "POST",
          status: 500,
          request: "ABCDEFGH12345678",
        },
      ],
    } satisfies Partial<Ops>);
    await open();
    const alarm = () => words($("section.alarm"));
    expect(alarm()).toContain("Server errors: 3 answers with 5xx in the last minute");
    expect(alarm()).toContain("Told: #it-help.");
    expect(words($("section.healthy"))).toContain("Not healthy");
    expect(words(block("Alarms")!)).toContain("connection refused");
    expect(all("[role=status]").map(words)).toContain("Alarm: Server errors");
    house.instead.set("PUT /ops/silences/server-errors", (b) => {
      report = {
        ...report,
        alarms: [{ ...report.alarms![0]!, silenced_until: (b as { until?: string }).until ?? at(0) }],
      };
      return { status: 204 };
    });
    named("Silence 1 h").click();
    await house.wait();
    expect(house.commands("PUT /ops/silences/server-errors")).toEqual([{ until: at(90) }]);
    expect(alarm()).toContain("Silenced until");
    named("End the silence").click();
    await house.wait();
    expect(house.commands("PUT /ops/silences/server-errors").at(-1)).toEqual({});
    named("Show errors").click();
    expect(document.activeElement?.id).toBe("errors");
    expect(words(block("Last errors")!)).toContain("POST /rooms/{room}/messages 500 ABCDEFGH12345678");
  });

  test("a test that is sent, and who did not get it", async () => {
    Object.assign(report, { alarms: [], deliveries: [{ kind: "webhook", at: at(1) }] } satisfies Partial<Ops>);
    house.instead.set("POST /ops/test", () => ({
      body: { deliveries: [{ kind: "webhook", failing_since: at(30), error: "404" }] },
    }));
    await open();
    named("Send a test").click();
    await house.wait();
    expect(document.body.textContent).toContain("These could not be reached: Webhook.");
  });

  test("the bar of days, with what was lost on each", async () => {
    const availability: Ops["availability"] = {
      up: true,
      since: at(1),
      last: at(2),
      step: "ok",
      latency: 0.004,
      days: [
        { day: "2026-11-23", ok: 8640, failed: 0, down: 0 },
        { day: "2026-11-24", ok: 8000, failed: 640, down: 0 },
      ],
    };
    report = { ...report, availability };
    await open();
    expect(words($("section.healthy .share"))).toMatch(/^96.29 % available, last 2 days, .* \(the last one in 4 ms\)/);
    expect(all(".days li").map((d) => [d.classList.contains("good"), d.classList.contains("bad")])).toEqual([
      [true, false],
      [false, true],
    ]);
    expect(words(all(".days li")[1]!)).toContain("92.59 %, 2 hours not reachable");
  });

  test("jobs, routes, versions and adoption, each when it is known", async () => {
    await open();
    expect(["Jobs", "Adoption"].map((t) => block(t))).toEqual([undefined, undefined]);
    Object.assign(report, {
      jobs: [{ name: "mail", waiting: 2, failed: 1, can_retry: true, can_discard: true }],
      slowest: [{ method: "GET", route: "/api/v1/rooms", count: 120, p50: 0.004, p99: 0.014 }],
      adoption: { weeks: [], reactions: 7, active_people: 2, messages: 5123, feedback: 12, answered: 9 },
    } satisfies Partial<Ops>);
    await house.wait(10_000);
    expect([...block("Jobs")!.querySelectorAll("td")].map(words)).toEqual([
      "E-mail Try again Give up",
      "2",
      "1",
      "–",
      "–",
    ]);
    for (const name of ["Try E-mail again", "Give up E-mail"]) named(name).click();
    await house.wait();
    expect(asked("POST /ops/jobs"), "the first press asks").toEqual(["POST /ops/jobs/mail/retry"]);
    named("Really give up E-mail?").click();
    await house.wait();
    expect(asked("POST /ops/jobs").at(-1)).toBe("POST /ops/jobs/mail/discard");
    const route = [...block("Slowest routes")!.querySelectorAll("td")].map(words);
    expect(route).toEqual(["GET /rooms", "120", "4 ms", "14 ms"]);
    expect(words(block("Last errors")!)).toContain("None since the server started");
    expect(words(block("Adoption")!)).toMatch(
      /Active people ?2 of 3 ?Messages ?5,123 ?Reactions ?7 ?Feedback answered, 30 days ?9 of 12/,
    );
    expect(words(block("This server")!)).toContain("v0.9.0");
  });

  test("of a server that has just started, that there is no data yet, and no zeros", async () => {
    values = () => [null, null, null];
    await open();
    expect(figure("Requests")).toBe("no data");
    expect(figure("Server errors")).toBe("no data");
  });

  test("of a server that does not answer, the last picture with its time, until it answers again", async () => {
    await open();
    house.instead.set("GET /ops", () => Promise.reject(new Error("network")));
    await house.wait(10_000);
    expect(words($("p.trouble"))).toMatch(
      /^The server cannot be reached\. Check the connection\. This is how it was at /,
    );
    expect(figure("Requests")).toBe("3 a second");
    expect($("div.cards").classList.contains("old")).toBe(true);
    house.instead.set("GET /ops", () => ({ body: report }));
    await house.wait(10_000);
    expect(all("p.trouble")).toEqual([]);
  });

  test("on AWS the ways to CloudWatch, and no empty charts", async () => {
    report = {
      at: at(30),
      home: "aws",
      version: { server: "v0.9.0", go: "go1.26.0" },
      slowest: [],
      errors: [],
      jobs: [],
      alarms: [],
      deliveries: [],
      links: [{ name: "dashboard", url: "https://console.aws.amazon.com/cloudwatch" }],
    };
    await open();
    expect(named("Dashboard").getAttribute("href")).toBe("https://console.aws.amazon.com/cloudwatch");
    expect([all("section.card"), asked("GET /ops/series")]).toEqual([[], []]);
    expect([block("Last errors"), block("Slowest routes")], "CloudWatch has them").toEqual([undefined, undefined]);
  });
});

test("the page ends its charts and its looking when one leaves it", async () => {
  await open();
  named("Back to the rooms").click();
  await house.wait();
  const n = house.asked.length;
  await house.wait(30_000);
  expect([plots.length, plots.every((p) => p.ended)]).toEqual([CHARTS.length, true]);
  expect(house.asked.slice(n).filter(([w]) => w.startsWith("GET /ops"))).toEqual([]);
});

test("for a member there is no such page, and nothing is fetched", async () => {
  house.who = me({ role: "member" });
  await open();
  expect(location.pathname).not.toBe("/ops");
  expect(document.body.textContent).toContain("There is no such page.");
  expect(asked("GET /ops")).toEqual([]);
});

test("somebody who was an admin when the page was opened, and is none now, sees why it stops", async () => {
  await open();
  house.instead.set("GET /ops", () => ({ status: 403, body: problem(403, "Only owners and admins can do this.") }));
  await house.wait(10_000);
  expect(words($("p.trouble"))).toContain("Only owners and admins can do this.");
  const n = asked("GET /ops").length;
  await house.wait(30_000);
  expect(asked("GET /ops").length).toBe(n);
});
