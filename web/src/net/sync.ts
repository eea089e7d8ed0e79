// Keeps the state equal to the server's. It fetches what is missing after a gap, and compares everything after each new
// connection. Correctness never depends on live events alone.
import {
  asking,
  takeAsides,
  takeChanges,
  takeGone,
  takeMessage,
  takeMore,
  takeMoreReplies,
  takePage,
  takeReplies,
  takeRoom,
  takeRooms,
  takeUsers,
} from "../core/answers";
import { membersStale } from "../core/members";
import { update } from "../core/rooms";
import { apply, type Need, type State } from "../core/state";
import { edgeOf } from "../core/stretch";
import { heldIn, openThread, rootOf } from "../core/threads";
import type { LiveEvent } from "../wire/live";
import type { Me, Message, MyRoom } from "../wire/types";
import { FIRST_PAGE } from "./ahead";
import { ApiError } from "./api";
import type * as Api from "./api";
import { Jobs } from "./jobs";
import { retried, sleep, type Sleep } from "./retry";

export interface SyncHooks {
  /** The workspace was restored from a backup: everything but the outbox and the drafts is to be dropped. */
  restored(epoch: string): void;
  /** The server knows no session for a request: whether it is over. */
  isOver(): Promise<boolean>;
  /** One's own settings or profile, after they changed. */
  me(me: Me): void;
  /** Something that is on screen cannot be fetched. */
  failed(why: string): void;
}

/** The counts of a room are fetched after a random delay, so that many clients do not ask at once, ms. */
export const SPREAD = 2000;
/** How many replies are fetched at once. */
const REPLIES = 60;
/** Pages of changes in which unread replies are looked for. */
const SEARCHED = 10;

export class Sync {
  private roomsTag = "";
  private usersTag = "";
  private epoch = "";
  private jobs = new Jobs();

  constructor(
    private api: typeof Api,
    private state: State,
    private on: SyncHooks,
    private pause: Sleep = sleep,
  ) {}

  event(e: LiveEvent): void {
    this.fetchAll(apply(this.state, e, performance.now()));
    if (e.type === "user" && e.user.id === this.state.me) this.me(); // the event leaves the settings out
    if (e.type === "workspace" || e.type === "resync") this.me(SPREAD);
  }

  /** Fetches oneself, with one's settings and those of the workspace, after a random delay of at most `spread` ms. */
  me(spread = 0): void {
    this.begin("me", async () => {
      if (spread) await this.pause(Math.random() * spread);
      this.on.me(await this.retried(() => this.api.me()));
    });
  }

  /** Compares everything in memory with the server's state: after a new connection, after a sleep, and now and then. */
  async reconcile(): Promise<void> {
    await Promise.all([this.jobs.run("rooms", () => this.rooms()), this.jobs.run("users", () => this.users())]);
  }

  private fetchAll(needs: readonly Need[]): void {
    for (const n of needs) {
      if (n.what === "changes") this.begin(`changes ${n.room}`, () => this.changes(n.room));
      else if (n.what === "room") this.begin(`room ${n.room}`, () => this.room(n.room));
      else if (n.what === "users") this.begin("users", () => this.users());
      else {
        this.roomsTag = ""; // a room is missing that the last list may have held
        this.begin("rooms", () => this.rooms());
      }
    }
    this.refresh();
  }

  /** Fetches member lists on screen that may have changed. */
  private refresh(): void {
    const { rooms, members } = this.state;
    for (const [id, l] of members)
      if (membersStale(l, rooms.get(id)))
        this.begin(`members ${id}`, () => this.memberList(id), this.refused(members, id));
  }

  /** Marks a list on screen whose fetch was refused. */
  private refused<T extends object>(lists: Map<string, T>, id: string): (why: string) => void {
    return (why) => {
      const l = lists.get(id);
      if (l) lists.set(id, { ...l, failed: true });
      this.on.failed(why);
    };
  }

  /** Starts a fetch that nobody waits for. After a refusal, the next reason to fetch it starts it again. */
  private begin(what: string, f: () => Promise<void>, failed?: (why: string) => void): void {
    this.jobs.run(what, f).catch((e: unknown) => {
      if (!(e instanceof ApiError)) throw e;
      failed?.(e.message);
    });
  }

  private retried<T>(f: () => Promise<T>): Promise<T> {
    return retried(f, this.on, this.pause);
  }

  private async rooms(): Promise<void> {
    const asked = asking(this.state),
      list = await this.retried(() => this.api.rooms(this.roomsTag));
    if (!list) return;
    if (this.epoch && list.epoch !== this.epoch) return this.on.restored(list.epoch);
    this.epoch = list.epoch;
    this.roomsTag = list.etag;
    this.fetchAll(takeRooms(this.state, list.rooms, asked));
  }

  private async users(): Promise<void> {
    const asked = asking(this.state),
      list = await this.retried(() => this.api.users(this.usersTag));
    if (!list) return;
    const needs = takeUsers(this.state, list.users, asked);
    this.usersTag = needs.length ? "" : list.etag;
    this.fetchAll(needs);
  }

