// The threads that one follows: those with something unread, those in the list on screen, and the one that is open.
import { SvelteMap } from "svelte/reactivity";
import { MANY } from "../core/counts";
import {
  beyond,
  changedIn,
  continued,
  follows,
  heardIn,
  inTitle,
  isUnread,
  keyOf,
  later,
  mentioning,
  missingIn,
  NO_LIST,
  threadKey,
  unreadIn,
} from "../core/followed";
import { polled, reactedTo } from "../core/stretch";
import { ApiError } from "../net/api";
import { Jobs } from "../net/jobs";
import { retried, sleep, type Sleep } from "../net/retry";
import * as Api from "../net/threads";
import type { LiveEvent } from "../wire/live";
import type { Message, MyThread } from "../wire/types";
import type { Chat } from "./chat.svelte";
import type { Connection } from "./connection.svelte";
import type { Notices } from "./notices.svelte";
import { Wishes } from "./wishes.svelte";

/** A thread is fetched after a random delay, so that many clients do not ask at once, ms. */
const SPREAD = 2000;
/** How many are fetched at once: of the unread ones for their counts, and of the list as one reads. */
const COUNTED = 100,
  LISTED = 20;

export class Followed {
  private all = new SvelteMap<string, MyThread>();
  /** Unread threads that are not among them. */
  private beyond = $state(0);
  list = $state.raw(NO_LIST);
  /** The list is on screen. */
  open = false;
  /** Where one was in it, px. */
  top = 0;
  /** Threads that are asked for and not known yet. */
  private asked = new SvelteMap<string, true>();
  private shown = new Map<string, number>();
  private due = new Map<string, () => void>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private jobs = new Jobs();
  private wishes: Wishes;

  constructor(
    private chat: Chat,
    private connection: Pick<Connection, "isOver">,
    private notices: Notices,
    private api: typeof Api = Api,
    private pause: Sleep = sleep,
  ) {
    this.wishes = new Wishes(notices, () => connection.isOver());
  }

  private get waiting(): MyThread[] {
    return unreadIn(this.all.values(), this.chat.rooms);
  }

  /** How many have something unread; 100 and more are "many". */
  get unread(): number {
    return this.waiting.length + this.beyond;
  }

  /** Whether one is mentioned in an unread reply. */
  get mentions(): boolean {
    return mentioning(this.all.values(), this.chat.rooms).length > 0;
  }

  /** How many with mentions the title of the page counts. */
  get mentioned(): number {
    return inTitle(this.all.values(), this.chat.rooms);
  }

  of(room: string, root: number): MyThread | undefined {
    return this.all.get(threadKey(room, root));
  }

  /** Whether it will be known soon. */
  waits(room: string, root: number): boolean {
    return this.asked.has(threadKey(room, root));
  }

  /** What is known of the threads in the list. */
  get rows(): MyThread[] {
    return this.list.keys.flatMap((k) => this.all.get(k) ?? []);
  }

  /** How many threads have got replies since the list was loaded, and are not in it. */
  get fresh(): number {
    return missingIn(this.list, this.waiting);
  }

  /** Finds out what is unread: at first, and after the connection was lost. Nobody waits for it. */
  begin(): void {
    void this.run("unread", () => this.count());
    void this.run("shown", async () => {
      for (const k of [...this.shown.keys()]) await this.fetch(k); // one after the other: a list may be long
    });
    const { failed, loaded, keys, unread } = this.list;
    if (!this.open) this.list = NO_LIST;
    else if (failed) void this.more();
    else if (loaded && !keys.length) void this.load(unread);
  }

  /** Fetches what is unread, and forgets what is not any more. What changed meanwhile is newer than the answer. */
  private async count(): Promise<void> {
    const before = new Map(this.all),
      page = await this.retried(() => this.api.threads(true, COUNTED)),
      now = new Set(page.threads.map(keyOf));
    for (const [k, t] of before) if (!now.has(k) && !this.shown.has(k) && this.all.get(k) === t) this.all.delete(k);
    this.beyond = 0;
    for (const t of page.threads) this.take(t);
    this.beyond = beyond(page);
  }

  /** Where more are unread than are in memory, the server knows when these are few enough. */
  private async recount(): Promise<void> {
    if (this.beyond === Infinity && (await this.retried(() => this.api.threads(true, 1))).unread_threads >= MANY)
      return;
    await this.run("unread", () => this.count());
  }

  /** Hears of each event, after it is in the state. */
  event(e: LiveEvent): void {
    if (e.type === "thread") this.changed(threadKey(e.room, e.seq));
    else if (e.type === "resync") this.begin();
    else if (e.type === "message" && e.message) this.heard(e.message);
    else if (e.type === "reaction") this.one(e.room, (m) => reactedTo(m, e, this.chat.me));
    else if (e.type === "poll") this.one(e.room, (m) => polled(m, e));
  }

  /** A message was posted or changed, by an event or by one's own command. */
  heard(m: Message): void {
    this.update(threadKey(m.room, m.thread ?? m.seq), (t) => heardIn(t, m, this.chat.me));
  }

  /** One message of a room changed, and no count. */
  private one(room: string, change: (m: Message) => Message): void {
    for (const k of this.shown.keys()) this.update(k, (t) => (t.room === room ? changedIn(t, change) : t));
  }

