// What frames cost the thread of the page, and who takes it: from a trace of Chromium itself, in CPU time. A frame is all that the thread
// did since the frame before it: scripts, events, timers, the collector of garbage, style, layout and painting.
import type { CDPSession, Page } from "@playwright/test";
import { figure, quantile } from "./gauge.ts";

/** What a frame of the page's thread consists of. */
const PARTS = ["script", "garbage", "style", "layout", "paint", "rest"] as const;
type Part = (typeof PARTS)[number];

export interface Frame {
  /** CPU time of the page's thread, ms. */
  main: number;
  parts: Record<Part, number>;
  /** Making pixels of what was painted, on threads of the page's process, ms CPU. */
  raster: number;
  /** Putting the pixels together, in both processes, ms CPU. */
  compositing: number;
}

interface TraceEvent {
  name: string;
  ph: string;
  pid: number;
  tid: number;
  ts: number;
  dur?: number;
  tts?: number;
  tdur?: number;
  args?: Record<string, any>;
}

const CATEGORIES = [
  "toplevel",
  "devtools.timeline",
  "disabled-by-default-devtools.timeline",
  "blink.user_timing",
  "v8",
  "__metadata",
];

const partOf: [RegExp, Part][] = [
  [/GC|Heap.*(Sweep|Mark)|Scaveng/, "garbage"],
  [/^(UpdateLayoutTree|RecalculateStyles|ScheduleStyle|ParseAuthorStyleSheet|InvalidateLayout)/, "style"],
  [/^Layout$/, "layout"],
  [/^(PrePaint|Paint|Layerize|Commit|UpdateLayer|CompositeLayers)/, "paint"],
  [
    /^(FunctionCall|EvaluateScript|EventDispatch|FireAnimationFrame|TimerFire|RunMicrotasks|v8\.|V8\.|UserTiming)/,
    "script",
  ],
];

/** A beat of empty frames, so that each frame holds what happened in 16 ms. Keys are marked in the trace. */
function beat(): void {
  if (window.beat !== undefined) return;
  window.beat = 0;
  const next = () => {
    window.beat!++;
    requestAnimationFrame(next);
  };
  requestAnimationFrame(next);
  addEventListener("keydown", ({ key }) => performance.mark(`bench-${key}`), { capture: true });
}

declare global {
  interface Window {
    beat?: number;
  }
}

/** Control is half a key, and Escape closes what is to be opened anew. */
const NO_STEPS = ["Control", "Escape"];

/** The costliest frame of each step that is marked in the page while `f` runs. Every key is a step, except those in `but`. */
export async function framesOf(page: Page, f: () => Promise<unknown>, but = NO_STEPS): Promise<Frame[]> {
  await page.evaluate(beat);
  const cdp = await page.context().browser()!.newBrowserCDPSession();
  try {
    return stepsIn(await traced(cdp, f), (name) => !but.includes(name));
  } finally {
    await cdp.detach();
  }
}

async function traced(cdp: CDPSession, f: () => Promise<unknown>): Promise<TraceEvent[]> {
  const events: TraceEvent[] = [];
  cdp.on("Tracing.dataCollected", ({ value }) => events.push(...(value as unknown as TraceEvent[])));
  await cdp.send("Tracing.start", {
    transferMode: "ReportEvents",
    traceConfig: { includedCategories: CATEGORIES, excludedCategories: ["*"], recordMode: "recordAsMuchAsPossible" },
  });
  await f();
  const done = new Promise((r) => cdp.once("Tracing.tracingComplete", r));
  await cdp.send("Tracing.end");
  await done;
  return events;
}

const on = (a: { pid: number; tid: number }) => (b: TraceEvent) => a.pid === b.pid && a.tid === b.tid;

/** Pairs of beginning and end are made one event, as all others are. */
export function whole(of: TraceEvent[]): TraceEvent[] {
  const out: TraceEvent[] = [],
    open: TraceEvent[] = [];
  for (const e of of.sort((a, b) => a.ts - b.ts || (b.dur ?? 0) - (a.dur ?? 0)))
    if (e.ph === "X") out.push(e);
    else if (e.ph === "B") open.push(e);
    else if (e.ph === "E") {
      const b = open.pop();
      if (b) out.push({ ...b, ph: "X", dur: e.ts - b.ts, tdur: (e.tts ?? 0) - (b.tts ?? 0) });
    }
  return out.sort((a, b) => a.ts - b.ts || (b.dur ?? 0) - (a.dur ?? 0));
}

/** A step ends when the next one begins, or after so long, µs. */
const LONGEST = 300_000;

const end = (e: TraceEvent): number => e.ts + (e.dur ?? 0);

