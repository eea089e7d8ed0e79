// The custom emoji of the workspace. They are loaded after the first messages, and again when the list has changed.
import { suggested, grouped, type Pictured } from "../core/gallery";
import type { Refusal } from "../core/refusal";
import { ApiError } from "../net/api";
import * as Api from "../net/emoji";
import { Jobs } from "../net/jobs";
import { refused } from "../net/refused";
import { retried, sleep, type Sleep } from "../net/retry";
import type { CustomEmoji } from "../wire/types";
import type { Connection } from "./connection.svelte";

/** The list is fetched after a random delay, so that many clients do not ask at once, ms. */
const SPREAD = 2000;

export class Gallery {
  all = $state.raw<readonly CustomEmoji[]>([]);
  readonly emoji: readonly Pictured[] = $derived(grouped(this.all));
  private pictures = $derived(new Map(this.all.map((e) => [`:${e.name}:`, Api.pictureAt(e.picture)])));
  private etag = "";
  private due = false;
  private jobs = new Jobs();

  constructor(
    private connection: Pick<Connection, "isOver">,
    private api: Pick<typeof Api, "list" | "add" | "rename" | "remove"> = Api,
    private pause: Sleep = sleep,
  ) {}

  /** Finds out what there is: at first, and after the connection was lost. Nobody waits for it. */
  begin(): void {
    void this.load();
  }

  /** The list has changed. */
  changed(): void {
    if (this.due) return;
    this.due = true;
    void this.pause(Math.random() * SPREAD).then(() => {
      this.due = false;
      return this.load();
    });
  }

  private async load(): Promise<void> {
    const fetch = async () => {
      const now = await retried(() => this.api.list(this.etag), { isOver: () => this.connection.isOver() }, this.pause);
      if (now) [this.all, this.etag] = [now.emoji, now.etag];
    };
    try {
      await this.jobs.run("list", fetch);
    } catch (e) {
      if (!(e instanceof ApiError)) throw e; // a refusal: the next event asks again
    }
  }

  /** The address of the picture of :name:. */
  picture(code: string): string | undefined {
    return code.startsWith(":") ? this.pictures.get(code) : undefined;
  }

  /** Names that one may be typing. */
  suggest(q: string, limit: number): CustomEmoji[] {
    return suggested(this.all, q, limit);
  }

  /** Gives a command, and shows what came of it; returns why it was refused. */
  private async command(f: () => Promise<unknown>): Promise<Refusal | undefined> {
    const refusal = await refused(f);
    if (!refusal) await this.load();
    return refusal;
  }

  /** Adds an emoji with a picture, or another name of one. */
  readonly add = (name: string, of: Blob | string) => this.command(() => this.api.add(name, of));
  readonly rename = (name: string, to: string) => this.command(() => this.api.rename(name, to));
  readonly remove = (name: string) => this.command(() => this.api.remove(name));
}
