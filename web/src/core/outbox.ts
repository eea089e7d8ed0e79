// Messages on their way. Each is kept on the device as a row of its own, so that neither a reload nor another tab loses it.
// Its client_id makes it harmless to send it twice.

import type { NewPoll } from "../wire/types";
import { isAnothers, type Shelf } from "./shelf";

/** The states of sending. What is drawn of each is sendingNote. */
export type Sending =
  /** Not begun: another message of the room is before it, there is no connection, or another tab has written it. */
  | { readonly is: "waiting" }
  /** The request is under way. */
  | { readonly is: "sending"; readonly tries: number }
  /** The last request had no answer, or one that may be different later. It is repeated after a pause. */
  | { readonly is: "retrying"; readonly tries: number }
  /** The server refused it. The author decides: retry or delete. */
  | { readonly is: "failed"; readonly why: string };

/** What happens to a message on its way. That it arrived is no state: the row is removed. */
export type Happening =
  | { readonly what: "begun" }
  | { readonly what: "unanswered" }
  | { readonly what: "refused"; readonly why: string }
  | { readonly what: "requeued" };

export const WAITING: Sending = { is: "waiting" };

/** The state after something happened. What cannot happen in a state leaves it as it is. */
export function after(s: Sending, h: Happening): Sending {
  switch (h.what) {
    case "begun":
      if (s.is === "waiting") return { is: "sending", tries: 1 };
      return s.is === "retrying" ? { is: "sending", tries: s.tries + 1 } : s;
    case "unanswered":
      return s.is === "sending" ? { is: "retrying", tries: s.tries } : s;
    case "refused":
      return s.is === "sending" ? { is: "failed", why: h.why } : s;
    case "requeued":
      return s.is === "failed" ? WAITING : s;
  }
}

/** The words under a message on its way. */
export function sendingNote(s: Sending, offline: boolean, uploads = false): string {
  if (s.is === "failed") return `Not sent: ${s.why}`;
  if (offline) return "Waiting for the connection…";
  if (uploads) return "Waiting for its files…";
  if (s.is === "waiting") return "Waiting to be sent…";
  if (s.is === "retrying") return "Waiting to try again…";
  return s.tries > 1 ? "Sending again…" : "Sending…";
}

/** A message as it is kept on the device. */
interface Kept {
  readonly client_id: string;
  readonly room: string;
  readonly text: string;
  /** The seq of the message that it answers. */
  readonly thread?: number | undefined;
  /** A reply that appears in the timeline too. */
  readonly also_in_room?: boolean | undefined;
  /** The id of the preview of its link. */
  readonly preview?: string | undefined;
  /** It asks the members to confirm that they have read it. */
  readonly confirm?: boolean | undefined;
  /** The poll that it asks in. */
  readonly poll?: NewPoll | undefined;
  /** How long the poll is open once it is there, ms; absent: until poll.closes_at, if that is set. */
  readonly open?: number | undefined;
  /** The uploads of the files that go with it (core/upload). It waits until all of them are there, and other messages go before it. */
  readonly uploads?: readonly string[] | undefined;
  /** Their ids, once they are there. */
  readonly files?: readonly string[] | undefined;
  /** When it was written, ms; later than that of each row before it. */
  readonly at: number;
  /** Why the server refused it; absent while it is on its way. */
  readonly failed?: string;
}

export type OutboxMessage = Omit<Kept, "failed"> & { readonly sending: Sending };

/** Whether a message waits for its files. */
export const uploads = (o: Pick<Kept, "uploads" | "files">): boolean => !!o.uploads && !o.files;

export class Outbox {
  /** The states that last no longer than this page: a reload makes "sending" and "retrying" into "waiting". */
  private states = new Map<string, Sending>();

  constructor(
    private shelf: Shelf,
    private user: string,
  ) {}

  private key(id = ""): string {
    return `canteen.outbox.${this.user}.${id}`;
  }

  /** Whether a key is that of a row; null stands for all keys. */
  isOne(key: string | null): boolean {
    return key === null || key.startsWith(this.key());
  }