/** The frame that each moment belongs to is the first that ends after it. */
export function stepsIn(events: TraceEvent[], counts: (mark: string) => boolean): Frame[] {
  const marks = events.filter((e) => /^bench-/.test(e.name)).sort((a, b) => a.ts - b.ts),
    [first] = marks;
  if (!first) throw new Error("nothing was marked");
  const main = whole(events.filter(on(first)));
  const tasks = main
    .filter((e) => /RunTask$/.test(e.name))
    .reduce<TraceEvent[]>((out, e) => {
      if (e.ts >= end(out.at(-1) ?? { ...e, ts: 0, dur: 0 })) out.push(e); // a task within a task is part of it
      return out;
    }, []);
  const drawn = events.filter((e) => on(first)(e) && e.name === "Commit").map((e) => e.ts),
    begins = (t: TraceEvent) => drawn.some((ts) => ts >= t.ts && ts <= end(t));
  const ends = tasks
    .filter(begins)
    .map(end)
    .sort((a, b) => a - b);
  const frames = ends.map(() => blank());
  const at = (ts: number): Frame | undefined => {
    let lo = 0,
      hi = ends.length;
    while (lo < hi) {
      const mid = (lo + hi) >> 1;
      if (ends[mid]! < ts) lo = mid + 1;
      else hi = mid;
    }
    return frames[lo];
  };
  for (const t of tasks) {
    const frame = at(t.ts);
    if (frame) frame.main += (t.tdur ?? 0) / 1000;
  }
  share(main, tasks, at);
  const steps = marks
    .map((m, i) => ({ name: m.name, from: m.ts, to: Math.min(marks[i + 1]?.ts ?? Infinity, m.ts + LONGEST) }))
    .filter((s) => counts(s.name.replace(/^bench-/, "")));
  const of = steps.map(({ from, to }) =>
    frames.filter((_, n) => ends[n]! > from && ends[n]! <= to).reduce((a, b) => (b.main > a.main ? b : a), blank()),
  );
  others(events, first, (ts) => of[steps.findIndex(({ from, to }) => ts > from && ts <= to)]);
  return of;
}

const blank = (): Frame => ({
  main: 0,
  parts: Object.fromEntries(PARTS.map((p) => [p, 0])) as Record<Part, number>,
  raster: 0,
  compositing: 0,
});

/** The time of each event without that of those in it goes to the part that it belongs to, or that the event around it does. */
function share(main: TraceEvent[], tasks: readonly TraceEvent[], at: (ts: number) => Frame | undefined): void {
  const inTask = new Set(tasks),
    open: { e: TraceEvent; part: Part; frame: Frame | undefined }[] = [];
  for (const e of main) {
    while (open.length && end(open.at(-1)!.e) <= e.ts) open.pop();
    const around = open.at(-1),
      task = inTask.has(e);
    if (!around && !task) continue;
    const part = partOf.find(([name]) => name.test(e.name))?.[1] ?? around?.part ?? "rest",
      frame = around ? around.frame : at(e.ts),
      cpu = (e.tdur ?? 0) / 1000;
    if (frame) {
      frame.parts[part] += cpu;
      if (around) frame.parts[around.part] -= cpu;
    }
    open.push({ e, part, frame });
  }
}

/** What other threads do after a step. */
function others(events: TraceEvent[], page: TraceEvent, at: (ts: number) => Frame | undefined): void {
  const named = new Map<string, string>();
  for (const e of events) if (e.name === "thread_name") named.set(`${e.pid} ${e.tid}`, String(e.args?.["name"]));
  const threads = new Map<string, TraceEvent[]>();
  for (const e of events) {
    const id = `${e.pid} ${e.tid}`;
    threads
      .set(id, threads.get(id) ?? [])
      .get(id)!
      .push(e);
  }
  for (const [id, of] of threads) {
    const name = named.get(id) ?? "",
      mine = of[0]!.pid === page.pid;
    const tiles = mine && !/Main$|^Compositor$/.test(name),
      together = (mine && name === "Compositor") || /^VizCompositor/.test(name);
    if (!tiles && !together) continue;
    const counts = tiles ? /^(RasterTask|ImageDecodeTask|Decode Image)$/ : /RunTask$/;
    let last = 0;
    for (const e of whole(of)) {
      if (!counts.test(e.name) || e.ts < last) continue;
      last = end(e);
      const frame = at(e.ts);
      if (frame) frame[tiles ? "raster" : "compositing"] += (e.tdur ?? 0) / 1000;
    }
  }
}

const PLACES = ["p50", "p95", "max"] as const;

export interface Told {
  what: string;
  where: string;
  frames: readonly Frame[];
}

/** The table: of each kind of step the page's thread a frame, what the costliest frame consists of, and what other threads do after it. */
export function frameTable(all: readonly Told[]): string {
  const at = (of: readonly number[]) => [quantile(of, 0.5), quantile(of, 0.95), quantile(of, 1)].map(figure);
  const head = [
    "ms CPU a frame",
    "company",
    "steps",
    ...PLACES,
    ...PARTS.map((p) => `${p}, of the max`),
    ...["p50", "max"].map((p) => `raster, ${p}`),
    ...["p50", "max"].map((p) => `compositing, ${p}`),
  ];
  const lines = all.map(({ what, where, frames }) => {
    const worst = frames.reduce((a, b) => (b.main > a.main ? b : a), blank()),
      ends = (of: number[]) => [figure(quantile(of, 0.5)), figure(quantile(of, 1))];
    return [
      what,
      where,
      String(frames.length),
      ...at(frames.map((f) => f.main)),
      ...PARTS.map((p) => figure(worst.parts[p])),
      ...ends(frames.map((f) => f.raster)),
      ...ends(frames.map((f) => f.compositing)),
    ];
  });
  return [head, head.map(() => "---"), ...lines].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
