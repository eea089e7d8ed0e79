// Measures how fast the page is, for the people who run the server. It is loaded after the first messages (pages/Alerts.svelte), reads
// the clock where something begins and ends, and reports now and then. Whoever asks sites not to track them reports nothing.
import { untrack } from "svelte";
import { ONE_IN, placeIn, Report } from "../core/vitals";
import { painted } from "../lib/painted";
import { report } from "../net/vitals";
import type { LiveEvent } from "../wire/live";
import type { App } from "./app";

type Parts = Pick<App, "chat" | "connection" | "listeners" | "outgoing" | "session" | "visits">;

/** How often what waits is reported, ms. */
const EVERY = 60_000;

const refuses = (n: Navigator & { globalPrivacyControl?: boolean }): boolean =>
  !!n.globalPrivacyControl || n.doNotTrack === "1";

export class Vitals {
  private report: Report;
  private over = new AbortController();
  private end: (() => void) | undefined;
  private timer: ReturnType<typeof setInterval> | undefined;
  private room: string | undefined;
  private painting: (() => void) | undefined;
  private offline = false;
  private sent: { client_id: string; at: number } | undefined;
  private hears = (e: LiveEvent): void => this.heard(e);

  /** `script` is the address of the script that has this: it is asked for when the first messages were painted. */
  constructor(
    private app: Parts,
    script: string,
    random = Math.random,
  ) {
    const measures = random() < 1 / ONE_IN;
    this.report = new Report(measures, () => this.flush());
    if (refuses(navigator) || !this.wanted) return;
    const { signal } = this.over;
    addEventListener("error", (e) => this.failed(`${e.filename}:${e.lineno}:${e.colno}`), { signal });
    addEventListener("unhandledrejection", (e) => this.failed((e.reason as Error | undefined)?.stack), { signal });
    addEventListener("pagehide", () => this.flush(), { signal });
    document.addEventListener("visibilitychange", () => document.hidden && this.flush(), { signal });
    this.timer = setInterval(() => this.flush(), EVERY);
    if (!measures) return;
    const asked = performance.getEntriesByName(script)[0]?.startTime;
    if (asked && !document.hidden && app.session.workspace?.signed_in) this.report.took("first_render", asked);
    this.room = app.visits.all[0]?.room;
    app.listeners.add(this.hears);
    this.end = $effect.root(() => {
      $effect(() => this.switched());
      $effect(() => this.sends());
      $effect(() => this.connected());
    });
  }

  private get wanted(): boolean {
    return !!this.app.session.me?.workspace.vitals;
  }

  /** A room was chosen: until what is drawn of it was painted. */
  private switched(): void {
    const { chat, visits } = this.app;
    const room = visits.all[0]?.room;
    if (room === this.room || (room && !chat.rooms.get(room)?.loaded)) return; // it runs again once it is loaded
    this.room = room;
    this.painting?.();
    this.painting = undefined;
    const { since } = visits;
    if (room && !document.hidden)
      this.painting = painted(() => this.report.took("room_switch", performance.now() - since));
  }

  /** A message was sent. One that waits for its files or for the connection is not measured. */
  private sends(): void {
    const { connection, outgoing } = this.app;
    const client_id = outgoing.sent?.client_id;
    untrack(() => {
      const row = outgoing.rows.find((o) => o.client_id === client_id);
      this.sent =
        client_id && row && !row.uploads && !connection.offlineSince ? { client_id, at: performance.now() } : undefined;
    });
  }

  private heard(e: LiveEvent): void {
    if (e.type !== "message" || !this.sent || e.message?.client_id !== this.sent.client_id) return;
    this.report.took("echo", performance.now() - this.sent.at);
    this.sent = undefined;
  }

  private connected(): void {
    const offline = !!this.app.connection.offlineSince;
    if (this.offline && !offline) this.report.reconnected();
    this.offline = offline;
    if (offline) this.sent = undefined;
  }

  private failed(where: string | undefined): void {
    const at = where && placeIn(location.origin, where);
    if (at) this.report.error(at);
  }

  private flush(): void {
    const waiting = this.report.take();
    if (waiting.length && this.wanted) report(waiting); // the operator may have turned it off meanwhile
  }

  stop(): void {
    this.flush();
    this.over.abort();
    clearInterval(this.timer);
    this.painting?.();
    this.app.listeners.delete(this.hears);
    this.end?.();
  }
}
