// What is measured with. In the page: the time from the socket's frame to the new row laid out, waiting for a frame left
// out. Beside it, independent of it: what Chromium itself counts of script, style and layout, in CPU time of the thread.
import type { CDPSession, Page } from "@playwright/test";

export interface InPage {
  /** ms of each append. */
  appends: number[];
  /** ms of each long task. */
  long: number[];
  /** Keeps the socket's frames back until it is set to false. */
  hold: boolean;
  release(): void;
  /** What the next switch clicks on, and the timelines of the page. */
  link?: HTMLElement | undefined;
  logs?: Element[];
}
declare global {
  interface Window {
    gauge: InPage;
    laidOut: (seq: number) => void;
  }
}

/** Runs in the page before its own scripts. */
export function instrument(): void {
  const held: (() => void)[] = [];
  let opened = 0,
    spent = 0,
    last = "",
    log: Element | undefined;
  const g: InPage = (window.gauge = {
    appends: [],
    long: [],
    hold: false,
    release() {
      g.hold = false;
      const channel = new MessageChannel(); // each in a task of its own, as the network's are
      channel.port1.onmessage = () => {
        held.shift()!();
        if (held.length) channel.port2.postMessage(0);
      };
      channel.port2.postMessage(0);
    },
  });
  function timed(f: () => void): void {
    opened = performance.now();
    f();
    spent += performance.now() - opened;
  }
  const on = Object.getOwnPropertyDescriptor(WebSocket.prototype, "onmessage")!;
  Object.defineProperty(WebSocket.prototype, "onmessage", {
    ...on,
    set(this: WebSocket, f: ((e: MessageEvent) => void) | null) {
      on.set!.call(
        this,
        f &&
          ((e: MessageEvent) => {
            if (g.hold) held.push(() => f.call(this, e));
            else timed(() => f.call(this, e));
          }),
      );
    },
  });
  const frame = window.requestAnimationFrame.bind(window);
  window.requestAnimationFrame = (f) => frame((now) => timed(() => f(now)));
  // Observers run after the flush of the framework, which is a microtask or part of the task.
  new MutationObserver(() => {
    // The one that is in sight: rooms that are kept out of sight have a log too. To search the page costs as much as many rows.
    if (!(log?.isConnected && log.checkVisibility())) {
      const logs = g.logs?.every((e) => e.isConnected) ? g.logs : document.querySelectorAll("[role=log]");
      log = [...logs].find((e) => e.checkVisibility());
    }
    const row = log?.lastElementChild,
      n = row?.getAttribute("data-seq"),
      seq = n ? `${location.pathname} ${n}` : "";
    if (!row || seq === last) return;
    last = seq;
    row.getBoundingClientRect();
    const now = performance.now();
    g.appends.push(Math.max(spent, now - opened));
    frame(() =>
      setTimeout(() => {
        spent = 0;
        window.laidOut(Number(row.getAttribute("data-seq")));
      }),
    );
  }).observe(document, { childList: true, subtree: true });
  new PerformanceObserver((list) => g.long.push(...list.getEntries().map((e) => e.duration))).observe({
    type: "longtask",
  });
}

export interface Costs {
  script: number;
  style: number;
  layout: number;
  task: number;
}

export class Gauge {
  private seen = 0;
  private waiting: { wanted: number; done: () => void } | undefined;
  private constructor(
    readonly page: Page,
    readonly cdp: CDPSession,
  ) {}

  /** Without `rows` the page is left as it is, and `row` hears of nothing. */
  static async on(page: Page, rows = true): Promise<Gauge> {
    const cdp = await page.context().newCDPSession(page),
      g = new Gauge(page, cdp);
    await cdp.send("Performance.enable", { timeDomain: "threadTicks" });
    if (!rows) return g;
    await page.exposeBinding("laidOut", (_, seq: number) => {
      g.seen = seq;
      if (g.waiting && seq >= g.waiting.wanted) g.waiting.done();
    });
    await page.addInitScript(instrument);
    return g;
  }

  /** Until the row that `post` makes is laid out and its frame is done; it may be so before the answer comes. */
  async row(post: () => Promise<number>): Promise<void> {
    const wanted = await post();
    if (this.seen < wanted) await new Promise<void>((done) => (this.waiting = { wanted, done }));
  }

  async metrics(): Promise<Record<string, number>> {
    const { metrics } = await this.cdp.send("Performance.getMetrics");
    return Object.fromEntries(metrics.map((m) => [m.name, m.value]));
  }

  /** What Chromium counted during `f`, ms. */
  async costs(f: () => Promise<unknown>): Promise<Costs> {
    const a = await this.metrics();
    await f();
    const b = await this.metrics(),
      of = (name: string) => (b[name]! - a[name]!) * 1000;
    return {
      script: of("ScriptDuration"),
      style: of("RecalcStyleDuration"),
      layout: of("LayoutDuration"),
      task: of("TaskDuration"),
    };
  }

  async memory(): Promise<{ nodes: number; listeners: number; heap: number }> {
    await this.cdp.send("HeapProfiler.collectGarbage");
    const m = await this.metrics();
    return { nodes: m.Nodes!, listeners: m.JSEventListeners!, heap: m.JSHeapUsedSize! / 1e6 };
  }
}

export const quantile = (of: readonly number[], q: number): number =>
  [...of].sort((a, b) => a - b)[Math.min(of.length - 1, Math.floor(of.length * q))] ?? NaN;

const lines: string[] = [];
export const figure = (n: number): string => (n < 10 ? n.toFixed(2) : n < 100 ? n.toFixed(1) : n.toFixed(0));

/** A line of the table. */
export function report(what: string, unit: string, of: readonly number[]): void {
  lines.push(`| ${what} | ${unit} | ${figure(quantile(of, 0.5))} | ${figure(quantile(of, 0.95))} | ${of.length} |`);
}

export function table(): void {
  console.log(["| what | unit | median | p95 | samples |", "|---|---|---|---|---|", ...lines].join("\n"));
}
