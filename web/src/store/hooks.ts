// The webhooks of a room: made, tested and revoked by who manages it.
import * as Api from "../net/hooks";
import { refused } from "../net/refused";
import type { Refusal } from "../core/refusal";
import type { Hook, MadeHook, NewHookBody } from "../wire/types";

export class Hooks {
  constructor(
    private room: string,
    private api: typeof Api = Api,
  ) {}

  readonly all = (): Promise<Hook[]> => this.api.hooks(this.room);

  /** Returns the hook with its address, which is shown once, or why it was refused. */
  async make(b: NewHookBody): Promise<MadeHook | Refusal> {
    let made: MadeHook | undefined;
    const wrong = await refused(async () => (made = await this.api.make(this.room, b)));
    return wrong ?? made!;
  }

  revoke(id: string): Promise<void> {
    return this.api.revoke(this.room, id);
  }

  async test(id: string): Promise<void> {
    await this.api.test(this.room, id);
  }
}
