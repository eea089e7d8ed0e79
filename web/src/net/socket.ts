// The live connection: it reconnects with full jitter, pings, and notices silence. AWS ends a connection after two hours, so the
// next one is opened before that. Events are taken from one line at a time, which keeps their order. Times are those of
// performance.now(), which no change of the device's clock moves.
import { scriptURL } from "../lib/trust";
import type { LiveEvent, Presence } from "../wire/live";
import { Line, type End, type Hello } from "./line";
import { backoff } from "./retry";
import timer from "./timer.worker.ts?worker&url";

export interface SocketHandlers {
  /** A new connection is up, possibly replacing one that still worked. */
  open(h: Hello): void;
  event(e: LiveEvent): void;
  /** The connection was lost. */
  lost(): void;
  /** The session is over. */
  ended(): void;
  /** The users whose presence is to be watched, the most important first. */
  wanted(): string[];
}

/** A room, and the root of the thread that is open in it. */
export interface Place {
  readonly room: string | null;
  readonly thread?: number;
}

const ENDED = 4001;
/** How many users are watched: when the server reports presence by itself, and when the client has to poll. */
const WATCHED = 200,
  POLLED = 20;
/** By how much more the clock of the device advances than the time of the page when the device has slept, ms. */
const SLEPT = 5000;
/** After how long a connection to AWS is renewed, and after how long a failed renewal is repeated, ms. */
const RENEW = 90 * 60_000,
  RENEW_SPREAD = 25 * 60_000,
  RENEW_AGAIN = 60_000;

export class Socket {
  private line: Line | undefined;
  private next: Line | undefined; // the line that will replace it
  private tries = 0;
  private due = 0; // when to connect; 0: not
  private renewal = 0; // when to open the next line; 0: never
  private poll = 0; // when to ask for presence again; 0: the server reports it
  private place: Place = { room: null };
  private state: Presence = "active";
  private ahead = Infinity; // by how much the clock of the device was ahead of the time of the page
  private timer: Worker;

  constructor(
    private url: string,
    private on: SocketHandlers,
  ) {
    this.timer = new Worker(scriptURL(timer), { type: "module" });
    this.timer.onmessage = () => {
      this.wake();
      this.tick(performance.now());
    };
    this.connect();
  }

  /** Says what is on screen. */
  open(place: Place): void {
    this.place = place;
    queueMicrotask(() => {
      // between two rooms there is a moment without one
      const l = this.line;
      if (!l?.hello) return;
      this.sayRoom(l);
      this.sayWatch(l);
    });
  }

  presence(state: Presence): void {
    const back = this.state === "away" && state === "active";
    this.state = state;
    this.say({ type: "presence", state });
    if (back && this.poll) this.poll = performance.now(); // the presence on screen is out of date
  }

  typing(room: string): void {
    this.say({ type: "typing", room });
  }

  /** The device woke up or came online: connects at once, without waiting for the backoff. */
  hurry(): void {
    this.tries = 0;
    if (this.due) return this.connect();
    this.line?.probe();
    this.next?.probe();
  }

  close(): void {
    this.timer.terminate();
    this.due = 0;
    this.line?.close();
    this.next?.close();
    this.line = this.next = undefined;
  }

  /** Sends a command, if the line is up. Before hello only the first open may be sent. */
  private say(command: object): void {
    if (this.line?.hello) this.line.send(command);
  }

  private sayRoom(l: Line): void {
    const place = JSON.stringify(this.place);
    if (l.place === place) return;
    l.place = place;
    l.send({ type: "open", ...this.place });
  }

  private sayWatch(l: Line, again = false): void {
    const users = this.on.wanted().slice(0, l.hello?.presence_poll ? POLLED : WATCHED),
      watched = users.toSorted().join();
    if (watched === l.watched && !(again && watched)) return;
    l.watched = watched;
    l.send({ type: "watch", users });
  }

  private connect(): void {
    this.due = 0;
    this.line = this.dial();
  }

  private dial(): Line {
    return new Line(this.url, {
      open: (l) => this.sayRoom(l), // on AWS hello is the answer to it
      hello: (l, h) => this.greeted(l, h),
      event: (l, e) => {
        if (l === this.line) this.on.event(e);
      },
      end: (l, e) => this.over(l, e),
    });
  }

  private greeted(l: Line, h: Hello): void {
    if (l === this.next) {
      this.line?.close(); // what it would still report is contained in what is fetched now
      this.line = l;
      this.next = undefined;
    }
    const now = performance.now();
    this.tries = 0;
    this.renewal = h.presence_poll ? now + RENEW + Math.random() * RENEW_SPREAD : 0;
    this.poll = h.presence_poll ? now + h.presence_poll * 1000 : 0;
    this.sayRoom(l);
    if (this.state !== "active") this.say({ type: "presence", state: this.state });
    this.sayWatch(l);
    this.on.open(h);
  }

  private over(l: Line, e: End): void {
    if (e.code === ENDED) {
      this.close();
      this.on.lost();
      return this.on.ended();
    }
    if (l === this.next) {
      this.next = undefined;
      this.renewal = performance.now() + (e.retry ?? 0) + RENEW_AGAIN * (1 + Math.random());
      return;
    }
    this.on.lost();
    this.line = this.next; // it may be up sooner than a new one
    this.next = undefined;
    if (!this.line) this.due = performance.now() + (e.retry ?? backoff(this.tries++));
  }

  /** The time of the page may stand still while the device sleeps. A clock that was set forward looks the same, and costs a ping. */
  private wake(): void {
    const ahead = Date.now() - performance.now(),
      slept = ahead - this.ahead > SLEPT;
    this.ahead = ahead;
    if (slept) this.hurry();
  }

  private tick(now: number): void {
    if (this.due) {
      if (now >= this.due) this.connect();
      return;
    }
    for (const l of [this.next, this.line]) {
      if (!l) continue;
      if (l.dead(now)) {
        l.close();
        this.over(l, { code: 0 });
      } else l.keep(now);
    }
    const l = this.line;
    if (!l?.hello) return;
    if (this.renewal && now >= this.renewal && !this.next) {
      this.renewal = 0;
      this.next = this.dial();
    }
    if (this.poll && now >= this.poll && this.state === "active") {
      this.poll = now + (l.hello.presence_poll ?? 0) * 1000;
      this.sayWatch(l, true);
    }
  }
}
