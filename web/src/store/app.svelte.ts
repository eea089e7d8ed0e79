// The reactive shell over core and net: what components read, and what they may do.
import { untrack } from "svelte";
import { SvelteMap } from "svelte/reactivity";
import * as api from "../net/api";
import { Pacer } from "../net/pacer";
import { Socket } from "../net/socket";
import { Sync } from "../net/sync";
import { Outbox, type Outgoing } from "../core/outbox";
import { sameFrame, type Frame, type RoomState } from "../core/room";
import { update, type State } from "../core/state";
import { wanted } from "../core/wanted";
import type { LiveEvent, Me, Message, MyRoom, Presence, User } from "../wire/types";
import { Router } from "./router.svelte";

export type { RoomState, Outgoing };

/** The rooms, and apart from them what messages do not change: who shows that is left in peace by each message. */
class Rooms extends SvelteMap<string, RoomState> {
  readonly frames = new SvelteMap<string, Frame>();

  override set(id: string, r: RoomState): this {
    const old = untrack(() => this.frames.get(id));
    if (!old || !sameFrame(old, r)) this.frames.set(id, r);
    return super.set(id, r);
  }
  override delete(id: string): boolean {
    this.frames.delete(id);
    return super.delete(id);
  }
}

class Chat implements State {
  me = "";
  rooms = new Rooms();
  users = new SvelteMap<string, User>();
  presence = new SvelteMap<string, Presence>();
  typing = new SvelteMap<string, ReadonlyMap<string, number>>();
  turns = new Map<string, number>();
}

export class App {
  router = new Router();
  chat = new Chat();
  /** undefined while it is not known yet, null when nobody is signed in. */
  me = $state.raw<Me | null | undefined>(undefined);
  workspace = $state.raw<{ name: string; setup: boolean } | undefined>(undefined);
  /** Since when there is no connection, ms; 0 with one. */
  offlineSince = $state(0);
  outgoing = $state.raw<readonly Outgoing[]>([]);
  frequent = $state.raw<readonly string[]>([]);
  notice = $state("");
  /** By handle, as mentions name them. */
  readonly people = $derived(new Map([...this.chat.users.values()].map((u) => [u.handle, u])));
  private socket: Socket | undefined;
  private sync: Sync | undefined;
  private outbox: Outbox | undefined;
  private saving: Promise<void> = Promise.resolve();
  private opened: string | null = null;

  /** Finds out who is signed in. */
  async begin(): Promise<void> {
    try {
      this.workspace = await api.workspace();
      await this.enter(await api.me());
    } catch (e) {
      if (e instanceof api.ApiError && e.status === 401) this.me = null;
      else {
        this.notice = e instanceof Error ? e.message : "";
        setTimeout(() => void this.begin(), 3000);
      }
    }
  }

  /** Starts the chat for who has just signed in. */
  async enter(me: Me): Promise<void> {
    this.notice = "";
    this.chat.me = me.id;
    this.outbox = new Outbox(localStorage, me.id);
    this.outgoing = this.outbox.all();
    const sync = (this.sync = new Sync(api, this.chat, this.outbox, {
      sent: () => (this.outgoing = this.outbox?.all() ?? []),
      restored: () => location.reload(),
      signedOut: () => this.leave(),
    }));
    await sync.reconcile();
    this.me = me;
    this.connect(sync);
    void api.frequentEmoji().then(
      (f) => (this.frequent = f),
      () => undefined,
    ); // the first row has a default
  }

  private connect(sync: Sync): void {
    const at = new URL("/ws", location.href);
    at.protocol = at.protocol.replace("http", "ws");
    const pacer = new Pacer<LiveEvent>((e) => sync.event(e));
    this.socket = new Socket(at.href, {
      open: () => {
        this.offlineSince = 0;
        void sync.reconcile();
        sync.flush();
      },
      event: pacer.add,
      lost: () => (this.offlineSince ||= Date.now()),
      ended: () => this.leave(),
      wanted: () => untrack(() => wanted(this.chat, this.opened)),
    });
    addEventListener("online", () => this.socket?.hurry());
    document.addEventListener("visibilitychange", () => this.seen());
    setInterval(() => document.visibilityState === "visible" && void sync.reconcile(), 5 * 60_000);
    if (document.visibilityState !== "visible") this.socket.presence("away");
    this.socket.open(this.opened);
  }

