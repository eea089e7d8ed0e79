// Shows what the server says this browser is to notify one of. The server tells one tab. Of all tabs, the one that holds a lock shows
// the notification, so that it can be closed when the message is read, on any device.
import { alertOf, inView, isRead, type Alert } from "../core/notify";
import { pathOf, pathTo } from "../core/paths";
import { notify } from "../lib/notification";
import { tone } from "../lib/tone";
import type { LiveEvent } from "../wire/live";
import type { Message, NotifyEvent } from "../wire/types";
import type { App } from "./app";
import type { Permission } from "./permission.svelte";

type Parts = Pick<App, "chat" | "connection" | "following" | "router" | "session">;

/** What the tabs of a browser tell each other: show this, as I say at this time; it is being shown. */
export type Told = { readonly alert: Alert; readonly at: number } | { readonly taken: Alert };

/** How long the tab that shows notifications has to answer, ms. A browser may have put it to sleep. */
const ANSWER_WITHIN = 1000;
/** How long it is waited for a message that did not come with an event, ms. */
const FETCHED_WITHIN = 3000;
/** At most so many messages are fetched at a time; of another one it is said that it is new. */
const FETCHED_AT_ONCE = 4;
/** How many messages are kept until it is known whether they notify one. */
const KEPT = 50;
/** At most one tone is played in this time, ms. */
const PAUSE = 2000;

interface Shown {
  readonly alert: Alert;
  readonly close: () => void;
}

export class Notifier {
  /** This tab holds the lock. */
  holds = false;
  /** Something was to be shown, and the person was not asked yet. */
  asks = $state(false);
  /** By room: a newer one takes the place of the one before. */
  private shown = $state.raw<ReadonlyMap<string, Shown>>(new Map());
  private heard = new Map<string, Message>();
  /** The last message of each room of which one was notified. */
  private last = new Map<string, number>();
  /** Those that were handed over, until the other tab answers. */
  private handed = new Map<string, ReturnType<typeof setTimeout>>();
  private fetching = 0;
  private played = -Infinity;

  constructor(
    private app: Parts,
    private permission: Permission,
    private tell: (what: Told) => void,
  ) {}

  /** Hears of each event, after it is in the state. */
  event(e: LiveEvent): void {
    if (e.type === "notify") void this.notified(e);
    else if (e.type === "message" && e.message) this.keep(e.message);
  }

  private keep(m: Message): void {
    const k = `${m.room}/${m.seq}`;
    this.heard.delete(k);
    this.heard.set(k, m);
    if (this.heard.size > KEPT) this.heard.delete(this.heard.keys().next().value!);
    const here = this.shown.get(m.room);
    if (m.deleted_at && here?.alert.seq === m.seq) here.close();
  }

  /** The message; undefined if it cannot be fetched now, null if it is gone. */
  private async find({ room, seq }: NotifyEvent): Promise<Message | undefined | null> {
    const known = this.heard.get(`${room}/${seq}`);
    if (known) return known.deleted_at ? null : known;
    if (this.fetching >= FETCHED_AT_ONCE) return undefined;
    this.fetching++;
    const late = new Promise<undefined>((yes) => setTimeout(yes, FETCHED_WITHIN));
    const fetched = this.app.connection.message(room, seq).then(
      (m) => (m && !m.deleted_at ? m : null),
      () => undefined, // it says that there is a new message, and not which
    );
    return Promise.race([fetched, late]).finally(() => this.fetching--);
  }

  private async notified(e: NotifyEvent): Promise<void> {
    const m = await this.find(e),
      { chat } = this.app,
      r = chat.rooms.get(e.room);
    if (m === null || !r) return;
    const a = alertOf(e, m, r, chat.users, chat.me, chat.title(r));
    if (this.isOver(a)) return;
    this.permission.look();
    if (this.permission.line) this.asks = true;
    this.hand(a);
  }

  /** Whether nothing is to be shown of it any more. The server has looked at this too, a moment ago. */
  private isOver(a: Alert): boolean {
    const { chat, router } = this.app;
    const looking = document.visibilityState === "visible" && inView(a, router.room, router.thread);
    return looking || chat.quiet.has(chat.me) || this.isRead(a) || !!this.heard.get(keyOf(a))?.deleted_at;
  }

  private isRead(a: Alert): boolean {
    const { chat, following } = this.app,
      thread = a.thread && following.now?.of(a.room, a.thread);
    return isRead(a, chat.rooms.get(a.room)?.room, thread ? thread.read_seq : 0);
  }

  /** Shows it, or hands it to the tab that does. If that one does not answer, this one shows it. */
  private hand(a: Alert): void {
    if (this.holds) return this.take(a);
    this.tell({ alert: a, at: Date.now() });
    const timer = setTimeout(() => {
      this.handed.delete(keyOf(a));
      this.take(a);
    }, ANSWER_WITHIN);
    this.handed.set(keyOf(a), timer);
  }

  /** Another tab shows it. */
  private answered(a: Alert): void {
    clearTimeout(this.handed.get(keyOf(a)));
    this.handed.delete(keyOf(a));
  }

  /** Another tab has said something. */
  hears(what: Told): void {
    if ("taken" in what) return this.answered(what.taken);
    const late = Date.now() - what.at >= ANSWER_WITHIN; // this tab was asleep, and the other one has shown it
    if (this.holds && !late) {
      this.tell({ taken: what.alert });
      this.take(what.alert);
    }
  }

  /** Shows it, once. A message that comes after a newer one of its room is in what one sees when one goes there. */
  private take(a: Alert): void {
    if (this.isOver(a) || a.seq <= (this.last.get(a.room) ?? 0)) return;
    this.last.set(a.room, a.seq);
    this.sound();
    this.permission.look();
    if (this.permission.on) this.show(a);
  }

  private sound(): void {
    const now = performance.now();
    if (this.app.session.me?.settings.attention.sound !== "quiet" || now - this.played < PAUSE) return;
    this.played = now;
    tone();
  }

  private show(alert: Alert): void {
    const close = notify({
      title: alert.title,
      body: alert.body,
      tag: alert.room,
      onclick: () => this.open(alert),
      onclose: () => this.forget(alert),
    });
    if (close) this.shown = new Map(this.shown).set(alert.room, { alert, close });
  }

  private forget(a: Alert): void {
    if (this.shown.get(a.room)?.alert.seq !== a.seq) return;
    const rest = new Map(this.shown);
    rest.delete(a.room);
    this.shown = rest;
  }

  private open({ room, seq, thread, aside }: Alert): void {
    this.app.router.go(thread ? pathOf({ room, seq, thread, also_in_room: !aside }) : pathTo(room, seq));
  }

  /** Closes what was read. Runs again when a pointer moves. */
  closeRead(): void {
    for (const { alert, close } of this.shown.values()) {
      if (!this.isRead(alert)) continue;
      close();
      this.forget(alert);
    }
  }

  stop(): void {
    for (const { close } of this.shown.values()) close();
    for (const t of this.handed.values()) clearTimeout(t);
    this.shown = new Map();
  }
}

const keyOf = (a: Alert): string => `${a.room}/${a.seq}`;
