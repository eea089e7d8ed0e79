// What the server has read of the pages behind links that one writes.
import { ApiError } from "../net/api";
import * as Api from "../net/previews";
import type { MadePreview } from "../wire/types";

/** How many are remembered, and for how long, ms: the id of a preview is good for a day. */
const MOST = 50,
  FRESH = 3_600_000;

export class Previews {
  private known = new Map<string, { at: number; made: Promise<MadePreview | undefined> }>();

  constructor(
    private api: Pick<typeof Api, "preview"> = Api,
    private now: () => number = () => performance.now(),
  ) {}

  /** The preview of a link; undefined when it has none. A link is asked once, unless the server could not be asked. */
  of(url: string): Promise<MadePreview | undefined> {
    const before = this.known.get(url);
    if (before && this.now() - before.at < FRESH) return before.made;
    const made = this.api.preview(url).catch((e: unknown) => {
      if (!(e instanceof ApiError) || e.passing || e.status === 401) this.known.delete(url);
      return undefined;
    });
    this.known.delete(url);
    this.known.set(url, { at: this.now(), made });
    for (const [first] of this.known) {
      if (this.known.size <= MOST) break;
      this.known.delete(first);
    }
    return made;
  }
}
