import { expect, test } from "@playwright/test";
import { Person } from "../house/person.ts";
import { Server } from "../house/server.ts";
import { appendOne, loadAll, many, SEEN, sum, switchOne } from "./moves.ts";
import { Gauge, report, table, type Costs } from "./gauge.ts";
import { fill, text, type House } from "./house.ts";

test("speed", async () => {
  const server = await Server.start("--rate-limits=off");
  const mira = await Person.arrive("Mira Novak", server);
  try {
    const house = await fill(server),
      { page } = mira;
    const [name, value] = house.mira.cookie.split("=") as [string, string];
    await page.context().addCookies([{ name, value, url: server.url }]);
    const gauge = await Gauge.on(page),
      at = (room: string) => `${server.url}/r/${room}`;
    const [releases] = house.rooms;

    await page.goto(at(releases));
    await loadAll(page);
    await page.getByRole("link", { name: "design-review" }).click();
    await loadAll(page);
    await page.getByRole("link", { name: "releases" }).click();
    await page.waitForTimeout(1500);
    await appends(gauge, house, releases);
    await switches(gauge, "300 rows", ["design-review", "releases"]);
    await switches(gauge, "50 and 300 rows", ["small", "releases"]);
    await floors(gauge);
    await burst(gauge, house, releases);
    await memory(gauge, house, releases);
    await loads(gauge, at(releases));
    expect(mira.complaints).toEqual([]);
    table();
  } finally {
    await mira.leave();
    await server.stop();
  }
});

/** The end is followed however fast messages come: the last one was marked as unread, and none is read. Returns what reads them. */
async function unread(house: House, room: string): Promise<() => Promise<unknown>> {
  const last = async () => (await house.mira.call<{ last_seq: number }>("GET", `/rooms/${room}`)).last_seq,
    read = (seq: number) => house.mira.call("PUT", `/rooms/${room}/read`, { seq });
  await read((await last()) - 1);
  return async () => read(await last());
}

async function appends(gauge: Gauge, house: House, room: string): Promise<void> {
  const one = (i: number) => appendOne(gauge, house, room, i);
  const see = () => gauge.page.waitForTimeout(SEEN);
  for (let i = 0; i < many(40); i++) await one(i).then(see);
  await gauge.page.evaluate(() => {
    window.gauge.appends.length = window.gauge.long.length = 0;
  });
  const costs: Costs[] = [];
  const whole = await gauge.costs(async () => {
    for (let i = 0; i < many(240); i++) {
      costs.push(await gauge.costs(() => one(i)));
      await see();
    }
  });
  const { own, long } = await gauge.page.evaluate(() => ({ own: window.gauge.appends, long: window.gauge.long }));
  const rows = await gauge.page.getByRole("log").getByRole("article").count();
  report("append, in the page: frame of the socket to row laid out", "ms", own);
  report("append, Chromium: script + style + layout", "ms CPU", costs.map(sum));
  for (const k of ["script", "style", "layout"] as const)
    report(
      `— ${k}`,
      "ms CPU",
      costs.map((c) => c[k]),
    );
  report("append, Chromium: all tasks of the thread, painting included", "ms CPU", [whole.task / costs.length]);
  report("long tasks while appending", "count", [long.length]);
  report("rows at the end of it", "count", [rows]);
}

