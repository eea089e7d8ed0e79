// The address of the page: its path, and the secret after # that some links carry. And the history: an entry for each page,
// and one for each layer over the page (a dialog, a picker, a sheet), so that Back closes the layer before it leaves the page.
import { isDoor, pathTo, pathToThread, spotOf } from "../core/paths";
import { newId } from "../lib/insecure";
import { Steps } from "../lib/steps";
import { read, write } from "../lib/tab";
import { Trail, type Place } from "../lib/trail";

/** What the history keeps with an entry. The entries of one page and its layers have the same key. */
interface Entry {
  readonly key: string;
  /** How many layers lie over the page. */
  readonly over: number;
  /** The path of the entry before it, if this tab came from there. */
  readonly from?: string;
}

/** Under which the tab keeps the page that somebody asked for who had to come in first. */
const WANTED = "canteen.wanted";

/** The path of the page. One that begins with two slashes would lead to another server when it is used again. */
const here = (): string => location.pathname.replace(/^\/+/, "/");

/** Whether a click asks for what only a link can give: another tab, another window, a download. */
export const asksForMore = (e: MouseEvent): boolean =>
  e.metaKey || e.ctrlKey || e.shiftKey || e.altKey || e.button !== 0;

export class Router {
  path = $state(here());
  /** Grows when one goes to where one is. */
  again = $state(0);
  hash = $state(location.hash.slice(1));
  private spot = $state.raw(spotOf(here()));
  private entry: Entry;
  private trail = new Trail();
  /** Where one read when the present entry was left; undefined in one that is shown for the first time. */
  place = $state.raw<Place | undefined>();
  /** Where one reads now, as the timeline on screen knows; undefined at its end. */
  where: () => Place | undefined = () => undefined;
  private layers: { close: () => void }[] = [];
  private steps = new Steps();

  /** `moved` hears of each room that is shown, and of none. */
  constructor(private moved: (room: string | undefined) => void = () => {}) {
    const was = history.state as Partial<Entry> | null;
    this.entry = { key: newId(), ...was, over: 0 };
    this.place = this.trail.of(this.entry.key);
    if (was?.over) this.steps.take(-was.over); // the layers are gone with the page that had them
    addEventListener("popstate", () => this.popped());
    addEventListener("pagehide", () => {
      this.keep();
      this.trail.save();
    });
  }

  /** The room that the path names, and the message, the thread, and the reply in the thread. */
  get room(): string | undefined {
    return this.spot.room;
  }
  get seq(): number | undefined {
    return this.spot.seq;
  }
  get thread(): number | undefined {
    return this.spot.thread;
  }
  get reply(): number | undefined {
    return this.spot.reply;
  }

  /** Whether the thread was opened from its room, which is then where one reads; else a link led to it. */
  get beside(): boolean {
    return this.path !== this.entry.from && spotOf(this.entry.from ?? "").room === this.room;
  }

  go(path: string, replace = false): void {
    this.uncover();
    if (path === this.path) return void this.again++;
    this.keep();
    const from = replace ? this.entry.from : this.path;
    const entry = (this.entry = { key: newId(), over: 0, ...(from === undefined ? {} : { from }) });
    this.place = undefined;
    this.steps.take(() => history[replace ? "replaceState" : "pushState"](entry, "", path));
    this.show(path, "");
  }

  toRoom(room: string, seq?: number): void {
    this.go(pathTo(room, seq));
  }

  /** Opens a thread beside its room; from another thread it takes that one's place. */
  toThread(room: string, root: number): void {
    this.go(pathToThread(room, root), !!this.thread);
  }

  /** Closes the thread: one is where one was before it was opened. */
  closeThread(): void {
    const { room, thread } = this.spot;
    if (!room || !thread) return;
    const { from } = this.entry;
    if (from === undefined || !this.beside) return this.go(pathTo(room), true);
    this.uncover();
    this.steps.take(-1);
  }

  /** Follows a link inside the page. A click that asks for a new tab is left to the browser. */
  follow(e: MouseEvent, path: string): void {
    if (asksForMore(e)) return;
    e.preventDefault();
    this.go(path);
  }

  /** Somebody has to come in before the page can be shown. It is remembered, also through a link that is opened meanwhile. */
  want(): void {
    if (!isDoor(this.path) && this.path !== "/") write(WANTED, this.path);
  }

  /** Somebody came in: the address is forgotten with its secret, and the page that was asked for is shown, or the beginning. */
  cameIn(): void {
    const path = isDoor(this.path) ? read(WANTED) || "/" : this.path;
    write(WANTED, "");
    history.replaceState(this.entry, "", path);
    this.show(path, "");
  }

  /** Something opens over the page. Back calls `close`. Returns what has to be called when it is closed in another way. */
  cover(close: () => void): () => void {
    const layer = { close };
    this.layers.push(layer);
    const entry = { ...this.entry, over: this.layers.length };
    this.steps.take(() => history.pushState(entry, ""));
    return () => {
      const i = this.layers.indexOf(layer);
      if (i < 0) return;
      this.layers.splice(i, 1);
      this.steps.take(-1);
    };
  }

  /** Closes all that lies over the page. */
  private uncover(): void {
    const gone = this.layers.splice(0);
    if (gone.length) this.steps.take(-gone.length);
    for (const { close } of gone.reverse()) close();
  }

  /** Remembers where one reads in the present entry, before another is shown. */
  private keep(place = this.where()): void {
    this.trail.keep(this.entry.key, place);
  }

  /** The browser went back or forward, by itself or because of a step. */
  private popped(): void {
    if (!this.steps.arrived()) return;
    const { key = newId(), over = 0, from } = (history.state ?? {}) as Partial<Entry>;
    for (const { close } of this.layers.splice(over).reverse()) close();
    if (key === this.entry.key) return;
    this.keep();
    const was = spotOf(this.path),
      now = spotOf(here());
    const aside = was.room === now.room && was.seq === now.seq && was.thread !== now.thread; // the timeline stays as it is
    const kept = this.trail.of(aside ? this.entry.key : key);
    this.entry = { key, over: 0, ...(from === undefined ? {} : { from }) };
    if (aside) this.keep(kept);
    this.place = aside ? undefined : kept;
    this.show(here(), location.hash.slice(1));
  }

  private show(path: string, hash: string): void {
    this.path = path;
    this.spot = spotOf(path);
    this.hash = hash;
    this.moved(this.room);
  }
}
