// Where one is: the path, and the secret after # that links carry.
export class Router {
  path = $state(location.pathname);
  hash = $state(location.hash.slice(1));

  constructor() {
    addEventListener("popstate", () => this.read());
  }

  private read(): void {
    this.path = location.pathname;
    this.hash = location.hash.slice(1);
  }

  go(path: string, replace = false): void {
    if (path === this.path) return;
    history[replace ? "replaceState" : "pushState"](null, "", path);
    this.read();
  }

  /** The room and the message that the path names. */
  get room(): string | undefined {
    return /^\/r\/([a-z2-7]{12})(?:\/|$)/.exec(this.path)?.[1];
  }
  get seq(): number | undefined {
    const n = /^\/r\/[a-z2-7]{12}\/(\d{1,15})$/.exec(this.path)?.[1];
    return n ? Number(n) : undefined;
  }
}
