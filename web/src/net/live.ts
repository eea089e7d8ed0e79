// Keeps the state of the chat equal to the server's, over a live connection and over what the page lives through: it is
// hidden and shown, goes offline and comes back.
import { isSearched, saw } from "../core/asides";
import { update } from "../core/rooms";
import type { State } from "../core/state";
import { found } from "../core/stretch";
import { wanted } from "../core/wanted";
import type { LiveEvent, Presence } from "../wire/live";
import type { Me, Message, MyRoom } from "../wire/types";
import * as Api from "./api";
import { Pacer } from "./pacer";
import { sleep } from "./retry";
import { Socket, type SocketHandlers } from "./socket";
import { SPREAD, Sync } from "./sync";

export interface LiveHooks {
  /** A new connection is up: what waits can be sent. */
  up(): void;
  /** The session is over; `other`: another person has signed in with this browser. */
  ended(other: boolean): void;
  /** One's own settings or profile, after they changed. */
  me(me: Me): void;
  /** An event came, and is in the state. */
  event?(e: LiveEvent): void;
  /** A message answered a command, and is in the state. */
  took?(m: Message): void;
  /** Something that is on screen cannot be fetched. */
  failed(why: string): void;
}

/** How often a visible page compares everything with the server, ms. */
const COMPARED = 5 * 60_000;

/** A renewed cookie arrives within this time after the server ended the one before, ms. */
const RENEWED = 1000;

export type Dial = (url: string, on: SocketHandlers) => Socket;
const newSocket: Dial = (url, on) => new Socket(url, on);

const visible = (): boolean => document.visibilityState === "visible";

export abstract class Live {
  private socket: Socket | undefined;
  private sync: Sync | undefined;
  private room: string | null = null;
  private visit: symbol | undefined;
  private asking: Promise<boolean> | undefined;

  constructor(
    private state: State,
    private on: LiveHooks,
    private api: typeof Api = Api,
    private dial: Dial = newSocket,
  ) {}

  /** Since when there is no connection, in the time of the page, ms; 0 while there is one. */
  abstract offlineSince: number;

  /** Fetches one's rooms and the directory. */
  async prepare(me: string): Promise<void> {
    this.state.me = me;
    this.sync = new Sync(this.api, this.state, {
      restored: () => location.reload(),
      isOver: () => this.isOver(),
      me: (me) => this.on.me(me),
      failed: (why) => this.on.failed(why),
    });
    await this.sync.reconcile();
  }

  /** Opens the socket, and from then on keeps it open. */
  connect(): void {
    const url = new URL("/ws", location.href);
    url.protocol = url.protocol.replace("http", "ws");
    const pacer = new Pacer<LiveEvent>((e) => {
      this.sync?.event(e);
      this.on.event?.(e);
    });
    this.socket = this.dial(url.href, {
      open: (h) => {
        if (h.user !== this.state.me) return this.on.ended(true);
        if (this.offlineSince) this.sync?.me(SPREAD);
        this.offlineSince = 0;
        void this.sync?.reconcile();
        this.on.up();
      },
      event: pacer.add,
      lost: () => (this.offlineSince ||= performance.now()),
      ended: () => this.on.ended(false),
      wanted: () => (visible() ? wanted(this.state, this.room) : []),
    });
    addEventListener("online", () => this.socket?.hurry());
    document.addEventListener("visibilitychange", () => this.seen());
    setInterval(() => visible() && void this.sync?.reconcile(), COMPARED);
    this.sayRoom();
  }

  /** Whether the person is here. */
  present(state: Presence): void {
    this.socket?.presence(state);
  }

  /** A hidden page has nothing on screen, and shows nobody. */
  private sayRoom(): void {
    const room = visible() ? this.room : null,
      thread = room && this.state.threads.get(room)?.root;
    this.socket?.open(thread ? { room, thread } : { room });
  }

  close(): void {
    this.socket?.close();
  }

  /**
   * Whether the session is over, after a 401. A new password renews the cookie, and a request that left with the one before is
   * refused: so the server is asked once more who is signed in.
   */
  isOver(): Promise<boolean> {
    return (this.asking ??= this.ask().finally(() => (this.asking = undefined)));
  }

