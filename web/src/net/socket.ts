// The live connection: reconnects with full jitter, pings, and notices silence.
import { scriptURL } from "../lib/trust";
import type { LiveEvent, Presence } from "../wire/types";
import timer from "./timer.worker.ts?worker&url";

export interface SocketHandlers {
  /** A new connection is up. */
  open(epoch: string): void;
  event(e: LiveEvent): void;
  /** No connection since now. */
  lost(): void;
  /** The session is over. */
  ended(): void;
}

const FIRST = 500, MOST = 30_000;

/** Full jitter: anywhere up to a bound that doubles with each try. */
export const backoff = (tries: number, random = Math.random): number => random() * Math.min(MOST, FIRST * 2 ** tries);

export class Socket {
  private ws: WebSocket | undefined;
  private tries = 0;
  private heartbeat = 25;
  private sent = 0;
  private heard = 0;
  private due = 0; // when to connect, 0 when not to
  private timer: Worker;
  private said = new Map<string, object>(); // what a new connection has to be told again

  constructor(private url: string, private on: SocketHandlers) {
    this.timer = new Worker(scriptURL(timer), { type: "module" });
    this.timer.onmessage = () => this.tick();
    this.connect();
  }

  open(room: string | null): void { this.remember("open", { type: "open", room }); }
  watch(users: string[]): void { this.remember("watch", { type: "watch", users }); }
  presence(state: Presence): void { this.remember("presence", { type: "presence", state }); }
  typing(room: string): void { this.send({ type: "typing", room }); }

  /** The device woke or came online: do not wait for the backoff. */
  hurry(): void {
    this.tries = 0;
    if (this.due) this.connect();
    else if (Date.now() - this.heard > (this.heartbeat + 10) * 1000) this.ws?.close();
    else this.send({ type: "ping" });
  }

  close(): void {
    this.timer.terminate();
    this.due = 0;
    if (this.ws) this.ws.onclose = this.ws.onmessage = null;
    this.ws?.close();
  }

  private remember(what: string, command: object): void {
    this.said.set(what, command);
    this.send(command);
  }

  private send(command: object): void {
    if (this.ws?.readyState !== WebSocket.OPEN) return;
    this.ws.send(JSON.stringify(command));
    this.sent = Date.now();
  }

  private connect(): void {
    this.due = 0;
    const ws = (this.ws = new WebSocket(this.url));
    this.heard = Date.now();
    ws.onmessage = (m: MessageEvent<string>) => {
      this.heard = Date.now();
      const frame = JSON.parse(m.data) as LiveEvent | LiveEvent[];
      for (const e of Array.isArray(frame) ? frame : [frame]) this.take(e);
    };
    ws.onclose = (e) => {
      if (ws !== this.ws) return;
      this.on.lost();
      if (e.code === 4001) return this.on.ended();
      const hint = /^retry (\d+)$/.exec(e.reason);
      this.due = Date.now() + (hint ? Number(hint[1]) : backoff(this.tries++));
    };
  }

  private take(e: LiveEvent): void {
    if (e.type === "hello") {
      this.tries = 0;
      this.heartbeat = e.heartbeat;
      for (const c of this.said.values()) this.send(c);
      this.on.open(e.epoch);
    } else this.on.event(e);
  }

  private tick(): void {
    const now = Date.now();
    if (this.due) {
      if (now >= this.due) this.connect();
      return;
    }
    if (now - this.heard > (this.heartbeat + 10) * 1000) this.ws?.close();
    else if (now - this.sent > this.heartbeat * 1000) this.send({ type: "ping" });
  }
}
