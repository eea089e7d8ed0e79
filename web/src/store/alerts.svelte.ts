// What goes on beside the page: whether one is here, who is not to be disturbed, the badge, and notifications. It is loaded after the
// first messages (pages/Alerts.svelte).
import { untrack } from "svelte";
import { places } from "../core/alert";
import { before, meanwhile, type Before } from "../core/meanwhile";
import { scheduled, Zones } from "../core/quiet";
import { Activity } from "../lib/activity";
import { setIcon } from "../lib/favicon";
import { hold } from "../lib/notification";
import { tabs, type Tabs } from "../lib/tabs";
import type { App } from "./app";
import { Notifier, type Told } from "./notifier.svelte";
import { Permission } from "./permission.svelte";

type Parts = Pick<App, "chat" | "clock" | "connection" | "following" | "router" | "session" | "shelf">;

/** How long something has to wait for one before the badge of a visible page counts it, ms: what one sees come is read at once. */
const SETTLED = 1500;

export class Alerts {
  readonly permission: Permission;
  readonly notifier: Notifier;
  /** What came while do not disturb was on, until one has seen it. */
  summary = $state("");
  private zones = new Zones();
  private counting: ReturnType<typeof setTimeout> | undefined;
  private tabs: Tabs<"active" | Told>;
  private activity: Activity;
  private end: () => void;
  private over = new AbortController();

  constructor(private app: Parts) {
    const { chat, connection } = app;
    this.permission = new Permission(app.shelf, chat.me);
    this.notifier = new Notifier(app, this.permission, (what) => this.tabs.tell(what));
    this.tabs = tabs(`canteen.alerts.${chat.me}`, (what) =>
      what === "active" ? this.activity.heard() : this.notifier.hears(what),
    );
    this.activity = new Activity(
      (state) => connection.present(state),
      () => this.tabs.tell("active"),
    );
    chat.badge = this.waiting();
    const { signal } = this.over;
    hold(`canteen.notifier.${chat.me}`, signal, () => (this.notifier.holds = true));
    addEventListener("pagehide", () => this.notifier.stop(), { signal }); // nobody would hear a click on them
    document.addEventListener("visibilitychange", () => this.sumUp(), { signal });
    this.end = $effect.root(() => {
      $effect(() => this.keepQuiet());
      $effect(() => this.sumUp());
      $effect(() => this.notifier.closeRead());
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

  /** Remembers what there was when do not disturb began. Afterwards the tab that one sees first says what came. */
  private sumUp(): void {
    const { chat, shelf } = this.app,
      key = `canteen.quiet.${chat.me}`,
      on = chat.quiet.has(chat.me),
      kept = shelf.getItem(key);
    const rooms = untrack(() => [...chat.rooms.values()]);
    if (on) {
      this.summary = "";
      if (!kept) shelf.setItem(key, JSON.stringify(before(rooms)));
    } else if (kept && document.visibilityState === "visible") {
      shelf.removeItem(key);
      this.summary = meanwhile(JSON.parse(kept) as Before, rooms);
    }
  }

  stop(): void {
    this.end();
    this.over.abort();
    this.notifier.stop();
    this.permission.stop();
    clearTimeout(this.counting);
    this.activity.stop();
    this.tabs.close();
    setIcon(0);
  }
}
