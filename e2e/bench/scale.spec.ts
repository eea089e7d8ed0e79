// The same client in a small company and in a large one, in which one person is in 3,000 rooms: what it costs that there is much.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test, type Page } from "@playwright/test";
import { Demo } from "../house/demo.ts";
import { Person } from "../house/person.ts";
import { framesOf, frameTable, type Frame, type Told } from "./frames.ts";
import { figure, Gauge, quantile } from "./gauge.ts";
import { Voice } from "./house.ts";

/** How many of something: BENCH_SCALE=0.1 looks quickly. */
const many = (n: number): number => Math.ceil(n * Number(process.env.BENCH_SCALE ?? 1));

// BENCH_FRAMES=1 measures single frames alone.

/** Directories of the two companies that are kept, so that the next run has not to make them: for work on this file. */
const kept = (of: string) => (process.env.BENCH_DATA ? join(process.env.BENCH_DATA, of) : undefined);

const companies = [
  { name: "30 people, 22 rooms", flags: [], data: kept("small") },
  {
    name: "2,000 people, 3,000 rooms",
    flags: ["--people", "2000", "--rooms", "3000"],
    data: kept("large"),
  },
];

/** What was measured, with the samples of each company. */
const figures = new Map<string, { unit: string; of: number[][] }>();

/** The frames that were measured. */
const told: Told[] = [];

test("scale", async () => {
  test.setTimeout(1_200_000);
  for (const [i, c] of companies.entries()) {
    const demo = await Demo.start(c.flags, c.data);
    const mira = await Person.arrive("Mira Novak", demo);
    try {
      const note: Note = (what, unit, samples) => {
        const f = figures.get(what) ?? { unit, of: [] };
        f.of[i] = samples;
        figures.set(what, f);
      };
      await measure(demo, mira, note, (what, frames) => told.push({ what, where: c.name, frames }));
      if (i)
        await floor(mira.page, (what, frames) =>
          told.push({ what, where: "floor: a page without the client", frames }),
        );
      expect(mira.complaints).toEqual([]);
    } finally {
      await mira.leave();
      await demo.stop();
    }
  }
  const lines = [...figures].map(([what, { unit, of }]) => [what, unit, ...of.flatMap(summary)]);
  const head = ["what", "unit", ...companies.flatMap((c) => [`${c.name}: median`, "longest"])];
  console.log([head, head.map(() => "---"), ...lines].map((cells) => `| ${cells.join(" | ")} |`).join("\n"));
  console.log(`\n${frameTable(told.sort((a, b) => (a.what < b.what ? -1 : a.what > b.what ? 1 : 0)))}`);
});

const summary = (of: number[]): string[] => [figure(quantile(of, 0.5)), of.length > 1 ? figure(quantile(of, 1)) : ""];

type Note = (what: string, unit: string, samples: number[]) => void;
type NoteFrames = (what: string, frames: readonly Frame[]) => void;

async function measure(demo: Demo, mira: Person, note: Note, noteFrames: NoteFrames): Promise<void> {
  const { page } = mira;
  page.setDefaultTimeout(60_000);
  await page.addInitScript(countFrames);
  const gauge = await Gauge.on(page, false);
  const me = await enter(demo, "mira");
  const [name, value] = me.cookie.split("=") as [string, string];
  await page.context().addCookies([{ name, value, url: demo.url }]);
  await page.goto(`${demo.url}/r/${await roomOf(me, "engineering")}`);
  await shown(page);
  if (process.env.BENCH_FRAMES) {
    await settled(page);
    await scrolls(page, "nav .rooms", noteFrames);
    return await types(gauge, note, noteFrames);
  }
  await loads(gauge, page.url(), note);
  await settled(page);
  await memory(gauge, note);
  await scrolls(page, "nav .rooms", noteFrames);
  await arrivals(gauge, demo, note);
  await types(gauge, note, noteFrames);
  await opens(gauge, note);
  await folds(gauge, note);
  await switches(gauge, note);
  await memory(gauge, note, " at the end");
}

declare global {
  interface Window {
    heard: number;
  }
}

/** Runs in the page before its own scripts: counts the frames of the socket. */
function countFrames(): void {
  window.heard = 0;
  const Plain = WebSocket;
  window.WebSocket = class extends Plain {
    constructor(...of: ConstructorParameters<typeof WebSocket>) {
      super(...of);
      this.addEventListener("message", () => window.heard++);
    }
  };
}

const shown = (page: Page) => page.getByRole("log").getByRole("article").first().waitFor();

/** Two frames after something: it is drawn, and what was to happen after it has happened. */
const drawn = (page: Page): Promise<void> =>
  page.evaluate(
    () => new Promise<void>((r) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(r)))),
  );

/** What is loaded after the first messages is there. */
const settled = (page: Page) => page.waitForTimeout(3000);

