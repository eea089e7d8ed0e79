// Messages that are shown because another one links to them. Each is asked for with the rights that one has now.
import * as Api from "../net/api";
import type { Message } from "../wire/types";

/** How many are asked for at once and remembered, and for how long, ms. */
const AT_ONCE = 4,
  MOST = 100,
  FRESH = 30_000;

export class Linked {
  private known = new Map<string, { at: number; m: Promise<Message | undefined> }>();
  private waiting: (() => void)[] = [];
  private busy = 0;

  constructor(
    private api: Pick<typeof Api, "message"> = Api,
    private now: () => number = () => performance.now(),
  ) {}

  /** The message; undefined if one may not see it, it was deleted, or the server could not be asked. */
  of(room: string, seq: number): Promise<Message | undefined> {
    const key = `${room}/${seq}`,
      before = this.known.get(key);
    if (before && this.now() - before.at < FRESH) return before.m;
    const m = this.ask(room, seq).catch(() => undefined);
    this.known.delete(key);
    this.known.set(key, { at: this.now(), m });
    const [oldest] = this.known.keys();
    if (this.known.size > MOST) this.known.delete(oldest!);
    return m;
  }

  private async ask(room: string, seq: number): Promise<Message | undefined> {
    if (this.busy >= AT_ONCE) await new Promise<void>((go) => this.waiting.push(go));
    this.busy++;
    try {
      const m = await this.api.message(room, seq);
      return m.deleted_at || m.system ? undefined : m;
    } finally {
      this.busy--;
      this.waiting.shift()?.();
    }
  }
}
