// The parts of the client, put together. Components find them by getApp.
import { Chat } from "./chat.svelte";
import { Clock } from "./clock.svelte";
import { Connection } from "./connection.svelte";
import { Messages } from "./messages";
import { Notices } from "./notices.svelte";
import { Outgoing } from "./outgoing.svelte";
import { Rooms } from "./rooms";
import { Router } from "./router.svelte";
import { Session } from "./session.svelte";
import { Settings } from "./settings.svelte";
import { Visits } from "./visits.svelte";

export class App {
  readonly chat = new Chat();
  readonly visits = new Visits(this.chat);
  readonly router = new Router((room) => this.visits.go(room));
  readonly clock = new Clock();
  readonly notices = new Notices();
  readonly session: Session = new Session({
    prepare: (me) => {
      this.outgoing.begin(me.id);
      return this.connection.prepare(me.id);
    },
    entered: () => {
      this.visits.go(this.router.room);
      this.connection.connect();
      void this.settings.loadFrequent();
    },
    opened: () => this.router.home(),
    left: () => this.leave(),
  });
  readonly connection: Connection = new Connection(this.chat, {
    up: () => this.outgoing.flush(),
    ended: () => this.leave(),
    failed: (why) => this.notices.say(why),
  });
  readonly outgoing = new Outgoing({
    sent: (m) => this.connection.took(m),
    signedOut: () => this.leave(),
  });
  readonly settings = new Settings(this.session, this.notices);
  readonly messages = new Messages(this.connection, this.notices, this.settings);
  readonly rooms = new Rooms(this.chat, this.connection, this.notices, (room) =>
    this.router.go(room ? `/r/${room}` : "/", !room),
  );

  /** Drops everything but the outbox and the drafts, by loading the page again. */
  private leave(): void {
    this.connection.close();
    location.assign("/signin");
  }
}