/** The main thread's CPU during `f` and until what it did is drawn, ms: script, style, layout and painting. */
async function cost(gauge: Gauge, f: () => Promise<unknown>): Promise<number> {
  const { task } = await gauge.costs(async () => {
    await f();
    await drawn(gauge.page);
  });
  return task;
}

async function loads(gauge: Gauge, url: string, note: Note): Promise<void> {
  const { page, cdp } = gauge;
  for (const how of ["empty", "warm"] as const) {
    const times: number[] = [],
      used: number[] = [],
      bytes: number[] = [];
    for (let i = 0; i < many(6); i++) {
      await page.goto("about:blank");
      if (how === "empty") await cdp.send("Network.clearBrowserCache");
      const { task } = await gauge.costs(async () => {
        await page.goto(url, { waitUntil: "commit" });
        await shown(page);
      });
      used.push(task);
      const r = await page.evaluate(async () => {
        await new Promise((r) => requestAnimationFrame(() => setTimeout(r)));
        const all = [
          ...performance.getEntriesByType("navigation"),
          ...performance.getEntriesByType("resource"),
        ] as PerformanceResourceTiming[];
        return {
          now: performance.now(),
          bytes: all.reduce((n, e) => n + e.transferSize, 0),
        };
      });
      times.push(r.now);
      bytes.push(r.bytes / 1000);
      await page.waitForTimeout(1500);
    }
    note(`load, ${how} cache: navigation to first messages painted`, "ms", times);
    note(`load, ${how} cache: the page's CPU until then`, "ms CPU", used);
    note(`load, ${how} cache: transferred`, "kB", bytes);
  }
}

/** What belongs to the page's process alone, MB. */
async function privateMemory(page: Page): Promise<number> {
  const browser = await page.context().browser()!.newBrowserCDPSession();
  const { processInfo } = await browser.send("SystemInfo.getProcessInfo");
  await browser.detach();
  const sizes = processInfo
    .filter((p) => p.type === "renderer")
    .map(async ({ id }) => {
      const map = await readFile(`/proc/${id}/smaps_rollup`, "utf8");
      return [...map.matchAll(/^Private_\w+: +(\d+) kB/gm)].reduce((n, m) => n + Number(m[1]), 0) / 1000;
    });
  return Math.max(...(await Promise.all(sizes)));
}

async function memory(gauge: Gauge, note: Note, when = ""): Promise<void> {
  const m = await gauge.memory();
  note(`memory${when}: JS heap`, "MB", [m.heap]);
  note(`memory${when}: the tab's process`, "MB", [await privateMemory(gauge.page)]);
  note(`memory${when}: nodes`, "count", [m.nodes]);
}

/** Down the list of rooms: as a wheel turns it, and by a screen at a time, as a click beside the scroll bar does. */
async function scrolls(page: Page, selector: string, note: NoteFrames): Promise<void> {
  const down = (by: "wheel" | "screen", times: number) =>
    framesOf(page, () =>
      page.locator(selector).evaluate(
        (e, { by, times }) =>
          new Promise<void>((done) => {
            e.scrollTo(0, 0);
            let i = 0;
            const step = () => {
              if (i++ === times) return done();
              performance.mark("bench-step");
              e.scrollBy(0, by === "wheel" ? 100 : e.clientHeight);
              setTimeout(step, 80);
            };
            setTimeout(step, 500);
          }),
        { by, times },
      ),
    );
  note("list of rooms scrolled by 100 px", await down("wheel", many(200)));
  note("list of rooms scrolled by a screen", await down("screen", many(150)));
}

/** A message comes into a room of the end of the list. */
async function arrivals(gauge: Gauge, demo: Demo, note: Note): Promise<void> {
  const { page } = gauge,
    jonas = await enter(demo, "jonas");
  const room = await roomOf(jonas, "support");
  const samples: number[] = [];
  for (let i = 0; i < many(30); i++) {
    const before = await page.evaluate(() => window.heard);
    samples.push(
      await cost(gauge, async () => {
        await jonas.post(room, `Good morning (${i})`);
        await page.waitForFunction((n) => window.heard > n, before, {
          polling: 20,
        });
      }),
    );
  }
  note("message in a room that is not on screen", "ms CPU", samples);
}

async function enter(demo: Demo, handle: string): Promise<Voice> {
  const url = demo.url.replace("localhost", "127.0.0.1");
  const r = await fetch(`${url}/api/v1/session`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({
      email: `${handle}@acme.example`,
      password: demo.password,
    }),
  });
  if (!r.ok) throw new Error(`sign in: ${r.status} ${await r.text()}`);
  return new Voice(url, r.headers.get("Set-Cookie")!.split(";")[0]!);
}

async function roomOf(who: Voice, name: string): Promise<string> {
  const { rooms } = await who.call<{ rooms: { id: string; name?: string }[] }>("GET", "/rooms");
  return rooms.find((r) => r.name === name)!.id;
}

/** Long enough for what a key does, and for the frames of it to be told from those of the next. */
const pressed = async (page: Page, key: string): Promise<void> => {
  await page.keyboard.press(key === " " ? "Space" : key);
  await page.waitForTimeout(80);
};

