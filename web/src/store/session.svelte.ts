// Who is signed in, from the first look at the server to signing out.
import type { Refusal } from "../core/refusal";
import * as Api from "../net/api";
import { refused } from "../net/refused";
import type { Me, Workspace } from "../wire/types";

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
  workspace = $state.raw<Workspace | undefined>(undefined);
  /** The version of the server from which this page came. */
  release = "";
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
      if (this.workspace.signed_in) await this.enter(await this.api.me());
      else this.me = null;
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
    this.release ||= me.workspace.version;
    await this.on.prepare(me);
    this.me = me;
    this.on.entered(me);
  }

  /** Lets in whom a form at the door lets in; returns why it was refused. */
  come(by: () => Promise<Me>): Promise<Refusal | undefined> {
    return refused(async () => {
      const me = await by();
      this.on.opened();
      await this.enter(me);
    });
  }

  async signOut(): Promise<void> {
    try {
      await this.api.signOut();
    } catch (e) {
      if (!(e instanceof Api.ApiError) || e.status !== 401) throw e; // 401: the session was over before
    }
    this.on.signedOut();
  }
}