  private async room(room: string): Promise<void> {
    await this.pause(Math.random() * SPREAD);
    const asked = asking(this.state);
    try {
      this.fetchAll(takeRoom(this.state, await this.retried(() => this.api.room(room)), asked));
    } catch (e) {
      if (!(e instanceof ApiError)) throw e;
      if (e.status === 404) this.fetchAll(takeGone(this.state, room, asked));
    }
  }

  /** Fetches what changed in a room since the revision in memory. */
  private async changes(room: string): Promise<void> {
    const r = this.state.rooms.get(room);
    if (!r?.loaded) return;
    try {
      const since = heldIn(this.state, room);
      for (let next: number | undefined = since; next !== undefined;) {
        const at: number = next,
          c = await this.retried(() => this.api.changes(room, at));
        const taken = takeChanges(this.state, room, since, c);
        next = taken.next;
        this.fetchAll(taken.needs);
      }
    } catch (e) {
      if (!(e instanceof ApiError)) throw e;
      if (e.status === 410) await this.latest(room).then(() => this.replies(room));
      else if (e.status === 404) this.fetchAll([{ what: "room", room }]);
    }
  }

  /** Gives a command that is answered by one of one's rooms. */
  async command(f: () => Promise<MyRoom>): Promise<MyRoom> {
    const asked = asking(this.state),
      room = await f();
    this.fetchAll(takeRoom(this.state, room, asked));
    return room;
  }

  /** Loads the latest page, or the one around a message. */
  async latest(room: string, around?: number): Promise<void> {
    const of = around ? { around, limit: 80 } : { limit: FIRST_PAGE };
    this.fetchAll(takePage(this.state, room, await this.retried(() => this.api.page(room, of))));
  }

  /** A message that is not in memory; undefined when it does not exist. */
  async message(room: string, seq: number): Promise<Message | undefined> {
    try {
      return await this.retried(() => this.api.message(room, seq));
    } catch (e) {
      if (e instanceof ApiError && e.status === 404) return undefined;
      throw e;
    }
  }

  /** Loads the page before the first message in memory, or after the last. */
  async more(room: string, older: boolean): Promise<void> {
    const r = this.state.rooms.get(room);
    const edge = older ? r?.messages[0]?.seq : r?.messages.at(-1)?.seq;
    if (!edge) return;
    const page = await this.retried(() => this.api.page(room, older ? { before: edge } : { after: edge }));
    this.fetchAll(takeMore(this.state, room, page, older, edge));
  }

  /** Takes the answer to one's own command, which may come before its event or after it. */
  took(m: Message): void {
    takeMessage(this.state, m);
  }

  /** Keeps the replies to a message present until the thread is closed: from now on the latest ones, or those around one. */
  openThread(room: string, root: number, around?: number): void {
    const { threads } = this.state;
    threads.set(room, openThread(room, root));
    this.begin(`thread ${room} ${root}`, () => this.replies(room, around), this.refused(threads, room));
  }

  closeThread(room: string): void {
    this.state.threads.delete(room);
  }

  /** Looks for unread replies that mention me among what changed since one has read. */
  findMentions(room: string): void {
    this.begin(`mentions ${room}`, () => this.mentions(room));
  }

  private async mentions(room: string): Promise<void> {
    const r = this.state.rooms.get(room);
    if (!r?.loaded || r.searched) return;
    let next: number | undefined = r.room.read_seq; // the revision of a message is not below its seq
    try {
      for (let page = 0; page < SEARCHED && next !== undefined; page++) {
        const at: number = next,
          c = await this.retried(() => this.api.changes(room, at));
        takeAsides(this.state, room, c.messages);
        next = c.more ? c.next : undefined;
      }
    } finally {
      update(this.state, room, (r) => ({ ...r, searched: true })); // what was refused is not asked for again
    }
  }

  /** Loads the page of replies before the first one in memory, or after the last. */
  async moreReplies(room: string, older: boolean): Promise<void> {
    const t = this.state.threads.get(room),
      edge = edgeOf(t, older);
    if (!t || !edge) return;
    const of = { thread: t.root, [older ? "before" : "after"]: edge, limit: REPLIES };
    const page = await this.api.page(room, of);
    this.fetchAll(takeMoreReplies(this.state, room, t.root, page, older, edge));
  }

  private async replies(room: string, around?: number): Promise<void> {
    const root = this.state.threads.get(room)?.root;
    if (!root) return;
    const page = await this.retried(() => this.api.page(room, { thread: root, around, limit: REPLIES }));
    const r = this.state.rooms.get(room),
      first = r && !rootOf(r, root) ? await this.message(room, root) : undefined;
    this.fetchAll(takeReplies(this.state, room, root, page, first));
  }

  /** Keeps the members of a room present until the list is closed. */
  openMembers(room: string): void {
    this.state.members.set(room, { members: [] });
    this.refresh();
  }

  closeMembers(room: string): void {
    this.state.members.delete(room);
  }

  private async memberList(room: string): Promise<void> {
    const version = this.state.rooms.get(room)?.membersVersion,
      l = this.state.members.get(room);
    if (version === undefined || !l || l.version === version) return;
    this.state.members.set(room, { ...l, version });
    const members = await this.retried(() => this.api.members(room));
    const now = this.state.members.get(room);
    if (now) this.state.members.set(room, { ...now, members });
  }
}
