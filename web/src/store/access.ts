// The ways in that one has: the password, and the places where one is signed in.
import type { Refusal } from "../core/refusal";
import * as Api from "../net/access";
import { refused } from "../net/refused";
import type { Session } from "../wire/types";

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
}
