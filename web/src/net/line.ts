// One WebSocket, from its opening to its end. It records when something was sent or received; Socket decides what to do.
import type { LiveEvent } from "../wire/live";

export type Hello = Extract<LiveEvent, { type: "hello" }>;

/** How a connection ended: with a close code, or with a `bye` event from a server that cannot send close codes (AWS). */
export interface End {
  code: number;
  retry?: number | undefined;
}

export interface LineHandlers {
  /** It is open: the first frame may go. */
  open(l: Line): void;
  hello(l: Line, h: Hello): void;
  /** An event after hello. */
  event(l: Line, e: LiveEvent): void;
  end(l: Line, e: End): void;
}

/** The longest wait for hello, ms. On AWS a function may have to start first. */
const HELLO_WITHIN = 30_000;
/** The longest wait for an answer, ms. */
const ANSWER_WITHIN = 10_000;

export class Line {
  hello: Hello | undefined;
  /** What the server was last told is on screen, and the users whom it was last asked to watch. */
  place = "";
  watched = "";
  private made = performance.now();
  private heard = this.made;
  private sent = this.made;
  private pinged = -Infinity;
  private probed = Infinity; // when probe() was called, if nothing was received since
  private ws: WebSocket;

  constructor(
    url: string,
    private on: LineHandlers,
  ) {
    this.ws = new WebSocket(url);
    this.ws.onopen = () => this.on.open(this);
    this.ws.onmessage = (m: MessageEvent<string>) => this.frame(m.data);
    this.ws.onclose = (e) => {
      const hint = /^retry (\d+)$/.exec(e.reason);
      this.end({ code: e.code, retry: hint ? Number(hint[1]) : undefined });
    };
  }

  send(command: object): void {
    if (this.ws.readyState !== WebSocket.OPEN) return;
    this.ws.send(JSON.stringify(command));
    this.sent = performance.now();
  }

  /** Closes it. No handler is called afterwards. */
  close(): void {
    this.ws.onopen = this.ws.onmessage = this.ws.onclose = null;
    this.ws.close();
  }

  /** The device woke up and the connection may be dead: the server must answer soon, whatever the heartbeat is. */
  probe(): void {
    this.probed = Math.min(this.probed, performance.now());
    if (this.hello) this.send({ type: "ping" });
  }

  /** Whether nothing was received for so long that the connection counts as dead. */
  dead(now: number): boolean {
    if (now - this.probed > ANSWER_WITHIN) return true;
    return this.hello ? now - this.heard > this.hello.heartbeat * 1000 + ANSWER_WITHIN : now - this.made > HELLO_WITHIN;
  }

  /** Pings when nothing was sent, or nothing received, for one heartbeat: not every command has an answer. */
  keep(now: number): void {
    if (
      !this.hello ||
      now - Math.min(this.sent, this.heard) <= this.hello.heartbeat * 1000 ||
      now - this.pinged <= ANSWER_WITHIN
    )
      return;
    this.pinged = now;
    this.send({ type: "ping" });
  }

  private frame(data: string): void {
    this.heard = performance.now();
    this.probed = Infinity;
    const frame = JSON.parse(data) as LiveEvent | LiveEvent[];
    for (const e of Array.isArray(frame) ? frame : [frame]) {
      if (e.type === "bye") return this.end({ code: e.code, retry: e.retry_ms });
      if (e.type !== "hello") {
        if (this.hello) this.on.event(this, e); // events before hello are contained in what is fetched after it
      } else if (!this.hello) {
        this.hello = e;
        this.on.hello(this, e);
      }
    }
  }

  private end(e: End): void {
    this.close();
    this.on.end(this, e);
  }
}
