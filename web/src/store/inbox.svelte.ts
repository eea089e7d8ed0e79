// What concerns one: the entries that are unread, and the list on screen. What is unread is fetched again whenever it may have changed.
import { SvelteMap } from "svelte/reactivity";
import { follows } from "../core/followed";
import {
  beyond,
  cleared,
  concerns,
  continued,
  heardIn,
  isCleared,
  keyFor,
  keysOf,
  missingIn,
  newestReaction,
  NO_LIST,
  NOTHING,
  restored,
  uncleared,
  waits,
  without,
  type Filter,
} from "../core/inbox";
import { ApiError } from "../net/api";
import * as Api from "../net/inbox";
import { Jobs } from "../net/jobs";
import { retried, sleep, type Sleep } from "../net/retry";
import { thread } from "../net/threads";
import type { LiveEvent } from "../wire/live";
import type { InboxItem, Message } from "../wire/types";
import type { App } from "./app";

/** An entry is there a second after what it is about, ms. Then many clients do not ask at once. */
const WRITTEN = 1000;
const SPREAD = 2000;
/** A busy server needs longer: an entry that is missing is looked for again so often, after so long, ms. */
const TRIES = 3,
  LATER = 5000;
/** How many are fetched at once: of the unread ones for their count, and of the list as one reads. */
const COUNTED = 50,
  LISTED = 30;
/** How long what was cleared can be taken back, ms. */
const UNDONE = 7000;

/** What was cleared last, and the way back. */
interface Undo {
  readonly said: string;
  /** The row that one was at. */
  readonly at: string;
  readonly undo: () => void;
  /** Tells the server. */
  readonly settle: () => void;
}

export class Inbox {
  private all = new SvelteMap<string, InboxItem>();
  /** Unread entries that are not among them. */
  private beyond = $state(0);
  list = $state.raw(NO_LIST);
  /** What can be taken back. */
  cleared = $state.raw<Undo | undefined>();
  /** The list is on screen. */
  open = false;
  /** Where one was in it: px, and the key of the row that had the focus. */
  top = 0;
  at = "";
  private gone = NOTHING;
  private pointers = new Map<string, number>();
  /** Messages whose entries are still to come, and how often they are looked for. */
  private wanted = new Map<Message, number>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private jobs = new Jobs();

  constructor(
    private app: Pick<App, "chat" | "connection" | "following" | "messages" | "notices" | "session">,
    private api: typeof Api = Api,
    private pause: Sleep = sleep,
  ) {}

  private get rooms() {
    return this.app.chat.rooms;
  }

  private get waiting(): InboxItem[] {
    return [...this.all.values()].filter((i) => waits(i, this.rooms));
  }

  /** How many entries are unread; 100 and more are "many". */
  get unread(): number {
    return this.waiting.length + this.beyond;
  }

  /** All that is unread in the inbox is for one. */
  get mentions(): boolean {
    return this.unread > 0;
  }

  /** What is known of these entries. */
  entries(keys: readonly string[]): InboxItem[] {
    return keys.flatMap((k) => this.all.get(k) ?? []).filter((i) => this.rooms.has(i.room));
  }

  /** How many have come since the list was loaded, and are not in it. */
  get fresh(): number {
    return missingIn(this.list, this.all.values(), this.rooms);
  }

  /** Finds out what is unread: at first, and after the connection was lost. Nobody waits for it. */
  begin(): void {
    for (const [id, r] of this.rooms) this.pointers.set(id, r.room.read_seq);
    void this.count();
    const { failed, loaded, filter } = this.list;
    if (!this.open) this.list = NO_LIST;
    else if (failed) void this.more();
    else if (loaded && !keysOf(this.list).length) void this.load(filter);
  }

  /** Fetches what is unread. What is known as unread and is not among it was read or cleared elsewhere. */
  private async count(): Promise<void> {
    try {
      await this.jobs.run("count", async () => {
        const before = new Map(this.all),
          page = await retried(
            () => this.api.inbox("unread", COUNTED),
            { isOver: () => this.app.connection.isOver() },
            this.pause,
          );
        const now = new Set(page.items.map((i) => i.key)),
          listed = new Set(keysOf(this.list)),
          last = page.next ? (page.items.at(-1)?.at ?? "") : "";
        for (const [k, i] of before) {
          if (now.has(k) || i.at < last || this.all.get(k) !== i) continue;
          if (!listed.has(k)) this.all.delete(k);
          else if (!i.read) this.all.set(k, { ...i, read: true });
        }
        for (const i of page.items) this.take(i);
        this.beyond = beyond(page);
      });
    } catch (e) {
      if (!(e instanceof ApiError)) throw e; // a refusal: the next event asks again
    }
    const { filter, loaded } = this.list;
    if (this.open && loaded && !keysOf(this.list).length && this.fresh) await this.load(filter);
  }

  private take(i: InboxItem): void {
    if (!isCleared(i, this.gone)) this.all.set(i.key, i);
  }

  /** Hears of each event, after it is in the state. */
  event(e: LiveEvent): void {
    if (e.type === "resync") return this.begin();
    const { me } = this.app.chat,
      room = "room" in e && typeof e.room === "string" ? e.room : "",
      pointer = this.pointers.get(room) ?? 0,
      keywords = this.app.session.me?.settings.attention.keywords ?? [];
    const mine = { me, rooms: this.rooms, keywords, open: this.open, known: this.all.values(), pointer };
    if (concerns(e, mine)) {
      if (e.type === "message" && e.message) this.wanted.set(e.message, TRIES);
      this.soon();
    }
    this.pointers.set(room, this.rooms.get(room)?.room.read_seq ?? 0);
    if (e.type === "message" && e.message) this.heard(e.message);
  }

