// Sends the outbox: one message at a time in a room, in the order of writing, each until the server accepts or refuses it.
import { only } from "../core/names";
import type { Outbox, OutboxMessage } from "../core/outbox";
import type { Message, PostMessage } from "../wire/types";
import { ApiError } from "./api";
import type * as Api from "./api";
import { retried, sleep, type Sleep } from "./retry";

export interface SenderHooks {
  /** A row was removed, or is in another state. */
  changed(): void;
  /** The text as it is sent. */
  finish(text: string): string | Promise<string>;
  /** The moment that comes after so many ms. */
  in(ms: number): string;
  /** A message arrived; this is the server's state of it. */
  sent(m: Message): void;
  /** The server knows no session for a request: whether it is over. */
  isOver(): Promise<boolean>;
}

/** A message was deleted while it waited for its next try, or the session is another person's. */
class Withdrawn extends Error {}

export class Sender {
  private draining = new Set<string>();

  constructor(
    private api: Pick<typeof Api, "post">,
    private outbox: Outbox,
    private on: SenderHooks,
    private pause: Sleep = sleep,
  ) {}

  /** Sends everything that waits. Rooms do not wait for each other. */
  flush(): void {
    for (const room of this.outbox.rooms()) if (!this.draining.has(room)) void this.drain(room);
  }

  private async drain(room: string): Promise<void> {
    this.draining.add(room);
    try {
      for (let o; (o = this.outbox.next(room));) if (!(await this.send(o))) return;
    } finally {
      this.draining.delete(room);
    }
  }

  /** Sends one message; false when the session is over, so that nothing more can be sent. */
  private async send(o: OutboxMessage): Promise<boolean> {
    const { client_id, room, thread, also_in_room, files, preview, confirm, poll } = o;
    let text = o.text;
    const happened = (h: Parameters<Outbox["happened"]>[1]) => {
      this.outbox.happened(client_id, h);
      this.on.changed();
    };
    const check = () => {
      if (!this.outbox.waits(client_id)) throw new Withdrawn();
    };
    const body = () =>
      only<PostMessage>({
        ...{ client_id, text, thread, also_in_room, files: files && [...files], preview, confirm },
        poll: poll && o.open ? { ...poll, closes_at: this.on.in(o.open) } : poll,
      });
    const post = async () => {
      check();
      happened({ what: "begun" });
      const finished = this.on.finish(text);
      if (finished === text) return this.api.post(room, body());
      this.outbox.rewrite(client_id, { text: (text = await finished) });
      this.on.changed();
      check(); // it may have been deleted meanwhile
      return this.api.post(room, body());
    };
    const on = { isOver: () => this.on.isOver(), unanswered: () => happened({ what: "unanswered" }) };
    try {
      const m = await retried(post, on, this.pause);
      this.outbox.remove(client_id);
      this.on.sent(m);
      this.on.changed();
    } catch (e) {
      if (e instanceof Withdrawn) return (this.on.changed(), true);
      if (!(e instanceof ApiError)) throw e;
      if (e.status === 401) return (happened({ what: "unanswered" }), false);
      happened({ what: "refused", why: e.message });
    }
    return true;
  }
}
