// One WebSocket from its opening to its end, and what was heard on it and when. What follows from that is the Socket's.
import type { LiveEvent } from "../wire/live";

export type Hello = Extract<LiveEvent, { type: "hello" }>;

/** How a connection ended: by a close code, or by a `bye` where the server can send none. */
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

/** Until hello, ms: a serverless home may have to start first. */
const HELLO_WITHIN = 30_000;
/** How long a server may take for an answer, ms. */
const ANSWER_WITHIN = 10_000;

export class Line {
  hello: Hello | undefined;
  /** The room last said to be open, and whom it was last asked to watch. */
  room: string | null = null;
  watched = "";
  private made = Date.now();
  private heard = this.made;
  private sent = this.made;
  private pinged = 0;
  private probed = 0; // since when something has to be heard soon, 0 when not
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
    this.sent = Date.now();
  }

  /** Ends it; nothing more is heard of it. */
  close(): void {
    this.ws.onopen = this.ws.onmessage = this.ws.onclose = null;
    this.ws.close();
  }

  /** The device woke: what may have died meanwhile has to answer soon, whatever the heartbeat. */
  probe(): void {
    this.probed ||= Date.now();
    if (this.hello) this.send({ type: "ping" });
  }

  /** Whether it is to be given up. */
  dead(now: number): boolean {
    if (this.probed && now - this.probed > ANSWER_WITHIN) return true;
    return this.hello ? now - this.heard > this.hello.heartbeat * 1000 + ANSWER_WITHIN : now - this.made > HELLO_WITHIN;
  }

  /** Pings when it has sent nothing for a heartbeat, or heard nothing: not every command is answered. */
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
    this.heard = Date.now();
    this.probed = 0;
    const frame = JSON.parse(data) as LiveEvent | LiveEvent[];
    for (const e of Array.isArray(frame) ? frame : [frame]) {
      if (e.type === "bye") return this.end({ code: e.code, retry: e.retry_ms });
      if (e.type !== "hello") {
        if (this.hello) this.on.event(this, e); // what comes before it is in what is fetched after it
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
