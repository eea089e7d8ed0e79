// What reaches one beyond the page, and who is not to be disturbed. It is loaded after the first messages (pages/Alerts.svelte).
import { scheduled, Zones } from "../core/quiet";
import type { App } from "./app";

type Parts = Pick<App, "chat" | "clock">;

export class Alerts {
  private zones = new Zones();
  private end: () => void;

  constructor(private app: Parts) {
    this.end = $effect.root(() => {
      $effect(() => this.keepQuiet());
    });
  }

  /** Keeps those in chat.quiet for whom do not disturb is on. Schedules begin and end with a minute. */
  private keepQuiet(): void {
    const { chat, clock } = this.app,
      now = clock.minute;
    for (const u of chat.users.values()) {
      const until = u.quiet?.until;
      const quiet = !u.deactivated && ((!!until && !clock.passed(until)) || scheduled(u, now, this.zones));
      if (quiet) chat.quiet.set(u.id, true);
      else chat.quiet.delete(u.id);
    }
  }

  stop(): void {
    this.end();
  }
}
