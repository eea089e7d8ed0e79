// One's settings and profile. A setting is shown at once and saved in the background.
import { Queue } from "../core/queue";
import { used } from "../core/reactions";
import type { Refusal } from "../core/refusal";
import type { Shelf } from "../core/shelf";
import { lastLook } from "../lib/look";
import * as Api from "../net/api";
import { refused } from "../net/refused";
import type { Me, UpdateSettings } from "../wire/types";
import type { Notices } from "./notices.svelte";
import type { Session } from "./session.svelte";

type Own = Me["settings"];
/** Under which the device keeps it for all who sign in there. */
const UNREAD_FIRST = "canteen.unreadFirst";

type Profile = Parameters<typeof Api.updateMe>[0];

export class Settings {
  /** The emoji that one uses most, the latest first. */
  frequent = $state.raw<readonly string[]>([]);
  /** Rooms with something unread stand above the others in the sidebar. The device keeps it. */
  unreadFirst = $state(false);
  private saving = new Queue();

  constructor(
    private session: Session,
    private notices: Notices,
    private shelf: Shelf,
    private api: Pick<typeof Api, "updateMe" | "frequentEmoji" | "updateWorkspace"> = Api,
  ) {
    this.unreadFirst = !!shelf.getItem(UNREAD_FIRST);
  }

  /** Puts rooms with something unread above the others, or back into their places. */
  lift(): void {
    this.unreadFirst = !this.unreadFirst;
    this.shelf.setItem(UNREAD_FIRST, this.unreadFirst ? "1" : "");
  }

  get theme(): string {
    return this.session.me?.settings.theme ?? lastLook(this.shelf);
  }

  get skinTone(): number {
    return this.session.me?.settings.skin_tone ?? 0;
  }

  get enterSends(): boolean {
    return this.session.me?.settings.enter_sends ?? true;
  }

  /** They were changed, here or on another device. While a choice is being saved, the answer to it will tell. */
  changed(me: Me): void {
    if (!this.saving.length) this.session.me = me;
  }

  /**
   * Changes settings; `sent` is what is sent of them, if not all. Requests go one after the other, since arrow keys change a choice
   * quickly.
   */
  async change(s: Partial<Own>, sent: UpdateSettings = s): Promise<void> {
    const before = this.session.me;
    if (!before) return;
    this.session.me = { ...before, settings: { ...before.settings, ...s } };
    let now = before;
    const save = async () => (now = await this.api.updateMe({ settings: sent }));
    if (await this.saving.run(() => this.notices.attempt(save))) this.session.me = now;
  }

  /** Changes the sections of the sidebar. */
  arrange(f: (sections: Own["sections"]) => Own["sections"]): Promise<void> {
    return this.change({ sections: f(this.session.me?.settings.sections ?? []) });
  }

  /** Saves settings of the workspace; returns why it was refused. */
  saveWorkspace(b: Parameters<typeof Api.updateWorkspace>[0]): Promise<Refusal | undefined> {
    return refused(async () => {
      const workspace = await this.api.updateWorkspace(b);
      if (this.session.me) this.session.me = { ...this.session.me, workspace };
    });
  }

  /** Saves name, handle and status; returns why it was refused. */
  saveProfile(p: Profile): Promise<Refusal | undefined> {
    return refused(async () => (this.session.me = await this.api.updateMe(p)));
  }

  /** Fetches the frequent emoji. Without them the first ones are offered. */
  async loadFrequent(): Promise<void> {
    try {
      this.frequent = await this.api.frequentEmoji();
    } catch (e) {
      if (!(e instanceof Api.ApiError)) throw e;
    }
  }

  used(emoji: string): void {
    this.frequent = used(this.frequent, emoji);
  }
}
