// The messages on their way, each in the state that is drawn.
import { SvelteSet } from "svelte/reactivity";
import { draftPlace } from "../core/drafts";
import { Outbox, pendingIn, type OutboxMessage } from "../core/outbox";
import type { Shelf } from "../core/shelf";
import { newId } from "../lib/insecure";
import * as Api from "../net/api";
import { Sender, type SenderHooks } from "../net/sender";
import type { Message } from "../wire/types";

/** After how long a message is sent by this tab that another tab has written and still not sent, ms: that tab may be closed. */
const LEFT_BEHIND = 10_000;

/** Who holds the files that are added to drafts. */
export interface Attachments {
  /** Puts those of a place into a message; returns their uploads, if there are any. */
  take(place: string, message: string): readonly string[] | undefined;
  /** Finds out whether the files of a message are still there. */
  check(ids: readonly string[]): Promise<void> | undefined;
  /** Messages were added, or are not on their way any more. */
  sync(): void;
}

export class Outgoing {
  rows = $state.raw<readonly OutboxMessage[]>([]);
  /** The last message that was written in this tab. */
  sent = $state.raw<(Pick<OutboxMessage, "client_id" | "room" | "thread"> & { names: boolean }) | undefined>();
  /** The ids of the previews that go with what is written, by place of the draft. */
  readonly previews = new Map<string, string | undefined>();
  /** The places of drafts that ask the members to confirm that they have read them. */
  readonly asking = new SvelteSet<string>();
  private outbox: Outbox | undefined;
  private sender: Sender | undefined;
  private takeover: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private shelf: Shelf,
    private on: Omit<SenderHooks, "changed" | "in"> & Partial<Attachments>,
    private api: Pick<typeof Api, "post"> = Api,
  ) {}

  /** Takes up the outbox of a user. Nothing is sent before flush. */
  begin(user: string): void {
    this.outbox = new Outbox(this.shelf, user);
    this.sender = new Sender(this.api, this.outbox, {
      ...this.on,
      changed: () => this.show(),
      in: (ms) => new Date(Date.now() + ms).toISOString(),
    });
    this.show();
  }

  /** Shows what the device keeps. */
  show(): void {
    this.rows = this.outbox?.all() ?? [];
    this.on.sync?.();
  }

  /**
   * Another tab has changed the outbox. It sends what it has written; if it does not, this tab does. Both may send a message: its
   * client_id makes the server keep one.
   */
  heard(e: Pick<StorageEvent, "key" | "newValue">): void {
    if (!this.outbox?.isOne(e.key)) return;
    this.show();
    if (e.newValue === null) return;
    clearTimeout(this.takeover);
    this.takeover = setTimeout(() => this.flush(), LEFT_BEHIND);
  }

  /** The rows that a timeline or a thread shows below its messages. */
  in(messages: readonly Message[], room: string, thread?: number): OutboxMessage[] {
    return pendingIn(this.rows, messages, room, thread);
  }

  /** Whether something that is not among the messages of a timeline or a thread may still arrive there. */
  waits(messages: readonly Message[], room: string, thread?: number): boolean {
    return this.in(messages, room, thread).some((o) => o.sending.is !== "failed");
  }

  /** Sends what waits. */
  flush(): void {
    this.sender?.flush();
  }

  /**
   * Sends a message to a room, or as a reply in a thread of it. What was added to the draft there goes with it, unless it asks in a
   * poll.
   */
  send(
    room: string,
    text: string,
    reply: Pick<OutboxMessage, "thread" | "also_in_room"> = {},
    poll?: Pick<OutboxMessage, "poll" | "open">,
  ): void {
    const client_id = newId(),
      place = draftPlace(room, reply.thread);
    const added = () => ({
      preview: this.previews.get(place),
      uploads: this.on.take?.(place, client_id),
      confirm: this.asking.delete(place) || undefined,
    });
    this.outbox?.add({ client_id, room, text, ...reply, ...(poll ?? added()), at: Date.now() });
    this.sent = { client_id, room, thread: reply.thread, names: text.includes("@") };
    this.show();
    this.flush();
  }

  /** The files of a message are there, or are not there any more. */
  fill(client_id: string, files: readonly string[] | undefined): void {
    this.outbox?.rewrite(client_id, { files });
    this.show();
    this.flush();
  }

  /** Sends a message again that the server refused. */
  async retry(row: OutboxMessage): Promise<void> {
    if (row.uploads) await this.on.check?.(row.uploads);
    this.outbox?.happened(row.client_id, { what: "requeued" });
    this.show();
    this.flush();
  }

  discard(row: OutboxMessage): void {
    this.outbox?.remove(row.client_id);
    this.show();
  }
}
