// Keeps the state equal to the server's: heals gaps by asking what changed, reconciles after every reconnection, and sends
// the outbox. Correctness never rests on push alone.
import {
  asking,
  takeChanges,
  takeGone,
  takeMessage,
  takeMore,
  takePage,
  takeRoom,
  takeRooms,
  takeUsers,
} from "../core/answers";
import { apply, type Need, type State } from "../core/state";
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

interface Job {
  again: boolean;
  done: Promise<void>;
}

const pause = (ms: number): Promise<void> => new Promise((r) => setTimeout(r, ms));

export class Sync {
  private roomsTag = "";
  private usersTag = "";
  private epoch = "";
  private fetching = new Map<string, Job>();
  private sending = new Set<string>();

  constructor(
    private api: typeof Api,
    private state: State,
    private outbox: Outbox,
    private hooks: SyncHooks,
    private sleep = pause,
  ) {}

  event(e: LiveEvent): void {
    this.heed(apply(this.state, e, Date.now()));
  }

  /** Compares everything that is held with the server's: after a reconnection, a sleep, and now and then. */
  async reconcile(): Promise<void> {
    await Promise.all([this.fetch("rooms", () => this.rooms()), this.fetch("users", () => this.users())]);
  }

  private heed(needs: readonly Need[]): void {
    for (const n of needs) {
      if (n.what === "changes") this.begin(`changes ${n.room}`, () => this.changes(n.room));
      else if (n.what === "room") this.begin(`room ${n.room}`, () => this.room(n.room));
      else if (n.what === "users") this.begin("users", () => this.users());
      else {
        this.roomsTag = ""; // something is missing that the last list may have had
        this.begin("rooms", () => this.rooms());
      }
    }
  }

  /** A fetch nobody waits for. What the server refuses for good is asked again with the next reason to. */
  private begin(what: string, f: () => Promise<void>): void {
    this.fetch(what, f).catch((e: unknown) => {
      if (!(e instanceof ApiError)) throw e;
    });
  }

  /** Runs a fetch, once at a time; asked for meanwhile, it runs once more. */
  private async fetch(what: string, f: () => Promise<void>): Promise<void> {
    const running = this.fetching.get(what);
    if (running) {
      running.again = true;
      return running.done;
    }
    const job: Job = { again: false, done: Promise.resolve() };
    this.fetching.set(what, job);
    job.done = (async () => {
      try {
        do {
          job.again = false;
          await f();
        } while (job.again);
      } finally {
        this.fetching.delete(what);
      }
    })();
    return job.done;
  }

  private async rooms(): Promise<void> {
    const asked = asking(this.state),
      list = await this.retried(() => this.api.rooms(this.roomsTag));
    if (!list) return;
    if (this.epoch && list.epoch !== this.epoch) return this.hooks.restored(list.epoch);
    this.epoch = list.epoch;
    this.roomsTag = list.etag;
    this.heed(takeRooms(this.state, list.rooms, asked));
  }

  private async users(): Promise<void> {
    const asked = asking(this.state),
      list = await this.retried(() => this.api.users(this.usersTag));
    if (!list) return;
    const needs = takeUsers(this.state, list.users, asked);
    this.usersTag = needs.length ? "" : list.etag;
    this.heed(needs);
  }

  /** The room's own counts, after a delay that spreads many clients. */
  private async room(room: string): Promise<void> {
    await this.sleep(Math.random() * 2000);
    const asked = asking(this.state);
    try {
      this.heed(takeRoom(this.state, await this.retried(() => this.api.room(room)), asked));
    } catch (e) {
      if (!(e instanceof ApiError)) throw e;
      if (e.status === 404) this.heed(takeGone(this.state, room, asked));
    }
  }

  /** What changed in a room since what is held of it. */
  private async changes(room: string): Promise<void> {
    const r = this.state.rooms.get(room);
    if (!r?.loaded) return;
    try {
      for (let next: number | undefined = r.held; next !== undefined;) {
        const at: number = next,
          c = await this.retried(() => this.api.changes(room, at));
        const taken = takeChanges(this.state, room, r.held, c);
        next = taken.next;
        this.heed(taken.needs);
      }
    } catch (e) {
      if (!(e instanceof ApiError)) throw e;
      if (e.status === 410) await this.latest(room);
      else if (e.status === 404) this.heed([{ what: "room", room }]);
    }
  }

  /** Gives a command that is answered by a room of one's own. */
  async command(f: () => Promise<MyRoom>): Promise<MyRoom> {
    const asked = asking(this.state),
      room = await f();
    this.heed(takeRoom(this.state, room, asked));
    return room;
  }

  /** Loads the latest page, or the one around a message. */
  async latest(room: string, around?: number): Promise<void> {
    this.heed(
      takePage(
        this.state,
        room,
        await this.retried(() => this.api.page(room, around ? { around, limit: 80 } : { limit: 60 })),
      ),
    );
  }

  async more(room: string, older: boolean): Promise<void> {
    const r = this.state.rooms.get(room);
    const edge = older ? r?.messages[0]?.seq : r?.messages.at(-1)?.seq;
    if (edge)
      this.heed(
        takeMore(this.state, room, await this.api.page(room, older ? { before: edge } : { after: edge }), older, edge),
      );
  }

  /** Puts the answer to one's own command in place, before or after its event. */
  took(m: Message): void {
    takeMessage(this.state, m);
  }

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
    const rooms = new Set(
      this.outbox
        .all()
        .filter((o) => !o.failed)
        .map((o) => o.room),
    );
    for (const room of rooms) if (!this.sending.has(room)) void this.drain(room);
  }

  private async drain(room: string): Promise<void> {
    this.sending.add(room);
    try {
      for (let next: Outgoing | undefined; (next = this.outbox.all().find((o) => o.room === room && !o.failed));)
        await this.one(next);
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
