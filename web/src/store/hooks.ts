// The webhooks of a room: made, tested and revoked by who manages it.
import * as Api from "../net/hooks";
import { answered } from "../net/refused";
import type { Refusal } from "../core/refusal";
import type { Hook, MadeHook, NewHookBody } from "../wire/types";

export class Hooks {
  constructor(
    private room: string,
    private api: typeof Api = Api,
  ) {}

  readonly all = (): Promise<Hook[]> => this.api.hooks(this.room);

  /** Returns the hook with its address, which is shown once, or why it was refused. */
  make(b: NewHookBody): Promise<MadeHook | Refusal> {
    return answered(() => this.api.make(this.room, b));
  }

  revoke(id: string): Promise<void> {
    return this.api.revoke(this.room, id);
  }

  async test(id: string): Promise<void> {
    await this.api.test(this.room, id);
  }
}