async function switches(gauge: Gauge, what: string, rooms: [string, string]): Promise<void> {
  const run = (times: number) =>
    gauge.page.evaluate(
      async ([names, times]) => {
        const first: number[] = [],
          all: number[] = [];
        const log = () => [...document.querySelectorAll("[role=log]")].find((e) => e.checkVisibility())!,
          frames = (n: number) =>
            new Promise<void>((r) =>
              (function f() {
                if (n-- > 0) requestAnimationFrame(f);
                else setTimeout(r);
              })(),
            );
        const link = (name: string) =>
          [...document.querySelectorAll<HTMLElement>("nav a")].find(
            (a) => a.querySelector(".name")?.textContent?.trim() === name,
          )!;
        const counts: Record<string, number> = {};
        for (let i = 0; i < times; i++) {
          const name = names[i % 2]!,
            wait = counts[name];
          const t = performance.now();
          link(name).click();
          // Laid out is when the header names the room and the last row stands at the end of the box.
          for (let tries = 0; ; tries++) {
            await (tries < 20 ? Promise.resolve() : frames(1));
            const row = log()?.lastElementChild;
            if (
              document.querySelector("main h1")?.textContent?.trim() === name &&
              row?.matches("article") &&
              Math.abs(row.getBoundingClientRect().bottom - log().getBoundingClientRect().bottom) < 40
            )
              break;
            if (tries > 200) throw new Error(`${name} is not shown`);
          }
          first.push(performance.now() - t);
          while (wait && log().querySelectorAll("article").length < wait) await frames(1);
          all.push(performance.now() - t);
          for (let still = 0, n = -1; still < 6; still++, await frames(1)) {
            const now = log().querySelectorAll("article").length;
            if (now !== n) still = 0;
            n = now;
          }
          counts[name] = log().querySelectorAll("article").length;
        }
        return { first, all, counts: Object.values(counts) };
      },
      [rooms, times] as const,
    );
  await run(many(10));
  await gauge.page.evaluate(() => (window.gauge.long.length = 0));
  const r = await run(many(120));
  report(`switch, ${what} (${r.counts.join(" and ")}): click to laid out`, "ms", r.first);
  report(`switch, ${what}: click to all rows there`, "ms", r.all);
  report("long tasks of these switches", "count", [await gauge.page.evaluate(() => window.gauge.long.length)]);
  const costs: Costs[] = [];
  for (let i = 0; i < many(100); i++) {
    costs.push(await switchOne(gauge, rooms[i % 2]!));
  }
  report(`switch, ${what}, Chromium: script + style + layout`, "ms CPU", costs.map(sum));
  for (const k of ["script", "style", "layout"] as const)
    report(
      `— ${k}`,
      "ms CPU",
      costs.map((c) => c[k]),
    );
}

/** The same rows without a framework: what the browser itself needs. */
async function floors(gauge: Gauge): Promise<void> {
  const { page } = gauge,
    append: number[] = [],
    alone: number[] = [],
    replace: number[] = [];
  await page.evaluate(() => {
    const log = [...document.querySelectorAll<HTMLElement>("[role=log]")].find((e) => e.checkVisibility())!,
      box = log.cloneNode(true) as HTMLElement;
    log.style.display = "none";
    log.before(box);
    while (box.children.length > 300) box.firstElementChild!.remove();
    const rows = [...box.children],
      last = rows.at(-1)!;
    const show = () => {
      box.scrollTop = box.scrollHeight;
      box.lastElementChild!.getBoundingClientRect();
    };
    Object.assign(window, {
      append() {
        for (let i = 0; i < 10; i++) {
          box.append(last.cloneNode(true));
          show();
        }
      },
      one() {
        box.append(last.cloneNode(true));
        show();
        box.firstElementChild!.remove();
      },
      tidy() {
        for (let i = 0; i < 10; i++) box.lastElementChild!.remove();
        show();
      },
      replace() {
        box.replaceChildren(...rows.map((e) => e.cloneNode(true)));
        show();
      },
      end() {
        box.remove();
        log.style.display = "";
      },
    });
  });
  for (let i = 0; i < many(40); i++) {
    append.push(sum(await gauge.costs(() => page.evaluate("append()"))) / 10);
    await page.evaluate("tidy()");
  }
  for (let i = 0; i < many(100); i++) {
    await page.waitForTimeout(30);
    alone.push(sum(await gauge.costs(() => page.evaluate("one()"))));
  }
  for (let i = 0; i < many(40); i++) replace.push(sum(await gauge.costs(() => page.evaluate("replace()"))));
  await page.evaluate("end()");
  report("floor: clone of a row appended to 300 and laid out, no framework, tens in a row", "ms CPU", append);
  report("floor: the same, one at a time after a pause, as messages come", "ms CPU", alone);
  report("floor: clones of 300 rows put in place and laid out, no framework", "ms CPU", replace);
}

