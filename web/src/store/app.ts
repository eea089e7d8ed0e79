// The parts of the client, put together. Components find them by getApp.
import { counted } from "../core/counted";
import { Device } from "../core/device";
import { pathTo } from "../core/paths";
import type { RoomState } from "../core/room";
import { lossOf } from "../core/rooms";
import { finish } from "../lib/finish";
import { wipe } from "../lib/wipe";
import type { LiveEvent } from "../wire/live";
import { Chat } from "./chat.svelte";
import { Clock } from "./clock.svelte";
import { Connection } from "./connection.svelte";
import { Edits } from "./edits.svelte";
import type { Followed } from "./followed.svelte";
import { Formatting, type Pieces } from "./formatting.svelte";
import type { Inbox } from "./inbox.svelte";
import { Messages } from "./messages";
import { Notices } from "./notices.svelte";
import { Outgoing } from "./outgoing.svelte";
import { Rooms } from "./rooms";
import { Router } from "./router.svelte";
import { Session } from "./session.svelte";
import { Settings } from "./settings.svelte";
import { DeviceShelf } from "./shelf.svelte";
import { Soon } from "./soon.svelte";
import type { Uploads } from "./uploads.svelte";
import { Version } from "./version.svelte";
import { Visits } from "./visits.svelte";

export class App {
  readonly clock = new Clock();
  readonly chat = new Chat(
    (r) => this.lost(r.room.id, r.room.name ? `#${r.room.name}` : "a conversation", r.left),
    this.clock,
  );
  readonly visits = new Visits(this.chat);
  readonly router = new Router((room) => this.visits.go(room));
  readonly version = new Version();
  readonly edits = new Edits();
  readonly notices = new Notices();
  readonly formatting: Formatting;
  readonly shelf = new DeviceShelf();
  readonly device = new Device(this.shelf);
  readonly session: Session = new Session({
    prepare: (me) => {
      this.device.enter(me.id);
      this.outgoing.begin(me.id);
      return this.connection.prepare(me.id);
    },
    entered: () => {
      const gone = [...this.device.rooms()].filter((room) => !this.chat.rooms.has(room));
      if (gone.length) this.drop(gone, lossOf(counted(gone.length, "room"), undefined, this.chat.users));
      this.router.cameIn();
      this.visits.go(this.router.room);
      this.connection.connect();
      void this.settings.loadFrequent();
    },
    opened: () => this.router.cameIn(),
    signedOut: () => {
      this.uploads.now?.stop();
      wipe(this.chat.me);
      this.device.forget();
      this.leave("/signin");
    },
  });
  readonly connection: Connection = new Connection(this.chat, {
    up: () => {
      this.outgoing.flush();
      this.version.connected();
      this.later((part) => part.begin());
      this.gallery.now?.begin();
    },
    event: (e) => {
      this.later((part) => part.event(e));
      if (e.type === "emoji") this.gallery.now?.changed();
      this.alerted?.(e);
      for (const f of this.listeners) f(e);
    },
    took: (m) => this.later((part) => part.heard(m)),
    ended: (other) => this.leave(other ? "/" : undefined),
    me: (me) => this.settings.changed(me),
    failed: (why) => this.notices.say(why),
  });
  readonly outgoing: Outgoing = new Outgoing(this.shelf, {
    finish: (text) => finish(text, this.settings.skinTone),
    sent: (m) => this.connection.took(m),
    isOver: () => this.connection.isOver(),
    take: (place, message) => this.uploads.now?.take(place, message),
    check: (ids) => this.uploads.now?.check(this.uploads.now.of(ids)),
    sync: () => this.uploads.now?.sync(),
  });
  readonly following = new Soon(async () => {
    const { Followed } = await import("./followed.svelte");
    return new Followed(this.chat, this.connection, this.notices);
  });
  readonly inbox = new Soon(async () => {
    const { Inbox } = await import("./inbox.svelte");
    return new Inbox(this);
  });
  readonly gallery = new Soon(async () => {
    const { Gallery } = await import("./gallery.svelte");
    return new Gallery(this.connection);
  });
  readonly uploads: Soon<Uploads> = new Soon(async () => {
    const { Uploads } = await import("./uploads.svelte");
    return new Uploads(this);
  });
  readonly settings = new Settings(this.session, this.notices, this.shelf);
  /** Pieces that are loaded when they are needed, and hear of each event while they are on screen. */
  readonly listeners = new Set<(e: LiveEvent) => void>();
  /** Hears of each event too, once what notifies one is loaded. */
  alerted: ((e: LiveEvent) => void) | undefined;
  readonly messages = new Messages(this.connection, this.notices, this.settings);
  readonly rooms = new Rooms(this.chat, this.connection, this.notices, (room) => {
    if (this.router.room !== room) this.router.toRoom(room); // else one stays at the message to which a link led
  });

  constructor(...pieces: Pieces) {
    this.formatting = new Formatting(this.notices, ...pieces);
  }

  /** Tells those parts that are loaded. */
  private later(tell: (part: Followed | Inbox) => void): void {
    for (const { now } of [this.following, this.inbox]) if (now) tell(now);
  }

  /**
   * One is no longer in a room: what one had written there and not sent is deleted. It is said when the room is on screen, and
   * when something was deleted. In the place of the room on screen the one before it is shown.
   */
  private lost(room: string, name: string, how?: RoomState["left"]): void {
    this.later((part) => part.drop(room));
    const shown = this.router.room === room && this.chat.rooms.has(room),
      loss = lossOf(name, how, this.chat.users);
    if (this.device.rooms().has(room) || this.uploads.now?.holds(room)) this.drop([room], loss);
    else if (shown) this.notices.say(loss);
    if (!shown) return;
    const list = matchMedia("(max-width: 719px)").matches,
      next = list ? undefined : this.visits.all.find((v) => v.room !== room && this.chat.rooms.has(v.room));
    this.router.go(next ? pathTo(next.room) : "/", true);
  }

  /** Deletes what was not sent in rooms that one is no longer in, and says so. */
  private drop(rooms: readonly string[], loss: string): void {
    this.device.drop(new Set(rooms));
    this.uploads.now?.drop(rooms);
    this.outgoing.show();
    this.notices.say(`${loss} What you had written there and not sent is deleted.`);
  }

  /** Another tab has changed what the device keeps. */
  heard(e: StorageEvent): void {
    this.shelf.heard(e.key);
    this.outgoing.heard(e);
    this.uploads.now?.heard(e.key);
    if (!this.device.isOver(e)) return;
    if (e.newValue === null) this.device.forget(); // the other tab cannot reach what only this one keeps
    this.leave(e.newValue ? "/" : "/signin");
  }

  /**
   * The session is over: nothing stays on the page, and it is loaded again; at the same address, so that whoever signs in again
   * comes back to it. What the device keeps stays for its owner.
   */
  private leave(to = this.router.path): void {
    this.connection.close();
    this.session.me = undefined; // or the browser's way back would show what was on the page
    location.replace(to);
  }
}