  private async ask(): Promise<boolean> {
    await sleep(RENEWED);
    let other = false;
    try {
      other = (await this.api.me()).id !== this.state.me;
      if (!other) return false;
    } catch (e) {
      if (!(e instanceof Api.ApiError) || e.status !== 401) return false; // the request is repeated, and tells
    }
    this.on.ended(other);
    return true;
  }

  /** The page was shown or hidden. */
  private seen(): void {
    this.sayRoom();
    if (!visible()) return;
    this.socket?.hurry();
    void this.sync?.reconcile();
  }

  /** Says which room is on screen; returns what says that it is not any more, unless another was opened since. */
  open(room: string): () => void {
    const visit = (this.visit = Symbol());
    this.show(room);
    return () => {
      if (this.visit === visit) this.show(null);
    };
  }

  private show(room: string | null): void {
    if (this.room && this.room !== room) this.reading(this.room, false);
    this.room = room;
    this.sayRoom();
  }

  /** Says whether the reader has scrolled away from the end of a room. */
  reading(room: string, away: boolean): void {
    const r = this.state.rooms.get(room);
    if (r && !r.reading !== !away) update(this.state, room, () => ({ ...r, reading: away }));
  }

  /** Whether all unread mentions in a room are known; else they are looked for. */
  knowsMentions(room: string): boolean {
    const r = this.state.rooms.get(room),
      known = !!r && isSearched(r, this.state.me);
    if (!known) this.sync?.findMentions(room);
    return known;
  }

  /** A reply that mentions me was in sight. */
  sawReply(room: string, seq: number): void {
    update(this.state, room, (r) => saw(r, seq));
  }

  typing(room: string): void {
    this.socket?.typing(room);
  }

  /** Loads the latest page of a room, or the one around a message. */
  load(room: string, around?: number): Promise<void> {
    return this.sync!.latest(room, around);
  }

  /** A message that is not in memory; undefined when it does not exist. */
  message(room: string, seq: number): Promise<Message | undefined> {
    return this.sync!.message(room, seq);
  }

  /** Loads the page before what is in memory, or after it. */
  more(room: string, older: boolean): Promise<void> {
    return this.sync!.more(room, older);
  }

  /** Gives a command that is answered by one of one's rooms. */
  command(f: () => Promise<MyRoom>): Promise<MyRoom> {
    return this.sync!.command(f);
  }

  /** The newest state in memory of a message. */
  newest(m: Message): Message {
    const r = this.state.rooms.get(m.room),
      t = this.state.threads.get(m.room);
    return (r && found(r.messages, m.seq)) ?? (t && (t.root === m.seq ? t.first : found(t.messages, m.seq))) ?? m;
  }

  /** One has left a room: the answer to the command may come before its event. */
  left(room: string): void {
    this.sync?.event({ type: "left", room, reason: "left" });
  }

  /** Takes the message that answers a command. */
  took(m: Message): void {
    this.sync?.took(m);
    this.on.took?.(m);
  }

  /** Keeps the replies to a message in state.threads; returns what ends that. `around`: the reply to begin at. */
  openThread(room: string, root: number, around?: number): () => void {
    this.sync!.openThread(room, root, around);
    this.sayRoom();
    return () => {
      if (this.state.threads.get(room)?.root === root) this.sync!.closeThread(room);
      this.sayRoom();
    };
  }

  /** Says whether the reader has scrolled away from the end of the open thread. */
  readingThread(room: string, away: boolean): void {
    const t = this.state.threads.get(room);
    if (t && !t.reading !== !away) this.state.threads.set(room, { ...t, reading: away });
  }

  moreReplies(room: string, older: boolean): Promise<void> {
    return this.sync!.moreReplies(room, older);
  }

  /** Keeps the members of a room in state.members; returns what ends that. */
  openMembers(room: string): () => void {
    this.sync!.openMembers(room);
    return () => this.sync!.closeMembers(room);
  }
}
