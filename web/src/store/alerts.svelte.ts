// What goes on beside the page: whether one is here, who is not to be disturbed, and the badge. It is loaded after the first messages
// (pages/Alerts.svelte).
import { places } from "../core/alert";
import { scheduled, Zones } from "../core/quiet";
import { Activity } from "../lib/activity";
import { setIcon } from "../lib/favicon";
import type { App } from "./app";

type Parts = Pick<App, "chat" | "clock" | "connection" | "following">;

/** How long something has to wait for one before the badge of a visible page counts it, ms: what one sees come is read at once. */
const SETTLED = 1500;

export class Alerts {
  private zones = new Zones();
  private counting: ReturnType<typeof setTimeout> | undefined;
  private tabs: BroadcastChannel;
  private activity: Activity;
  private end: () => void;

  constructor(private app: Parts) {
    const { chat, connection } = app;
    this.tabs = new BroadcastChannel(`canteen.alerts.${chat.me}`); // to the other tabs of this browser
    this.activity = new Activity(
      (state) => connection.present(state),
      () => this.tabs.postMessage("active"),
    );
    chat.badge = this.waiting();
    this.tabs.onmessage = () => this.activity.heard();
    this.end = $effect.root(() => {
      $effect(() => this.keepQuiet());
      $effect(() => this.count());
      $effect(() => setIcon(chat.badge));
    });
  }

  /** In how many places something waits for one: rooms, and threads that no room counts. */
  private waiting(): number {
    const { chat, following } = this.app;
    return places(chat.rooms.values()) + (following.now?.mentioned ?? 0);
  }

  /** The badge falls at once, and rises when something has waited for a moment. */
  private count(): void {
    const { chat } = this.app,
      n = this.waiting(),
      rises = n > chat.badge && document.visibilityState === "visible";
    if (!rises) {
      clearTimeout(this.counting);
      this.counting = undefined;
      chat.badge = n;
    } else
      this.counting ??= setTimeout(() => {
        this.counting = undefined;
        chat.badge = this.waiting();
      }, SETTLED);
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
    clearTimeout(this.counting);
    this.activity.stop();
    this.tabs.close();
    setIcon(0);
  }
}
