// Tokens: one's own, or those of a bot.
import type { Refusal } from "../core/refusal";
import { answered } from "../net/refused";
import * as Api from "../net/tokens";
import type { MadeToken, NewTokenBody, Token } from "../wire/types";

export class Tokens {
  /** `bot` is the id of the bot whose tokens they are; "" for one's own. */
  constructor(
    bot = "",
    private api: typeof Api = Api,
  ) {
    this.of = bot && `/bots/${bot}`;
  }

  private readonly of: string;

  readonly all = (): Promise<Token[]> => this.api.tokens(this.of);

  /** Makes a token; returns it with its secret, which nobody can see again, or why it was refused. */
  make(b: NewTokenBody): Promise<MadeToken | Refusal> {
    return answered(() => this.api.add(this.of, b));
  }

  end(id: string): Promise<void> {
    return this.api.end(this.of, id);
  }
}