  private read(key: string): OutboxMessage | undefined {
    const kept = this.kept(key);
    if (!kept) return undefined;
    const { failed, ...row } = kept;
    const sending: Sending =
      failed === undefined ? (this.states.get(row.client_id) ?? WAITING) : { is: "failed", why: failed };
    return { ...row, sending };
  }

  /** A row as it is kept. What is no row of this client is not sent: it could not be removed, and would be sent for ever. */
  private kept(key: string): Kept | undefined {
    try {
      const o = JSON.parse(this.shelf.getItem(key) ?? "") as Partial<Kept>;
      const own = typeof o.client_id === "string" && key === this.key(o.client_id);
      const whole = typeof o.room === "string" && typeof o.text === "string" && typeof o.at === "number";
      return own && whole ? (o as Kept) : undefined;
    } catch {
      return undefined;
    }
  }

  /** All rows, by the time of writing. */
  all(): OutboxMessage[] {
    const rows = this.shelf.keys(this.key()).flatMap((k) => this.read(k) ?? []);
    return rows.sort((a, b) => a.at - b.at);
  }

  /** What can be sent. That is nothing while the session of the browser is another person's. */
  private waiting(): OutboxMessage[] {
    return isAnothers(this.shelf, this.user) ? [] : this.all().filter((o) => o.sending.is !== "failed" && !uploads(o));
  }

  /** The rooms in which something is to be sent. */
  rooms(): Set<string> {
    return new Set(this.waiting().map((o) => o.room));
  }

  /** What is to be sent next in a room. */
  next(room: string): OutboxMessage | undefined {
    return this.waiting().find((o) => o.room === room);
  }

  /** Whether a message is still to be sent. */
  waits(id: string): boolean {
    return this.waiting().some((o) => o.client_id === id);
  }

  /** Adds a row behind all others, wherever the clock of the device stands. */
  add(row: Omit<OutboxMessage, "sending">): void {
    const last = this.all().at(-1)?.at ?? 0;
    this.keep({ ...row, at: Math.max(row.at, last + 1) });
  }

  /** Replaces the text of a row that is still there, or gives it its files. */
  rewrite(id: string, to: { text?: string; files?: readonly string[] | undefined }): void {
    const row = this.kept(this.key(id));
    if (row && row.text !== to.text) this.keep({ ...row, ...to });
  }

  /** Brings a row into its next state. A row that was removed meanwhile stays removed. */
  happened(id: string, h: Happening): void {
    const row = this.read(this.key(id));
    if (!row) return;
    const { sending, ...rest } = row,
      next = after(sending, h);
    if (next.is === "failed") this.keep({ ...rest, failed: next.why });
    else if (sending.is === "failed") this.keep(rest);
    if (next.is === "sending" || next.is === "retrying") this.states.set(id, next);
    else this.states.delete(id);
  }

  remove(id: string): void {
    this.states.delete(id);
    this.shelf.removeItem(this.key(id));
  }

  /** Removes the rows of a room. */
  drop(rooms: ReadonlySet<string>): void {
    for (const o of this.all()) if (rooms.has(o.room)) this.remove(o.client_id);
  }

  private keep(row: Kept): void {
    this.shelf.setItem(this.key(row.client_id), JSON.stringify(row));
  }
}

/** Whether a row is shown in the timeline of a room, or in a thread of it. */
export const isIn = (
  o: Pick<OutboxMessage, "room" | "thread" | "also_in_room">,
  room: string,
  thread?: number,
): boolean => o.room === room && (o.thread === thread || (!thread && !!o.also_in_room));

/** The rows that a timeline or a thread shows: those whose message it does not hold yet. */
export const pendingIn = (
  rows: readonly OutboxMessage[],
  messages: readonly { client_id?: string | undefined }[],
  room: string,
  thread?: number,
): OutboxMessage[] => rows.filter((o) => isIn(o, room, thread) && !messages.some((m) => m.client_id === o.client_id));
