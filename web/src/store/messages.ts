// The commands about messages.
import { pathOf } from "../core/paths";
import { reacted, withWishes } from "../core/reactions";
import { finish } from "../lib/finish";
import * as Api from "../net/api";
import type { vote as Vote } from "../net/polls";
import type { Message, Reaction } from "../wire/types";
import type { Connection } from "./connection.svelte";
import type { Notices } from "./notices.svelte";
import type { Settings } from "./settings.svelte";
import { Wishes } from "./wishes.svelte";

const thing = (m: Message, emoji = ""): string => `${m.room} ${m.seq} ${emoji}`;

export class Messages {
  private wishes: Wishes;

  constructor(
    private connection: Connection,
    private notices: Notices,
    private settings: Settings,
    private api: typeof Api = Api,
  ) {
    this.wishes = new Wishes(notices, () => connection.isOver());
  }

  /** Adds one's reaction, or removes it. */
  toggle(m: Message, emoji: string): Promise<boolean> {
    const on = !this.wishes.of(thing(m, emoji), reacted(this.connection.newest(m), emoji));
    if (on) this.settings.used(emoji);
    return this.wishes.wish(thing(m, emoji), on, async (on) =>
      this.connection.took(await this.api.react(m.room, m.seq, emoji, on)),
    );
  }

  /** The reactions to a message as they are drawn. */
  drawn(m: Message, me: string): readonly Reaction[] {
    const wishes = this.wishes.under(thing(m)) as [string, boolean][];
    return wishes.length ? withWishes(m, me, wishes) : m.reactions;
  }

  /** One's vote in the poll of a message, as it is to be. */
  voted(m: Message): readonly number[] {
    return this.wishes.of<readonly number[]>(`poll ${thing(m)}`, m.poll?.mine ?? []);
  }

  /** Votes; `send` gives the command. */
  vote(m: Message, options: readonly number[], send: typeof Vote): Promise<boolean> {
    return this.wishes.wish(`poll ${thing(m)}`, options, async (o) =>
      this.connection.took(await send(m.room, m.seq, o)),
    );
  }

  /** Everybody who reacted; undefined when that could not be fetched. */
  async reactions(m: Message): Promise<Reaction[] | undefined> {
    let all: Reaction[] | undefined;
    await this.notices.attempt(async () => (all = await this.api.reactions(m.room, m.seq)));
    return all;
  }

  /** `preview` is the id of another preview, or "" for none; undefined keeps what the message has. */
  edit(m: Message, text: string, preview?: string): Promise<boolean> {
    return this.notices.attempt(async () => {
      const finished = await finish(text, this.settings.skinTone);
      this.connection.took(
        await this.api.edit(m.room, m.seq, { text: finished, ...(preview !== undefined && { preview }) }),
      );
    });
  }

  remove(m: Message): Promise<boolean> {
    return this.notices.attempt(() => this.api.remove(m.room, m.seq));
  }

  /** Moves one's read pointer because one asks for it. */
  mark(room: string, seq: number): Promise<boolean> {
    return this.notices.attempt(() => this.connection.command(() => this.api.setRead(room, seq)));
  }

  /** Moves it because one reads; returns whether it did. A failure is not shown: the next reading moves it again. */
  async read(room: string, seq: number): Promise<boolean> {
    try {
      await this.connection.command(() => this.api.setRead(room, seq));
      return true;
    } catch (e) {
      if (!(e instanceof Api.ApiError)) throw e;
      return false;
    }
  }

  /** Copies the text of a message as it was written, with its marks. */
  copyText(m: Message): Promise<boolean> {
    return this.notices.copy(m.text, "The text is copied.");
  }

  copyLink(m: Message): Promise<boolean> {
    return this.notices.copy(location.origin + pathOf(m), "The link is copied.");
  }
}
