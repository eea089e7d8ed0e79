// Who is signed in, from the first look at the server to signing out.
import * as Api from "../net/api";
import { comeIn, type Door, type Entry } from "../net/door";
import type { Me, NewTokenBody, Session as Device, Token } from "../wire/types";
import { refused, type Refusal } from "./notices.svelte";

export interface SessionHooks {
  /** The door is open: the secret in the address is used up. */
  opened(): void;
  /** Fetches what the chat needs before it is shown. */
  prepare(me: Me): Promise<void>;
  /** The chat is shown from now on. */
  entered(me: Me): void;
  /** Who was signed in has signed out. */
  signedOut(): void;
}

/** After how long the start is tried again when the server does not answer, ms. */
const AGAIN = 3000;

export class Session {
  /** undefined while it is not known yet, null when nobody is signed in. */
  me = $state.raw<Me | null | undefined>(undefined);
  workspace = $state.raw<{ name: string; setup: boolean } | undefined>(undefined);
  /** Why the start takes so long; "" when all is well. */
  trouble = $state("");

  constructor(
    private on: SessionHooks,
    private api: typeof Api = Api,
  ) {}

  /** Finds out who is signed in, and repeats that until the server answers. */
  async begin(): Promise<void> {
    try {
      this.workspace = await this.api.workspace();
      await this.enter(await this.api.me());
    } catch (e) {
      if (e instanceof Api.ApiError && e.status === 401) {
        this.me = null;
        return;
      }
      this.trouble = e instanceof Error ? e.message : "";
      setTimeout(() => void this.begin(), AGAIN);
    }
  }

  private async enter(me: Me): Promise<void> {
    this.trouble = "";
    await this.on.prepare(me);
    this.me = me;
    this.on.entered(me);
  }

  /** Comes in by one of the three forms. */
  async come(by: Door, entry: Entry): Promise<void> {
    const me = await comeIn(this.api, by, entry);
    this.on.opened();
    await this.enter(me);
  }

  async signOut(): Promise<void> {
    try {
      await this.api.signOut();
    } catch (e) {
      if (!(e instanceof Api.ApiError) || e.status !== 401) throw e; // 401: the session was over before
    }
    this.on.signedOut();
  }

  /** Where one is signed in. */
  devices(): Promise<Device[]> {
    return this.api.sessions();
  }

  endDevice(id: string): Promise<void> {
    return this.api.endSession(id);
  }

  /** Ends all other sessions, all one's tokens, and the invites that one made. */
  endAll(): Promise<void> {
    return this.api.endAll();
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

  changePassword(current: string, next: string): Promise<void> {
    return this.api.changePassword(current, next);
  }
}
