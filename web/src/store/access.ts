// The ways in that one has: the password, the places where one is signed in, and the tokens.
import type { Refusal } from "../core/refusal";
import * as Api from "../net/access";
import { refused } from "../net/refused";
import type { NewTokenBody, Session, Token } from "../wire/types";

export class Access {
  constructor(private api: typeof Api = Api) {}

  /** Where one is signed in. */
  devices(): Promise<Session[]> {
    return this.api.sessions();
  }

  endDevice(id: string): Promise<void> {
    return this.api.endSession(id);
  }

  /** Ends all other sessions, all one's tokens, and the invites that one made. */
  endAll(): Promise<void> {
    return this.api.endAll();
  }

  /** Ends all other sessions too. Returns why it was refused. */
  changePassword(current: string, next: string): Promise<Refusal | undefined> {
    return refused(() => this.api.changePassword(current, next));
  }

  tokens(): Promise<Token[]> {
    return this.api.tokens();
  }

  /** Makes a token; returns its secret, which nobody can see again, or why it was refused. */
  async addToken(b: NewTokenBody): Promise<{ secret: string } | Refusal> {
    let secret = "";
    const no = await refused(async () => ({ secret } = await this.api.addToken(b)));
    return no ?? { secret };
  }

  endToken(id: string): Promise<void> {
    return this.api.endToken(id);
  }
}