  private update(k: string, f: (t: MyThread) => MyThread): void {
    const t = this.all.get(k);
    if (t) this.all.set(k, f(t));
  }

  /** A thread on screen is fetched at once, another one a little later. */
  private changed(k: string): void {
    if (this.shown.has(k)) void this.fetch(k);
    else this.soon(k, () => void this.fetch(k));
  }

  /** Does something once for all who ask for it within a random delay. */
  private soon(what: string, f: () => void): void {
    this.due.set(what, f);
    this.timer ??= setTimeout(() => {
      const due = [...this.due.values()];
      this.timer = undefined;
      this.due.clear();
      for (const f of due) f();
    }, Math.random() * SPREAD);
  }

  private fetch(k: string): Promise<void> {
    const [room = "", root] = k.split("/");
    if (!this.all.has(k)) this.asked.set(k, true);
    return this.run(k, async () => {
      try {
        this.take(await this.retried(() => this.api.thread(room, Number(root))));
      } catch (e) {
        this.all.delete(k); // it is gone, or one may not see it any more
        throw e;
      } finally {
        this.asked.delete(k);
      }
    });
  }

  /** Takes an answer. A late one does not set the pointer back. */
  private take(t: MyThread): void {
    const k = keyOf(t),
      was = this.all.get(k),
      now = later(was, t);
    if (was || follows(now) || this.shown.has(k)) this.all.set(k, now);
    if (this.beyond && (!!was && isUnread(was)) !== isUnread(now))
      this.soon("recount", () => void this.run("recount", () => this.recount()));
  }

  private async run(what: string, f: () => Promise<void>): Promise<void> {
    try {
      await this.jobs.run(what, f);
    } catch (e) {
      if (!(e instanceof ApiError)) throw e; // a refusal: the next event asks again
    }
  }

  private retried<T>(f: () => Promise<T>): Promise<T> {
    return retried(f, { isOver: () => this.connection.isOver() }, this.pause);
  }

  /** Keeps a thread present while it is on screen; returns what ends that. */
  show(room: string, root: number): () => void {
    const k = threadKey(room, root);
    this.shown.set(k, (this.shown.get(k) ?? 0) + 1);
    if (!this.list.keys.includes(k) || !this.all.has(k)) void this.fetch(k);
    return () => {
      const left = this.shown.get(k)! - 1;
      if (left) return void this.shown.set(k, left);
      this.shown.delete(k);
      if (!follows(this.all.get(k))) this.all.delete(k);
    };
  }

  /** Moves the pointer of a thread because one asks for it. */
  mark(room: string, root: number, seq: number): Promise<boolean> {
    return this.notices.attempt(async () => this.take(await this.api.readThread(room, root, seq)));
  }

  /** Reads all threads to their ends; returns whether that was done. `give` gives one command, and returns whether it was done. */
  async readAll(give: (f: () => Promise<void>) => Promise<boolean>): Promise<boolean> {
    for (;;) {
      const waiting = this.waiting;
      let done = true;
      for (const { room, root, latest, read_seq } of waiting) {
        const end = Math.max(latest.at(-1)?.seq ?? 0, read_seq);
        done = (await give(async () => this.take(await this.api.readThread(room, root.seq, end)))) && done;
      }
      if (!done || !this.beyond || !waiting.length) return done;
      await this.run("unread", () => this.count());
    }
  }

  /** Moves it because one reads; returns whether it did. A failure is not shown: the next reading moves it again. */
  async read(room: string, root: number, seq: number): Promise<boolean> {
    try {
      this.take(await this.api.readThread(room, root, seq));
      return true;
    } catch (e) {
      if (!(e instanceof ApiError)) throw e;
      return false;
    }
  }

  /** Whether a thread is drawn as followed. */
  isFollowed(room: string, root: number): boolean {
    return this.wishes.of(threadKey(room, root), follows(this.of(room, root)));
  }

  follow(room: string, root: number, on: boolean): Promise<boolean> {
    return this.wishes.wish(threadKey(room, root), on, async (on) =>
      this.take(await this.api.followThread(room, root, on)),
    );
  }

  /** One has left a room: its threads go. */
  drop(room: string): void {
    for (const [k, t] of this.all) if (t.room === room) this.all.delete(k);
    for (const k of this.due.keys()) if (k.startsWith(`${room}/`)) this.due.delete(k);
  }

  /** One goes to the list, and not back to it: it begins anew. */
  renew(): void {
    if (this.open) void this.load(this.list.unread);
    else this.list = NO_LIST;
  }

  /** Loads the list from its beginning. */
  async load(unread: boolean): Promise<void> {
    this.top = 0;
    this.list = { ...NO_LIST, unread };
    await this.more();
  }

  /** Loads the next page of the list. */
  async more(): Promise<void> {
    const list = this.list;
    if (list.loaded && !list.next) return;
    try {
      const page = await this.api.threads(list.unread, LISTED, list.next);
      if (this.list !== list) return; // another list was asked for
      for (const t of page.threads) this.take(t);
      this.list = continued(list, page);
    } catch (e) {
      if (!(e instanceof ApiError)) throw e;
      if (this.list === list) this.list = { ...list, failed: e.message };
    }
  }
}