/** A thousand events that come at once. */
async function burst(gauge: Gauge, house: House, room: string): Promise<void> {
  const { page } = gauge,
    read = await unread(house, room);
  await page.waitForTimeout(500);
  await page.evaluate(() => {
    window.gauge.hold = true;
  });
  let last = 0;
  for (let i = 0; i < many(1000); i += 10) {
    last = Math.max(
      ...(await Promise.all(house.others.slice(0, 10).map(async (v, j) => (await v.post(room, text(i + j))).seq))),
    );
  }
  await page.waitForTimeout(500);
  const done = await page.evaluate(async (last) => {
    window.gauge.long.length = 0;
    const t = performance.now(),
      gaps: number[] = [];
    let before = t;
    window.gauge.release();
    while (![...document.querySelectorAll(`[role=log] article[data-seq="${last}"]`)].some((e) => e.checkVisibility())) {
      await new Promise((r) => setTimeout(r));
      const now = performance.now();
      gaps.push(now - before);
      before = now;
      if (now - t > 60_000) throw new Error("the burst never ended");
    }
    await new Promise((r) => requestAnimationFrame(() => setTimeout(r)));
    gaps.push(performance.now() - before);
    return { whole: performance.now() - t, longest: Math.max(...gaps), long: window.gauge.long.length };
  }, last);
  await read();
  report("burst of 1,000 messages: all of it", "ms", [done.whole]);
  report("burst of 1,000 messages: the longest the page was busy", "ms", [done.longest]);
  report("burst of 1,000 messages: long tasks (over 50 ms)", "count", [done.long]);
  await page.waitForTimeout(1500);
}

async function memory(gauge: Gauge, house: House, room: string): Promise<void> {
  const { page } = gauge;
  const note = async (when: string) => {
    const m = await gauge.memory(),
      rows = await page.getByRole("log").getByRole("article").count();
    report(`memory ${when}: nodes`, "count", [m.nodes]);
    report(`memory ${when}: listeners`, "count", [m.listeners]);
    report(`memory ${when}: JS heap`, "MB", [m.heap]);
    report(`memory ${when}: rows`, "count", [rows]);
  };
  await page.reload();
  await loadAll(page);
  await page.getByRole("link", { name: "design-review" }).click();
  await loadAll(page);
  const turn = async (times: number) => {
    for (let i = 0; i < times; i++) {
      await page.getByRole("link", { name: i % 2 ? "design-review" : "releases" }).click();
      await page.waitForTimeout(120);
    }
  };
  await turn(11);
  await page.waitForTimeout(1000);
  await note("before");
  await turn(many(50));
  await page.waitForTimeout(1000);
  await note("after 50 switches");
  await page.getByRole("link", { name: "releases" }).click();
  await page.waitForTimeout(1000);
  await unread(house, room);
  await page.waitForTimeout(500);
  for (let i = 0; i < many(2000); i += 10)
    await Promise.all(house.others.slice(0, 10).map((v, j) => v.post(room, text(i + j))));
  await page.waitForTimeout(3000);
  await note("after 2,000 appended messages");
}

async function loads(gauge: Gauge, url: string): Promise<void> {
  const { page, cdp } = gauge,
    times = { cold: [] as number[], warm: [] as number[] };
  const bytes = { cold: [] as number[], warm: [] as number[] },
    requests = { cold: [] as number[], warm: [] as number[] };
  let script = 0;
  for (let i = 0; i < many(20); i++) {
    for (const how of ["cold", "warm"] as const) {
      await page.goto("about:blank");
      if (how === "cold") await cdp.send("Network.clearBrowserCache");
      await page.goto(url, { waitUntil: "commit" });
      const r = await page.evaluate(async () => {
        while (!document.querySelector("[role=log] article[data-seq]")) await new Promise(requestAnimationFrame);
        await new Promise((r) => requestAnimationFrame(() => setTimeout(r)));
        const now = performance.now(),
          all = [
            ...performance.getEntriesByType("navigation"),
            ...performance.getEntriesByType("resource"),
          ] as PerformanceResourceTiming[];
        return {
          now,
          bytes: all.reduce((n, e) => n + e.transferSize, 0),
          requests: all.length,
          script: all.filter((e) => e.name.endsWith(".js")).reduce((n, e) => n + e.encodedBodySize, 0),
        };
      });
      times[how].push(r.now);
      bytes[how].push(r.bytes / 1000);
      requests[how].push(r.requests);
      script ||= r.script / 1000;
    }
  }
  for (const how of ["cold", "warm"] as const) {
    report(`load, ${how === "cold" ? "empty" : "warm"} cache: navigation to first messages painted`, "ms", times[how]);
    report(`load, ${how === "cold" ? "empty" : "warm"} cache: transferred`, "kB", bytes[how]);
    report(`load, ${how === "cold" ? "empty" : "warm"} cache: requests`, "count", requests[how]);
  }
  report("script until then, gzip", "kB", [script]);
}
