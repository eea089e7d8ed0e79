// For tests of the connection: a fake WebSocket server, and a clock that the test moves.
import { afterEach, beforeEach, vi } from "vitest";
import type { LiveEvent } from "../wire/live";
import { Socket } from "./socket";

export class Wire {
  static all: Wire[] = [];
  static readonly OPEN = 1;
  readyState = 0;
  sent: Record<string, unknown>[] = [];
  closed = false;
  onopen: (() => void) | null = null;
  onmessage: ((m: { data: string }) => void) | null = null;
  onclose: ((e: { code: number; reason: string }) => void) | null = null;

  constructor(readonly url: string) {
    Wire.all.push(this);
  }
  send(frame: string): void {
    this.sent.push(JSON.parse(frame) as Record<string, unknown>);
  }
  close(): void {
    this.closed = true;
    this.readyState = 3;
  }

  accept(): this {
    this.readyState = 1;
    this.onopen?.();
    return this;
  }
  say(e: object): this {
    this.onmessage?.({ data: JSON.stringify(e) });
    return this;
  }
  hello(more: object = {}): this {
    return this.accept().say({ type: "hello", user: "mira", connection: "c", epoch: "e", heartbeat: 25, ...more });
  }
  end(code: number, reason = ""): void {
    this.readyState = 3;
    this.onclose?.({ code, reason });
  }
  /** The commands that were sent since the last call. */
  take(): Record<string, unknown>[] {
    return this.sent.splice(0);
  }
}

let tick = () => {};
class Clock {
  onmessage: () => void = () => {};
  constructor() {
    tick = () => this.onmessage();
  }
  terminate(): void {
    tick = () => {};
  }
}

export const AWS = { heartbeat: 480, presence_poll: 60 };
/** What the socket reports, and whose presence is wanted. */
export const seen = { log: [] as string[], wanted: [] as string[], events: [] as LiveEvent[] };

export const begin = (): Socket =>
  new Socket("ws://home/ws", {
    open: ({ epoch }) => seen.log.push(`open ${epoch}`),
    event: (e) => seen.events.push(e),
    lost: () => seen.log.push("lost"),
    ended: () => seen.log.push("ended"),
    wanted: () => seen.wanted,
  });
export const last = (): Wire => Wire.all.at(-1)!;
/** Lets commands that are sent in a microtask be sent. */
export const settled = (): Promise<void> => Promise.resolve();
/** Moves the clock, second by second. */
export function pass(seconds: number): void {
  for (let i = 0; i < seconds; i++) {
    vi.advanceTimersByTime(1000);
    tick();
  }
}
/** A server that answers pings. */
export function alive(w: Wire, seconds: number): Record<string, unknown>[] {
  const said: Record<string, unknown>[] = [];
  for (let i = 0; i < seconds && !w.closed; i++) {
    pass(1);
    for (const c of w.take()) {
      said.push(c);
      if (c.type === "ping") w.say({ type: "pong" });
    }
  }
  return said;
}

/** Installs the fakes for a test file. */
export function fakes(): void {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.setSystemTime(new Date("2026-11-24T09:00:00Z"));
    vi.stubGlobal("WebSocket", Wire);
    vi.stubGlobal("Worker", Clock);
    vi.spyOn(Math, "random").mockReturnValue(0.5);
    Wire.all = [];
    Object.assign(seen, { log: [], events: [], wanted: ["mira", "jonas"] });
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });
}
