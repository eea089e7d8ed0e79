// A search of the audit log, page by page. It is loaded with the dialog that shows it.
import { ApiError } from "../net/api";
import { audit, exported } from "../net/audit";
import type { AuditRow } from "../wire/types";

interface List {
  readonly rows: readonly AuditRow[];
  /** Where the search goes on. */
  readonly next?: string | undefined;
  readonly loaded: boolean;
  /** Why the last page could not be loaded. */
  readonly failed: string;
}

const NONE: List = { rows: [], loaded: false, failed: "" };

export class AuditSearch {
  list = $state.raw<List>(NONE);
  /** What rows can say that was done. */
  words = $state.raw<readonly string[]>([]);
  head = $state("");
  busy = $state(false);
  private of = $state.raw<Parameters<typeof audit>[0]>({});

  constructor(private fetch: typeof audit = audit) {}

  /** Searches anew, from the newest row. */
  find(of: Parameters<typeof audit>[0]): Promise<void> {
    this.of = of;
    this.list = { ...NONE };
    return this.more();
  }

  /** Where the file of the search is. */
  file(format: "csv" | "jsonl"): string {
    return exported(this.of, format);
  }

  /** Loads the next page. An answer for another search is left out. */
  async more(): Promise<void> {
    const of = this.list;
    this.busy = true;
    let now: List;
    try {
      const { rows, next, words, head } = await this.fetch(this.of, of.next);
      now = { rows: [...of.rows, ...rows], next, loaded: true, failed: "" };
      if (this.list === of) [this.words, this.head] = [words, head];
    } catch (e) {
      if (!(e instanceof ApiError)) throw e;
      now = { ...of, failed: e.message };
    }
    if (this.list !== of) return;
    this.busy = false;
    this.list = now;
  }
}