const open = async (page: Page): Promise<void> => {
  await pressed(page, "Control+k");
  await page.waitForTimeout(300);
};

async function opened(page: Page): Promise<void> {
  for (let i = 0; i < many(12); i++) {
    await open(page);
    await pressed(page, "Escape");
    await page.waitForTimeout(300);
  }
}

/** Letter by letter in the box of ⌘K, and after @ in the composer. */
async function types(gauge: Gauge, note: Note, noteFrames: NoteFrames): Promise<void> {
  const { page } = gauge;
  const letters = async (words: string[]) => {
    for (const word of words) {
      for (const letter of word) await pressed(page, letter);
      for (const _ of word) await pressed(page, "Backspace");
    }
  };
  noteFrames("switcher opened", await framesOf(page, () => opened(page)));
  noteFrames("switcher closed", await framesOf(page, () => opened(page), ["Control", "k"]));
  await open(page);
  noteFrames(
    "letter typed in the switcher",
    await framesOf(page, () => letters(["general", "jonas web", "platform re", "e"])),
  );
  await pressed(page, "Escape");
  await page.locator("form.composer textarea").click();
  await page.keyboard.type("Hello ");
  const samples: number[] = [];
  for (const word of ["@", "@jonas", "@ze", "@olga.ro"]) {
    for (const letter of word) samples.push(await cost(gauge, () => page.keyboard.type(letter)));
    for (const _ of word) samples.push(await cost(gauge, () => page.keyboard.press("Backspace")));
  }
  note("letter typed after @", "ms CPU", samples.slice(2));
  for (let i = 0; i < 6; i++) await page.keyboard.press("Backspace");
}

async function opens(gauge: Gauge, note: Note): Promise<void> {
  const { page } = gauge;
  const times = async (what: string, open: () => Promise<void>, ready: string) => {
    const samples: number[] = [];
    for (let i = 0; i < many(6); i++) {
      samples.push(
        await cost(gauge, async () => {
          await open();
          await page.locator(ready).first().waitFor();
        }),
      );
      await page.keyboard.press("Escape");
      await drawn(page);
    }
    note(what, "ms CPU", samples);
  };
  const click = (name: string) => () => page.getByRole("button", { name, exact: true }).first().click();
  await times("rooms to join opened", click("Add a room"), "dialog[open] li, [role=dialog] li");
  await times("people to write to opened", click("New message"), "[role=option]");
}

async function folds(gauge: Gauge, note: Note): Promise<void> {
  const title = gauge.page.locator('nav section[data-section="Rooms"] button.title'),
    samples: number[] = [];
  for (let i = 0; i < many(12); i++) samples.push(await cost(gauge, () => title.click()));
  note("section folded or unfolded", "ms CPU", samples);
}

/** To the next room and back. */
async function switches(gauge: Gauge, note: Note): Promise<void> {
  const { page } = gauge,
    samples: number[] = [];
  await page.locator("form.composer textarea").click();
  for (let i = 0; i < many(24); i++) {
    samples.push(await cost(gauge, () => page.keyboard.press(i % 2 ? "Alt+ArrowUp" : "Alt+ArrowDown")));
    await page.waitForTimeout(i < 4 ? 800 : 150);
  }
  note("switch to the next room", "ms CPU", samples.slice(4));
}

/**
 * The floor: a bare page of as many elements in another tab of this browser, with a list of 3,000 plain rows that is scrolled alike. The
 * browser moves and draws it, and no script changes it.
 */
async function floor(of: Page, note: NoteFrames): Promise<void> {
  const nodes = await of.evaluate(() => document.querySelectorAll("*").length),
    page = await of.context().newPage();
  await page.setContent(bare(3000, nodes));
  await scrolls(page, "nav", note);
  await page.evaluate(() => {
    const dialog = document.querySelector("dialog")!;
    addEventListener("keydown", (e) => e.ctrlKey && e.key === "k" && dialog.showModal());
  });
  note("switcher opened", await framesOf(page, () => opened(page)));
  note("switcher closed", await framesOf(page, () => opened(page), ["Control", "k"]));
  await page.close();
}

/** A list of plain rows, and a dialog with nine more, beside a column with the other elements. */
const bare = (rows: number, nodes: number): string => `<!doctype html>
<style>
  body { margin: 0; display: flex; height: 100vh; font: 14.5px/1.5 sans-serif }
  nav { width: 260px; overflow-y: auto; contain: strict; height: 640px }
  nav a { display: block; height: 31px; contain: strict }
  main { flex: 1; overflow: auto }
</style>
<nav>${Array.from({ length: rows }, (_, i) => `<a>room number ${i}</a>`).join("")}</nav>
<dialog><input />${"<button>room</button>".repeat(9)}</dialog>
<main>${"<p>Smooth. Which migration took the longest?</p>".repeat(Math.max(0, nodes - rows))}</main>`;