  private seen(): void {
    const visible = document.visibilityState === "visible";
    this.socket?.presence(visible ? "active" : "away");
    if (!visible) return;
    this.socket?.hurry();
    void this.sync?.reconcile();
  }

  /** Everything of the one who was signed in goes, the outbox and drafts apart. */
  private leave(): void {
    this.socket?.close();
    location.assign("/signin");
  }

  async signOut(): Promise<void> {
    await api.signOut();
    this.leave();
  }

  /** The room on screen; the one before is not read any more. */
  open(room: string | null): void {
    if (this.opened && this.opened !== room) this.reading(this.opened, false);
    this.opened = room;
    this.socket?.open(room);
  }
  /** Says whether the end of a room is out of sight. */
  reading(room: string, away: boolean): void {
    untrack(() => update(this.chat, room, (r) => (!r.reading === !away ? r : { ...r, reading: away })));
  }
  typing(room: string): void {
    this.socket?.typing(room);
  }
  load(room: string, around?: number): Promise<void> {
    return this.sync!.latest(room, around);
  }
  more(room: string, older: boolean): Promise<void> {
    return this.sync!.more(room, older);
  }
  command(f: () => Promise<MyRoom>): Promise<MyRoom> {
    return this.sync!.command(f);
  }

  send(room: string, text: string): void {
    this.queue({ client_id: crypto.randomUUID(), room, text, at: Date.now() });
  }

  /** Puts a row (again) on its way. */
  queue(row: Outgoing): void {
    const { failed: _, ...rest } = row;
    this.outbox?.put(rest);
    this.outgoing = this.outbox?.all() ?? [];
    this.sync?.flush();
  }

  discard(row: Outgoing): void {
    this.outbox?.remove(row.client_id);
    this.outgoing = this.outbox?.all() ?? [];
  }

  /** Does a command and shows why when it fails; true when it was done. */
  async attempt(f: () => Promise<unknown>): Promise<boolean> {
    try {
      await f();
      return true;
    } catch (e) {
      this.say(e instanceof Error ? e.message : String(e));
      return false;
    }
  }

  /** Shows a line for a while. */
  say(text: string): void {
    this.notice = text;
    setTimeout(() => this.notice === text && (this.notice = ""), 6000);
  }

  react(m: Message, emoji: string, on: boolean): Promise<boolean> {
    if (on) this.frequent = [emoji, ...this.frequent.filter((e) => e !== emoji)].slice(0, 24);
    return this.attempt(async () => this.sync?.took(await api.react(m.room, m.seq, emoji, on)));
  }

  /** Joins or leaves an emoji. */
  toggle(m: Message, emoji: string): Promise<boolean> {
    return this.react(m, emoji, !m.reactions.some((r) => r.emoji === emoji && r.me));
  }

  edit(m: Message, text: string): Promise<boolean> {
    return this.attempt(async () => this.sync?.took(await api.edit(m.room, m.seq, text)));
  }
  remove(m: Message): Promise<boolean> {
    return this.attempt(() => api.remove(m.room, m.seq));
  }

  async read(room: string, seq: number): Promise<void> {
    try {
      await this.command(() => api.setRead(room, seq));
    } catch (e) {
      if (!(e instanceof api.ApiError)) throw e; // the pointer moves with the next reading
    }
  }

  /** Shows a setting at once and saves it, after those that are on their way: arrows change the skin tone quickly. */
  async settings(s: Partial<Me["settings"]>): Promise<void> {
    const before = this.me;
    if (!before) return;
    this.me = { ...before, settings: { ...before.settings, ...s } };
    const saved = (this.saving = this.saving.then(async () => {
      let now = before;
      await this.attempt(async () => (now = await api.updateMe({ settings: s })));
      if (this.saving === saved) this.me = now;
    }));
    await saved;
  }

  name(id: string): string {
    return this.chat.users.get(id)?.name ?? "Somebody";
  }

  /** How a room is called: by its name, or by who is in it. */
  title(r: Frame | undefined): string {
    if (!r) return "";
    if (r.room.kind !== "direct") return r.room.name ?? "";
    const others = (r.room.members ?? []).filter((id) => id !== this.chat.me);
    return others.length ? others.map((id) => this.name(id)).join(", ") : "Notes to myself";
  }
}