  /** A message was posted or changed, by an event or by one's own command. */
  heard(m: Message): void {
    for (const [k, i] of this.all) {
      const now = heardIn(i, m);
      if (now && now !== i) this.all.set(k, now);
      else if (!now) this.all.delete(k);
    }
  }

  /** One has left a room: its entries go. */
  drop(room: string): void {
    for (const [k, i] of this.all) if (i.room === room) this.all.delete(k);
  }

  /** Fetches what is unread, once for all who ask for it within a random delay. */
  private soon(after = WRITTEN): void {
    this.timer ??= setTimeout(
      () => {
        this.timer = undefined;
        void this.count().then(() => this.missed());
      },
      after + Math.random() * SPREAD,
    );
  }

  /** Looks again for entries that were not there yet, unless they were read meanwhile. */
  private missed(): void {
    for (const [m, tries] of this.wanted) {
      const there = this.all.has(keyFor(m)) || (this.rooms.get(m.room)?.room.read_seq ?? Infinity) >= m.seq;
      if (there || tries === 1) this.wanted.delete(m);
      else this.wanted.set(m, tries - 1);
    }
    if (this.wanted.size) this.soon(LATER);
  }

  /** One goes to the list, and not back to it: it begins anew, with what is unread if that is asked for. */
  renew(filter = this.list.filter): void {
    if (this.open) void this.load(filter);
    else this.list = { ...NO_LIST, filter };
  }

  /** Loads the list from its beginning. */
  async load(filter: Filter): Promise<void> {
    [this.top, this.at] = [0, ""];
    this.list = { ...NO_LIST, filter };
    await this.more();
  }

  /** Loads the next page of the list. */
  async more(): Promise<void> {
    const list = this.list;
    if (list.loaded && !list.next) return;
    try {
      const page = await this.api.inbox(list.filter, LISTED, list.next);
      if (this.list !== list) return; // another list was asked for
      const items = page.items.filter((i) => !isCleared(i, this.gone));
      for (const i of items) this.take(i);
      this.list = continued(list, { ...page, items }, this.rooms);
      this.see(items);
      if (!items.length && page.next) await this.more(); // a page may hold nothing, and others follow
    } catch (e) {
      if (!(e instanceof ApiError)) throw e;
      if (this.list === list) this.list = { ...list, failed: e.message };
    }
  }

  /** One has seen the reactions on screen. They keep their places until the list is loaded again. */
  private see(items: readonly InboxItem[]): void {
    const at = newestReaction(items);
    if (!at || document.visibilityState !== "visible") return;
    this.api.seeInbox(at).catch((e: unknown) => {
      if (!(e instanceof ApiError)) throw e; // they are new once more
    });
  }

  /** Hides an entry until there is something newer about it. */
  clear(i: InboxItem): void {
    this.hide([i], "Cleared.", { key: i.key, before: i.at });
  }

  /** Hides all that there is up to now. */
  clearAll(): void {
    const before = this.entries(keysOf(this.list)).reduce((last, i) => (i.at > last ? i.at : last), "");
    const items = [...this.all.values()].filter((i) => i.at <= before);
    this.hide(items, "The inbox is cleared.", { before });
  }

  /** Hides entries at once, and tells the server unless that is taken back. */
  private hide(items: readonly InboxItem[], said: string, what: { key?: string; before: string }): void {
    const all = !what.key;
    this.cleared?.settle();
    const { list, beyond, gone } = this;
    this.gone = cleared(gone, items, all ? what.before : "");
    for (const i of items) this.all.delete(i.key);
    this.list = without(list, new Set(items.map((i) => i.key)), all);
    if (all) this.beyond = 0;
    const timer = setTimeout(() => undo.settle(), UNDONE);
    const end = () => {
      clearTimeout(timer);
      if (this.cleared === undo) this.cleared = undefined;
    };
    const back = () => {
      this.gone = uncleared(this.gone, items, gone.before);
      for (const i of items) if (!this.all.has(i.key)) this.all.set(i.key, i);
      this.beyond = beyond;
      this.list = restored(this.list, list, all);
    };
    const undo: Undo = {
      said,
      at: this.at,
      undo: () => {
        end();
        back();
      },
      settle: () => {
        end();
        void this.app.notices.attempt(() => this.api.clearInbox(what)).then((done) => done || back());
      },
    };
    this.cleared = undo;
  }

  /** Moves the pointers of the room and the thread back, so that an entry is unread on all devices. Nothing waits in a reaction. */
  async markUnread(i: InboxItem): Promise<boolean> {
    const { following, messages, notices } = this.app,
      { room, seq, message: m } = i,
      root = m.also_in_room ? undefined : m.thread;
    const there = i.cause === "thread" || (this.rooms.get(room)?.room.read_seq ?? 0) < seq;
    if (!there && !(await messages.mark(room, seq - 1))) return false;
    let done = true;
    const inThread = async () => {
      const followed = await following.load(),
        t = followed.of(room, root!) ?? (await thread(room, root!));
      if (follows(t) && t.read_seq >= seq) done = await followed.mark(room, root!, seq - 1);
    };
    if (root && !((await notices.attempt(inThread)) && done)) return false;
    const now = this.all.get(i.key);
    if (now) this.all.set(i.key, { ...now, read: false });
    this.soon();
    return true;
  }
}
