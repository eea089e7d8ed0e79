// What a tab reports of how the client does: a few numbers, and where a script failed. It says nothing of people, rooms or texts.
import type { Vital } from "../wire/types";

/** Most in one report. */
export const MOST = 20;
/** Most script errors that a tab reports. */
const MOST_ERRORS = 5;
/** What took longer was interrupted: the device slept, or the tab was out of sight. */
const LONGEST = 60;
/** One tab in so many measures; each reports script errors. */
export const ONE_IN = 10;

type Timed = "first_render" | "room_switch" | "echo";

/** Where in the client's own scripts an error was, as FILE:LINE:COLUMN; undefined for those of an extension of the browser. */
export function placeIn(origin: string, where: string): string | undefined {
  const at = where.indexOf(`${origin}/assets/`);
  return at < 0
    ? undefined
    : /^assets\/[\w.-]{1,90}\.js:\d{1,7}:\d{1,7}/.exec(where.slice(at + origin.length + 1))?.[0];
}

/** What waits to be reported. */
export class Report {
  private waiting: Vital[] = [];
  private failed = new Set<string>();

  /** `full` is called when there are as many as a report may have. `measures`: whether this tab is one of those that measure. */
  constructor(
    private measures: boolean,
    private full: () => void,
  ) {}

  took(name: Timed, ms: number): void {
    const seconds = Math.round(ms) / 1000;
    if (this.measures && seconds > 0 && seconds <= LONGEST) this.add({ name, seconds });
  }

  reconnected(): void {
    if (this.measures) this.add({ name: "reconnect" });
  }

  /** A script failed. Each place is reported once. */
  error(at: string): void {
    if (this.failed.size >= MOST_ERRORS || this.failed.has(at)) return;
    this.failed.add(at);
    this.add({ name: "script_error", at });
  }

  private add(v: Vital): void {
    if (this.waiting.push(v) === MOST) this.full();
  }

  /** Takes out what waits. */
  take(): Vital[] {
    return this.waiting.splice(0);
  }
}
