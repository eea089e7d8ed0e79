// The address of the page: its path, and the secret after # that some links carry.
import { pathTo, roomOf, seqOf } from "../core/paths";

export class Router {
  path = $state(location.pathname);
  hash = $state(location.hash.slice(1));

  /** `moved` hears of each room that is shown, and of none. */
  constructor(private moved: (room: string | undefined) => void = () => {}) {
    addEventListener("popstate", () => this.read());
  }

  private read(): void {
    this.path = location.pathname;
    this.hash = location.hash.slice(1);
    this.moved(this.room);
  }

  go(path: string, replace = false): void {
    if (path === this.path) return;
    history[replace ? "replaceState" : "pushState"](null, "", path);
    this.read();
  }

  /** Forgets the address with its secret, and goes to the beginning. */
  home(): void {
    history.replaceState(null, "", "/");
    this.read();
  }

  toRoom(room: string, seq?: number): void {
    this.go(pathTo(room, seq));
  }

  /** Follows a link inside the page. A click that asks for a new tab is left to the browser. */
  follow(e: MouseEvent, path: string): void {
    if (e.metaKey || e.ctrlKey) return;
    e.preventDefault();
    this.go(path);
  }

  /** The room and the message that the path names. */
  get room(): string | undefined {
    return roomOf(this.path);
  }
  get seq(): number | undefined {
    return seqOf(this.path);
  }
}
