// What a room tells of itself, and who has confirmed a message: each is fetched by what shows it.
import * as Api from "../net/rooms";
import { ApiError } from "../net/api";
import { Jobs } from "../net/jobs";
import { refused } from "../net/refused";
import { sleep, type Sleep } from "../net/retry";
import type { Refusal } from "../core/refusal";
import type { Confirmations, RoomAbout, UpdateRoomAbout } from "../wire/types";

/** While many people confirm a message, the list is fetched once in so many ms. */
const BETWEEN = 2000;

export class About {
  held = $state.raw<RoomAbout>();
  failed = $state(false);

  constructor(
    readonly room: string,
    private api: Pick<typeof Api, "about" | "describe"> = Api,
  ) {}

  async load(): Promise<void> {
    try {
      this.held = await this.api.about(this.room);
      this.failed = false;
    } catch (e) {
      if (!(e instanceof ApiError)) throw e;
      this.failed = true;
    }
  }

  /** Returns why a change was refused. */
  change(b: UpdateRoomAbout): Promise<Refusal | undefined> {
    return refused(async () => (this.held = await this.api.describe(this.room, b)));
  }
}

export class Confirmed {
  held = $state.raw<Confirmations>();
  /** Why nothing can be said; empty while something can. */
  failed = $state("");
  private jobs = new Jobs();

  constructor(
    private room: string,
    private seq: number,
    private api: Pick<typeof Api, "confirm" | "confirmations"> = Api,
    private pause: Sleep = sleep,
  ) {}

  load(): Promise<void> {
    return this.take(() => this.api.confirmations(this.room, this.seq));
  }

  /** Somebody has confirmed. */
  changed(): Promise<void> {
    return this.jobs.run("list", async () => {
      await this.load();
      await this.pause(BETWEEN);
    });
  }

  confirm(): Promise<void> {
    return this.take(() => this.api.confirm(this.room, this.seq));
  }

  private async take(f: () => Promise<Confirmations>): Promise<void> {
    try {
      this.held = await f();
      this.failed = "";
    } catch (e) {
      if (!(e instanceof ApiError)) throw e;
      this.failed = e.message;
    }
  }
}
