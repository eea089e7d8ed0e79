// The health of the server, for the page that shows it: fetched again and again while somebody looks.
import { NAMES } from "../core/charts";
import { deliveryName, reachOf, type Range, type Reach } from "../core/ops";
import { ApiError } from "../net/api";
import * as Api from "../net/ops";
import type * as wire from "../wire/types";
import type { OpsAlarm, OpsJob, OpsSeries } from "../wire/types";
import type { Clock } from "./clock.svelte";
import type { Notices } from "./notices.svelte";

/** The time between two looks, ms. */
const PACE = 10_000;

/** The charts as they are on screen, and how far back they were asked for. */
export interface Picture {
  readonly reach: Reach;
  readonly of: OpsSeries;
  /** The server's time when they were fetched, s. */
  readonly at: number;
}

export class Ops {
  report = $state.raw<wire.Ops | undefined>();
  picture = $state.raw<Picture | undefined>();
  range = $state<Range>("1h");
  /** When the report on screen was fetched, ms of the device's clock. */
  at = $state(0);
  /** Why the last look brought nothing: what is on screen is older. Empty when it did. */
  trouble = $state("");
  /** The server says that it shows this to others only. */
  refused = $state(false);
  private timer: ReturnType<typeof setTimeout> | undefined;
  private watched = false;
  /** When the charts were fetched, of the page's time. */
  private fetched = -Infinity;

  constructor(
    private clock: Clock,
    private notices: Notices,
    private api: typeof Api = Api,
  ) {}

  /** Begins to look; returns what ends it. */
  readonly watch = (): (() => void) => {
    this.watched = true;
    const seen = () => void (document.hidden ? clearTimeout(this.timer) : this.look());
    document.addEventListener("visibilitychange", seen);
    void this.look();
    return () => {
      this.watched = false;
      clearTimeout(this.timer);
      document.removeEventListener("visibilitychange", seen);
    };
  };

  /** Shows the charts of another range. Until they are there, those of the present one stay. */
  choose(range: Range): Promise<void> {
    this.range = range;
    this.fetched = -Infinity;
    return this.look();
  }

  /** The server's time, if it says so: the clock of a device may be wrong. */
  private get present(): number {
    return this.report?.at ? Date.parse(this.report.at) : this.clock.now;
  }

  /** What is asked for. */
  private get span() {
    const { seconds, step } = reachOf(this.range),
      to = this.present;
    return { from: new Date(to - seconds * 1000).toISOString(), to: new Date(to).toISOString(), step };
  }

  /** Where the charts are downloaded as a table. */
  get table(): string {
    return this.api.pathOfTable(NAMES, this.span);
  }

  /** Looks now, and again after a while. */
  readonly look = async (): Promise<void> => {
    clearTimeout(this.timer);
    const range = this.range;
    try {
      const report = await this.api.ops();
      [this.report, this.at] = [report, this.clock.now];
      if (report.home === "server") await this.draw(range);
      this.trouble = "";
    } catch (e) {
      if (!(e instanceof ApiError)) throw e;
      if (e.status === 403) this.refused = true;
      this.trouble = e.message;
    }
    clearTimeout(this.timer);
    if (this.watched && !document.hidden && !this.refused) this.timer = setTimeout(this.look, PACE);
  };

  /** Nobody is told of an alarm for so many hours; with 0 they are again. */
  silence(a: OpsAlarm, hours: number): Promise<boolean> {
    const b = hours ? { until: new Date(this.present + hours * 3_600_000).toISOString() } : {};
    return this.notices.attempt(async () => {
      await this.api.silence(a.name, b);
      await this.look();
    });
  }

  /** Tries at once what a job did in vain, or gives it up. */
  again(j: OpsJob, how: "retry" | "discard"): Promise<boolean> {
    return this.notices.attempt(async () => {
      await this.api.again(j.name, how);
      await this.look();
    });
  }

  /** Sends a test by each way that alarms go, and says how that went. */
  test(): Promise<boolean> {
    return this.notices.attempt(async () => {
      const { deliveries } = await this.api.test(),
        bad = deliveries.filter((d) => d.failing_since);
      this.notices.say(
        bad.length ? `These could not be reached: ${bad.map(deliveryName).join(", ")}.` : "The test was sent.",
      );
      await this.look();
    });
  }

  /** Fetches the charts when they have new values. */
  private async draw(range: Range): Promise<void> {
    const reach = reachOf(range),
      at = this.present;
    if (performance.now() - this.fetched < reach.pace * 1000 - PACE / 2) return;
    const of = await this.api.series(NAMES, this.span);
    if (range !== this.range) return;
    this.picture = { reach, of, at: at / 1000 };
    this.fetched = performance.now();
  }
}
