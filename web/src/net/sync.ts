// Keeps the state equal to the server's: heals gaps by asking what changed, reconciles after every reconnection, and sends
// the outbox. Correctness never rests on push alone.
import { apply, keepRead, reconcile, type Need, type State } from "../core/state";
import { freshRoom, extend, merge, show, type RoomState } from "../core/room";
import type { Outbox, Outgoing } from "../core/outbox";
import type { LiveEvent, MyRoom, Message } from "../wire/types";
import { ApiError } from "./api";
import type * as Api from "./api";

export interface SyncHooks {
  /** The outbox holds other rows. */
  sent(): void;
  /** The workspace was restored: everything but outbox and drafts is to be dropped. */
  restored(epoch: string): void;
  signedOut(): void;
}

const pause = (ms: number): Promise<void> => new Promise((r) => setTimeout(r, ms));

export class Sync {
  private etag = "";
  private epoch = "";
  private healing = new Map<string, boolean>(); // room → asked again meanwhile
  private counting = new Set<string>();
  private sending = new Set<string>();
  private reconciling: Promise<void> | undefined;

  constructor(private api: typeof Api, private state: State, private outbox: Outbox, private hooks: SyncHooks, private sleep = pause) {}

  event(e: LiveEvent): void {
    for (const n of apply(this.state, e, Date.now())) this.heed(n);
  }

  private heed(n: Need): void {
    if (n.what === "changes") void this.heal(n.room);
    else if (n.what === "room") void this.recount(n.room);
    else void this.reconcile();
  }

  /** Compares one's rooms with what is held; once at a time. */
  reconcile(): Promise<void> {
    return (this.reconciling ??= this.compare().finally(() => (this.reconciling = undefined)));
  }

  private async compare(): Promise<void> {
    const list = await this.retried(() => this.api.rooms(this.etag));
    if (!list) return;
    if (this.epoch && list.epoch !== this.epoch) return this.hooks.restored(list.epoch);
    this.epoch = list.epoch;
    this.etag = list.etag;
    for (const n of reconcile(this.state, list.rooms)) this.heed(n);
  }

  /** Fetches what changed in a room since what is held; of a room that is not loaded, its counts. */
  private async heal(room: string): Promise<void> {
    if (this.healing.has(room)) return void this.healing.set(room, true);
    this.healing.set(room, false);
    try {
      do {
        this.healing.set(room, false);
        await this.catchUp(room);
      } while (this.healing.get(room));
    } finally {
      this.healing.delete(room);
    }
  }

  private async catchUp(room: string): Promise<void> {
    const r = this.state.rooms.get(room);
    if (!r) return;
    if (r.loaded) {
      try {
        for (let more = true, since = r.held; more; ) {
          const c = await this.retried(() => this.api.changes(room, since));
          since = c.next;
          more = c.more;
          this.change(room, (s) => c.messages.reduce((s, m) => merge(s, m, this.state.me), s));
          if (!more) this.change(room, (s) => ({ ...s, held: Math.max(s.held, c.head) }));
        }
      } catch (e) {
        if (!(e instanceof ApiError) || e.status !== 410) return this.lost(room, e);
        await this.latest(room);
      }
    }
    await this.count(room);
  }

  /** The room's own counts, after a delay that spreads many clients. */
  private async recount(room: string): Promise<void> {
    if (this.counting.has(room)) return;
    this.counting.add(room);
    await this.sleep(Math.random() * 2000);
    this.counting.delete(room);
    await this.count(room);
  }

  private async count(room: string): Promise<void> {
    try {
      this.known(await this.retried(() => this.api.room(room)));
    } catch (e) {
      this.lost(room, e);
    }
  }

  /** Takes a MyRoom as of now. */
  known(room: MyRoom): void {
    const r = this.state.rooms.get(room.id);
    if (!r) return void this.state.rooms.set(room.id, freshRoom(room));
    const next = { ...r, room: keepRead(r.room, room) };
    this.state.rooms.set(room.id, r.loaded ? next : { ...next, held: Math.max(r.held, room.rev) });
    if (r.loaded && room.rev > r.held) void this.heal(room.id);
  }

  private lost(room: string, e: unknown): void {
    if (e instanceof ApiError && e.status === 404) this.state.rooms.delete(room);
    else if (!(e instanceof ApiError)) throw e;
  }

  private change(room: string, f: (r: RoomState) => RoomState): void {
    const r = this.state.rooms.get(room);
    if (r) this.state.rooms.set(room, f(r));
  }

  /** Loads the latest page, or the one around a message. */
  async latest(room: string, around?: number): Promise<void> {
    const p = await this.retried(() => this.api.page(room, around ? { around, limit: 80 } : { limit: 60 }));
    const before = this.state.rooms.get(room);
    if (!before) return;
    this.state.rooms.set(room, { ...show(before, p), held: p.head });
    if (p.head !== before.held) { // events between the page and what was held: seen by the counts alone, or missed by the page
      if (p.head < before.held) void this.heal(room);
      else void this.count(room);
    }
  }

  async more(room: string, older: boolean): Promise<void> {
    const r = this.state.rooms.get(room);
    const edge = older ? r?.messages[0]?.seq : r?.messages.at(-1)?.seq;
    if (!edge) return;
    const p = await this.api.page(room, older ? { before: edge } : { after: edge });
    this.change(room, (s) => extend(s, p, older));
  }

  /** Puts the answer to one's own command in place, before or after its event. */
  took(m: Message): void { this.change(m.room, (s) => merge(s, m, this.state.me)); }

  /** Repeats what may pass, with jitter, until there is an answer. */
  private async retried<T>(f: () => Promise<T>): Promise<T> {
    for (let tries = 0; ; tries++) {
      try {
        return await f();
      } catch (e) {
        if (e instanceof ApiError && e.status === 401) this.hooks.signedOut();
        if (!(e instanceof ApiError) || !e.passing) throw e;
        await this.sleep(Math.max(e.retryAfter * 1000, Math.random() * Math.min(30_000, 500 * 2 ** tries)));
      }
    }
  }

  /** Sends what waits, one message at a time in a room. */
  flush(): void {
    const rooms = new Set(this.outbox.all().filter((o) => !o.failed).map((o) => o.room));
    for (const room of rooms) if (!this.sending.has(room)) void this.drain(room);
  }

  private async drain(room: string): Promise<void> {
    this.sending.add(room);
    try {
      for (let next: Outgoing | undefined; (next = this.outbox.all().find((o) => o.room === room && !o.failed)); ) await this.one(next);
    } finally {
      this.sending.delete(room);
    }
  }

  private async one(o: Outgoing): Promise<void> {
    try {
      const m = await this.retried(() => this.api.post(o.room, o.client_id, o.text));
      this.outbox.remove(o.client_id);
      this.took(m);
    } catch (e) {
      if (!(e instanceof ApiError) || e.status === 401) throw e;
      this.outbox.put({ ...o, failed: e.message });
    }
    this.hooks.sent();
  }
}
