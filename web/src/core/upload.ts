// Files on their way to the server. Each is kept on the device as a row of its own, beside the drafts and the outbox; its bytes are kept
// apart, where they fit.
import { inBytes, ofBytes, type File } from "./file";
import type { Shelf } from "./shelf";

/** The states of an upload. What is said of each is uploadNote. */
export type Uploading =
  /** Not begun: others are before it. */
  | { readonly is: "waiting" }
  /** So many bytes have arrived. */
  | { readonly is: "sending"; readonly sent: number }
  /** There was no answer, or one that may be different later. It goes on after a pause. */
  | { readonly is: "retrying"; readonly sent: number; readonly why: string }
  /** All bytes have arrived, and the server looks at them. */
  | { readonly is: "checking" }
  /** It can be sent with a message. */
  | { readonly is: "ready"; readonly file: File }
  /** It was refused. */
  | { readonly is: "failed"; readonly why: string }
  /** The page was loaded again, and the device did not keep the bytes: they are needed once more. */
  | { readonly is: "missing" };

/** What happens to an upload. */
export type Passing =
  | { readonly what: "sent"; readonly bytes: number }
  | { readonly what: "unanswered"; readonly why: string }
  | { readonly what: "whole" }
  | { readonly what: "ready"; readonly file: File }
  | { readonly what: "refused"; readonly why: string }
  | { readonly what: "missing" }
  /** It was ready, and the server has forgotten it: what is in no message a day later goes. */
  | { readonly what: "gone" }
  | { readonly what: "requeued" };

export const QUEUED: Uploading = { is: "waiting" };

/** Whether an upload is under way or will be. */
export const isGoing = (u: Uploading): boolean => u.is !== "ready" && u.is !== "failed" && u.is !== "missing";

const sentOf = (u: Uploading): number => (u.is === "sending" || u.is === "retrying" ? u.sent : 0);

/** The state after something happened. What cannot happen in a state leaves it as it is. */
export function passed(u: Uploading, p: Passing): Uploading {
  if (p.what === "requeued") return u.is === "failed" || u.is === "missing" ? QUEUED : u;
  if (p.what === "gone") return u.is === "ready" ? { is: "missing" } : u;
  if (!isGoing(u)) return u;
  switch (p.what) {
    case "sent":
      return { is: "sending", sent: p.bytes };
    case "unanswered":
      return { is: "retrying", sent: sentOf(u), why: p.why };
    case "whole":
      return { is: "checking" };
    case "ready":
      return { is: "ready", file: p.file };
    case "refused":
      return { is: "failed", why: p.why };
    case "missing":
      return { is: "missing" };
  }
}

/** The share of an upload that has arrived, 0 to 1. */
export function share(u: Uploading, size: number): number {
  if (u.is === "ready" || u.is === "checking") return 1;
  return size ? Math.min(1, sentOf(u) / size) : 0;
}

/** The words beside an upload. */
export function uploadNote({ state: u, size }: Pick<Upload, "state" | "size">, offline: boolean): string {
  if (u.is === "ready") return u.file.kept ? `Kept as a file: ${u.file.kept}` : inBytes(u.file.size);
  if (u.is === "failed") return u.why;
  if (u.is === "missing") return "Choose it again to go on.";
  if (u.is === "checking") return "Almost done…";
  if (offline) return "Waiting for the connection…";
  if (u.is === "retrying") return u.why || "Waiting to try again…";
  return u.is === "waiting" ? inBytes(size) : ofBytes(u.sent, size);
}

/** An upload as it is kept on the device. */
interface Kept {
  readonly id: string;
  /** Where it was added: the place of a draft (core/drafts). */
  readonly place: string;
  /** The client_id of the message with which it is sent; absent while one still writes that. */
  readonly message?: string | undefined;
  readonly name: string;
  readonly size: number;
  readonly type: string;
  /** Later than that of each row before it. */
  readonly at: number;
  /** The id that the server gave it, and how large its parts are. */
  readonly file?: string | undefined;
  readonly part?: number | undefined;
  /** Of a voice message. */
  readonly waveform?: string | undefined;
  readonly duration?: number | undefined;
  readonly ready?: File;
  readonly failed?: string;
}

export type Upload = Omit<Kept, "ready" | "failed"> & { readonly state: Uploading };

/** What of an upload its maker says. */
export type NewUpload = Pick<Kept, "id" | "place" | "name" | "size" | "type" | "waveform" | "duration">;

/** The uploads of a user, on the shelf of the device. */
export class UploadShelf {
  /** The states that last no longer than this page. */
  private states = new Map<string, Uploading>();

  constructor(
    private shelf: Shelf,
    private user: string,
  ) {}

  private key(id = ""): string {
    return `canteen.upload.${this.user}.${id}`;
  }

  /** Whether a key is that of a row; null stands for all keys. */
  isOne(key: string | null): boolean {
    return key === null || key.startsWith(this.key());
  }

  private kept(key: string): Kept | undefined {
    try {
      const o = JSON.parse(this.shelf.getItem(key) ?? "") as Partial<Kept>;
      const own = typeof o.id === "string" && key === this.key(o.id);
      const whole = typeof o.place === "string" && typeof o.name === "string" && typeof o.size === "number";
      return own && whole ? (o as Kept) : undefined;
    } catch {
      return undefined; // it is no row of this client
    }
  }

  get(id: string): Upload | undefined {
    const kept = this.kept(this.key(id));
    if (!kept) return undefined;
    const { ready, failed, ...row } = kept;
    const state: Uploading = ready
      ? { is: "ready", file: ready }
      : failed !== undefined
        ? { is: "failed", why: failed }
        : (this.states.get(id) ?? QUEUED);
    return { ...row, state };
  }

  /** All rows, in the order in which they were added. */
  all(): Upload[] {
    const ids = this.shelf.keys(this.key()).map((k) => k.slice(this.key().length));
    return ids.flatMap((id) => this.get(id) ?? []).sort((a, b) => a.at - b.at);
  }

  add(row: NewUpload): void {
    this.keep({ ...row, at: (this.all().at(-1)?.at ?? 0) + 1 });
  }

  /** The server has given it an id; undefined: it has forgotten that. */
  begun(id: string, file: string | undefined, part?: number): void {
    const row = this.kept(this.key(id));
    if (row) this.keep({ ...row, file, part });
  }

  /** Puts what stands at a place into a message. */
  attach(id: string, message: string): void {
    const row = this.kept(this.key(id));
    if (row) this.keep({ ...row, message });
  }

  /** Brings a row into its next state. A row that was removed meanwhile stays removed. */
  passed(id: string, p: Passing): void {
    const row = this.get(id);
    if (!row) return;
    const { state, ...rest } = row,
      next = passed(state, p);
    this.states.set(id, next);
    if (next.is === state.is) return; // nothing of it is kept
    if (next.is === "ready") this.keep({ ...rest, ready: next.file });
    else if (next.is === "failed") this.keep({ ...rest, failed: next.why });
    else if (state.is === "failed" || state.is === "ready") this.keep(rest);
  }

  remove(id: string): void {
    this.states.delete(id);
    this.shelf.removeItem(this.key(id));
  }

  private keep(row: Kept): void {
    this.shelf.setItem(this.key(row.id), JSON.stringify(row));
  }
}
