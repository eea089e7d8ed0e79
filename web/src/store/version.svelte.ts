// Notices that the server has a newer build of this page.
import { look, type Build } from "../lib/version";

/** Many pages reconnect when a server starts again; each looks after a random delay, ms. */
const SPREAD = 10_000;

export class Version {
  isNew = $state(false);
  private due: ReturnType<typeof setTimeout> | undefined;

  constructor(private ask: () => Promise<Build> = look) {
    addEventListener("vite:preloadError", () => void this.look()); // a piece of the page is not there
  }

  async look(): Promise<Build> {
    const build = await this.ask();
    if (build === "new") this.isNew = true;
    return build;
  }

  /** A new connection is up: perhaps another release has taken it. */
  connected(): void {
    clearTimeout(this.due);
    if (!this.isNew) this.due = setTimeout(() => void this.look(), Math.random() * SPREAD);
  }
}
