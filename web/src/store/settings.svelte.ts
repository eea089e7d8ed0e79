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

/** How often a change of the sections is made anew, because another device was quicker. */
const TRIES = 20;

type Profile = Parameters<typeof Api.updateMe>[0];

export class Settings {
  /** The emoji that one uses most, the latest first. */
  frequent = $state.raw<readonly string[]>([]);
  /** Rooms with something unread stand above the others in the sidebar. The device keeps it. */
  unreadFirst = $state(false);
  private saving = new Queue();
  /** The latest answer of the server. session.me is ahead of it while something is being saved. */
  private last: Me | undefined;
  private missed = false;

  constructor(
    private session: Session,
    private notices: Notices,
    private shelf: Shelf,
    private api: Pick<typeof Api, "me" | "updateMe" | "frequentEmoji" | "updateWorkspace"> = Api,
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

  /** They were changed, here or on another device. While a choice is being saved, that is not shown; they are fetched again after it. */
  changed(me: Me): void {
    if (this.saving.length) this.missed = true;
    else this.session.me = me;
  }

  /**
   * Changes settings; `sent` is what is sent of them, if not all. Requests go one after the other, since arrow keys change a choice
   * quickly.
   */
  async change(s: Partial<Own>, sent: UpdateSettings = s): Promise<void> {
    return this.save(s, () => this.api.updateMe({ settings: sent }));
  }

  private async save(s: Partial<Own>, give: (last: Me) => Promise<Me>): Promise<void> {
    const before = this.session.me;
    if (!before) return;
    if (!this.saving.length) this.last = before;
    this.session.me = { ...before, settings: { ...before.settings, ...s } };
    const save = async () => (this.last = await give(this.last!));
    if (!(await this.saving.run(() => this.notices.attempt(save)))) return;
    this.session.me = this.last!;
    if (!this.missed) return;
    this.missed = false;
    await this.notices.attempt(async () => this.changed(await this.api.me()));
  }

  /**
   * Changes the sections of the sidebar. If they are others by now, on another device, f changes those: so f changes nothing but what it
   * is about.
   */
  arrange(f: (sections: Own["sections"]) => Own["sections"]): Promise<void> {
    const give = async (last: Me) => {
      for (let tries = 1; ; last = await this.api.me(), tries++) {
        const { sections, sections_version: sections_were } = last.settings;
        try {
          return await this.api.updateMe({ settings: { sections: f(sections), sections_were } });
        } catch (e) {
          if (!(e instanceof Api.ApiError) || e.status !== 409 || tries === TRIES) throw e;
        }
      }
    };
    return this.save({ sections: f(this.session.me?.settings.sections ?? []) }, give);
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
    return refused(async () => (this.session.me = this.last = await this.api.updateMe(p)));
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
