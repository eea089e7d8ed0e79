// The bots of a person: made, changed and deactivated by them, and deactivated by who administers.
import type { Refusal } from "../core/refusal";
import * as Api from "../net/bots";
import { answered, refused } from "../net/refused";
import type { NewBotBody, UpdateBotBody, User } from "../wire/types";

export class Bots {
  constructor(
    private owner: string,
    private api: typeof Api = Api,
  ) {}

  readonly all = (): Promise<User[]> => this.api.bots(this.owner);

  /** Returns the new bot, or why it was refused. */
  make(b: NewBotBody): Promise<User | Refusal> {
    return answered(() => this.api.make(b));
  }

  /** Returns why a change was refused. */
  change(id: string, b: UpdateBotBody): Promise<Refusal | undefined> {
    return refused(() => this.api.change(id, b));
  }

  /** Deactivates a bot, which ends its tokens, or brings it back without any. */
  async activate(id: string, active: boolean): Promise<void> {
    await this.api.change(id, { deactivated: !active });
  }

  /** The ids of the rooms that a bot is in. */
  rooms(id: string): Promise<string[]> {
    return this.api.rooms(id);
  }
}
