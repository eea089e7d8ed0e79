// The address of the page: its path, and the secret after # that some links carry. And the history: an entry for each page,
// and one for each layer over the page (a dialog, a picker, a sheet), so that Back closes the layer before it leaves the page.
import { isDoor, pathTo, pathToThread, spotOf } from "../core/paths";

/** What the history keeps with an entry. The entries of one page and its layers have the same key. */
interface Entry {
  readonly key: string;
  /** How many layers lie over the page. */
  readonly over: number;
  /** The path of the entry before it, if this tab came from there. */
  readonly from?: string;
}

/** The row at which one reads, and how far it stands below the top of its timeline, px. */
export interface Place {
  readonly seq: number;
  readonly top: number;
}

/** Which page somebody asked for who had to come in first, and where one was in each entry. Both end with the tab. */
const WANTED = "canteen.wanted",
  PLACES = "canteen.places";
/** Of how many entries the place is kept while the page is loaded again. */
const KEPT = 50;

/** The storage of the tab, which a browser may refuse: then the page forgets when it is loaded again, and nothing else. */
function read(key: string): string {
  try {
    return sessionStorage.getItem(key) ?? "";
  } catch {
    return "";
  }
}
function write(key: string, value: string): void {
  try {
    sessionStorage.setItem(key, value);
  } catch {
    // see read
  }
}

const newKey = (): string => `${Date.now()}.${Math.random()}`;

/** Whether a click asks for what only a link can give: another tab, another window, a download. */
export const asksForMore = (e: MouseEvent): boolean =>
  e.metaKey || e.ctrlKey || e.shiftKey || e.altKey || e.button !== 0;

export class Router {
  path = $state(location.pathname);
  hash = $state(location.hash.slice(1));
  private spot = $state.raw(spotOf(location.pathname));
  private entry: Entry;
  private places: Map<string, Place>;
  /** Where one read when the present entry was left; undefined in one that is shown for the first time. */
  place = $state.raw<Place | undefined>();
  /** Where one reads now, as the timeline on screen knows; undefined at its end. */
  where: () => Place | undefined = () => undefined;
  private layers: { close: () => void }[] = [];
  /** What is to be done to the history: steps back are finished later, by a popstate, and the rest has to wait for them. */
  private steps: (number | (() => void))[] = [];
  private moving = false;

  /** `moved` hears of each room that is shown, and of none. */
  constructor(private moved: (room: string | undefined) => void = () => {}) {
    const was = history.state as Partial<Entry> | null;
    this.entry = { key: newKey(), ...was, over: 0 };
    this.places = new Map(JSON.parse(read(PLACES) || "[]") as [string, Place][]);
    this.place = this.places.get(this.entry.key);
    if (was?.over) this.step(-was.over); // the layers are gone with the page that had them
    addEventListener("popstate", () => this.popped());
    addEventListener("pagehide", () => {
      this.keep();
      write(PLACES, JSON.stringify([...this.places].slice(-KEPT)));
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
    if (path === this.path) return;
    this.keep();
    const from = replace ? this.entry.from : this.path;
    const entry = (this.entry = { key: newKey(), over: 0, ...(from === undefined ? {} : { from }) });
    this.place = undefined;
    this.step(() => history[replace ? "replaceState" : "pushState"](entry, "", path));
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
    this.step(-1);
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
    this.step(() => history.pushState(entry, ""));
    return () => {
      const i = this.layers.indexOf(layer);
      if (i < 0) return;
      this.layers.splice(i, 1);
      this.step(-1);
    };
  }

  /** Closes all that lies over the page. */
  private uncover(): void {
    const gone = this.layers.splice(0);
    if (gone.length) this.step(-gone.length);
    for (const { close } of gone.reverse()) close();
  }

  /** Remembers where one reads in the present entry, before another is shown. */
  private keep(place = this.where()): void {
    this.places.delete(this.entry.key);
    if (place) this.places.set(this.entry.key, place);
  }

  private step(s: number | (() => void)): void {
    this.steps.push(s);
    this.proceed();
  }

  private proceed(): void {
    while (!this.moving) {
      const next = this.steps.shift();
      if (next === undefined) return;
      if (typeof next === "function") next();
      else {
        this.moving = true;
        history.go(next);
      }
    }
  }

  /** The browser went back or forward, by itself or because of a step. */
  private popped(): void {
    const own = this.moving;
    this.moving = false;
    if (own && this.steps.length) return this.proceed(); // the address is that of a later step
    const { key = newKey(), over = 0, from } = (history.state ?? {}) as Partial<Entry>;
    for (const { close } of this.layers.splice(over).reverse()) close();
    if (key === this.entry.key) return;
    this.keep();
    const was = spotOf(this.path),
      now = spotOf(location.pathname);
    const aside = was.room === now.room && was.seq === now.seq && was.thread !== now.thread; // the timeline stays as it is
    const kept = this.places.get(aside ? this.entry.key : key);
    this.entry = { key, over: 0, ...(from === undefined ? {} : { from }) };
    if (aside) this.keep(kept);
    this.place = aside ? undefined : kept;
    this.show(location.pathname, location.hash.slice(1));
  }

  private show(path: string, hash: string): void {
    this.path = path;
    this.spot = spotOf(path);
    this.hash = hash;
    this.moved(this.room);
  }
}
