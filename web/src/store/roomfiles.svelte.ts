// The files of a room, newest first, as its Files tab lists them.
import { ApiError } from "../net/api";
import { ofRoom } from "../net/files";
import type { RoomFile } from "../wire/types";

/** What the tab can be narrowed to. */
export type Kind = "image" | "video" | "audio" | "file";

/** A page of the list, or of what narrows it. */
interface List {
  readonly files: readonly RoomFile[];
  /** Where the next page begins. */
  readonly next?: number | undefined;
  readonly loaded: boolean;
  /** Why the last page could not be loaded. */
  readonly failed: string;
}

const NONE: List = { files: [], loaded: false, failed: "" };

export class RoomFiles {
  list = $state.raw<List>(NONE);
  kind = $state.raw<Kind | undefined>();
  busy = $state(false);

  constructor(
    private room: string,
    private fetch: typeof ofRoom = ofRoom,
  ) {}

  /** Lists one kind, or all, from the newest. */
  choose(kind: Kind | undefined): Promise<void> {
    this.kind = kind;
    this.list = NONE;
    return this.more();
  }

  /** Loads the next page. An answer for a kind that is not shown any more is left out. */
  async more(): Promise<void> {
    const of = this.list,
      kind = this.kind;
    this.busy = true;
    let now: List;
    try {
      const { files, next } = await this.fetch(this.room, kind, of.next);
      now = { files: [...of.files, ...files], next, loaded: true, failed: "" };
    } catch (e) {
      if (!(e instanceof ApiError)) throw e;
      now = { ...of, failed: e.message };
    }
    if (this.list !== of || this.kind !== kind) return;
    this.busy = false;
    this.list = now;
  }
}
