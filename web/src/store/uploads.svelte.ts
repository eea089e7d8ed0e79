// The files that one has added to a message, from the choice to the message that holds them.
import { draftPlace, roomOf } from "../core/drafts";
import { FEEDBACK } from "../core/feedback";
import { iconOf, inBytes } from "../core/file";
import { isGoing, share, uploadNote, UploadShelf, type Passing, type Upload } from "../core/upload";
import { Bodies } from "../lib/bodies";
import { chosen } from "../lib/choose";
import { alone, sha256 } from "../lib/digest";
import { newId } from "../lib/insecure";
import { poster } from "../lib/poster";
import type { Writing } from "../lib/writing";
import { ApiError } from "../net/api";
import * as Api from "../net/files";
import { sleep, type Sleep } from "../net/retry";
import { Uploader } from "../net/uploader";
import type { Limits } from "../wire/types";
import type { Shelf } from "../core/shelf";
import type { Chat } from "./chat.svelte";
import type { Connection } from "./connection.svelte";
import type { Notices } from "./notices.svelte";
import type { Outgoing } from "./outgoing.svelte";
import type { Session } from "./session.svelte";

/** The parts of the client that uploads use. */
interface Around {
  readonly chat: Pick<Chat, "me" | "rooms">;
  readonly connection: Pick<Connection, "isOver">;
  readonly notices: Pick<Notices, "say">;
  readonly outgoing: Pick<Outgoing, "rows" | "fill" | "discard">;
  readonly session: Pick<Session, "me">;
  readonly shelf: Shelf;
}

/** What one adds: bytes, and what is known of them. */
export interface Added {
  readonly body: Blob;
  readonly name: string;
  /** Of a voice message. */
  readonly waveform?: string;
  readonly duration?: number;
}

/** So many files a message can have, and so large one may be, unless the server says otherwise. */
const FILES = 10,
  LARGEST = 104_857_600;
/** How often progress is drawn, ms. */
const DRAWN = 100;

export class Uploads {
  rows = $state.raw<readonly Upload[]>([]);
  private shelf: UploadShelf;
  /** The bytes of those that were added in this page. */
  private held = new Map<string, Blob>();
  /** Those that the device has not kept: a reload loses them. */
  private unkeptOnes = new Set<string>();
  private stops = new Map<string, AbortController>();
  private previews = new Map<string, string>();
  private uploader: Uploader;
  private drawing: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private app: Around,
    private api: typeof Api = Api,
    private bodies: Pick<Bodies, "put" | "get" | "remove" | "keys"> = new Bodies(app.chat.me),
    pause: Sleep = sleep,
  ) {
    this.shelf = new UploadShelf(app.shelf, app.chat.me);
    this.uploader = new Uploader(api, { isOver: () => app.connection.isOver(), digest: sha256 }, pause);
  }

  /** Goes on with what was under way when the page was left. What belongs to nothing any more is removed. */
  begin(): void {
    this.show();
    this.drop(
      this.rows.map((u) => roomOf(u.place)).filter((room) => room !== FEEDBACK && !this.app.chat.rooms.has(room)),
    );
    this.sync();
    void this.bodies.keys().then((ids) => {
      for (const id of ids) if (!this.shelf.get(id)) void this.bodies.remove(id); // another tab may have added it just now
    });
    for (const u of this.rows) void this.start(u.id);
    void this.check(this.rows);
  }

  /** Finds out which files the server has forgotten since they were uploaded. They are asked for again. */
  async check(of: readonly Upload[]): Promise<void> {
    for (const { id, file, message, state } of of) {
      if (state.is !== "ready" || !file || (await this.api.exists(file))) continue;
      this.shelf.begun(id, undefined);
      this.pass(id, { what: "gone" });
      if (message) this.app.outgoing.fill(message, undefined);
    }
  }

  private show(): void {
    clearTimeout(this.drawing);
    this.drawing = undefined;
    this.rows = this.shelf.all();
  }

  /** Another tab has changed something on the device. */
  heard(key: string | null): void {
    if (!this.shelf.isOne(key)) return;
    for (const [id, stop] of this.stops) if (!this.shelf.get(id)) stop.abort(); // it was taken back there
    this.show();
    this.settle();
  }

  /** What is added to the draft of a place. */
  in(place: string): readonly Upload[] {
    return this.rows.filter((u) => u.place === place && !u.message);
  }

  /** Whether a new message brings files. */
  brings({ r, thread, edits }: Pick<Writing, "r" | "thread" | "edits">): boolean {
    return !edits && this.in(draftPlace(r.room.id, thread)).some((u) => u.state.is !== "failed");
  }

  /** What goes with a message that is on its way. */
  of(ids: readonly string[]): readonly Upload[] {
    return ids.flatMap((id) => this.rows.find((u) => u.id === id) ?? []);
  }

  /** Whether a reload would lose bytes. */
  get unkept(): boolean {
    return this.rows.some((u) => isGoing(u.state) && this.unkeptOnes.has(u.id));
  }

  /** The place for which a voice message is recorded. */
  recording = $state<string>();

  /** Adds files to the draft of a place, and begins to upload them. */
  add(place: string, added: readonly Added[]): void {
    const most = this.limits?.files ?? FILES,
      room = most - this.in(place).length;
    if (added.length > room) this.app.notices.say(`A message can have ${most} files at most.`);
    for (const { body, name, ...more } of added.slice(0, room)) {
      const id = newId();
      this.shelf.add({ id, place, name: name.normalize() || "file", size: body.size, type: body.type, ...more });
      this.hold(id, body);
      const why = this.refused(body.size);
      if (why) this.shelf.passed(id, { what: "refused", why });
      else void this.start(id);
    }
    this.show();
  }

  private get limits(): Limits | undefined {
    return this.app.session.me?.workspace.limits;
  }

  private refused(size: number): string {
    const most = this.limits?.file_bytes ?? LARGEST;
    if (size > most) return `It has ${inBytes(size)}; a file can have ${inBytes(most)} at most.`;
    return size ? "" : "It is empty, or a folder.";
  }

  private hold(id: string, body: Blob): void {
    this.held.set(id, body);
    this.unkeptOnes.add(id);
    void this.bodies.put(id, body).then((kept) => kept && this.unkeptOnes.delete(id));
  }

  /** An address under which the page can draw a picture that is not uploaded yet; undefined when it is none. */
  preview(u: Upload): string | undefined {
    const body = this.held.get(u.id);
    if (!body || !/^image\/(png|jpeg|gif|webp)$/.test(u.type)) return undefined;
    if (!this.previews.has(u.id)) this.previews.set(u.id, URL.createObjectURL(body));
    return this.previews.get(u.id);
  }

  /** A file on its way as it is shown, with what can be done about one that does not go on. */
  card(u: Upload, offline: boolean) {
    const { is } = u.state;
    return {
      name: u.name,
      note: uploadNote(u, offline),
      icon: iconOf(u.name),
      picture: this.preview(u),
      share: isGoing(u.state) ? share(u.state, u.size) : undefined,
      ready: is === "ready",
      wrong: is === "failed" || is === "missing",
      retry: is === "failed" ? () => this.retry(u) : undefined,
      choose: is === "missing" ? async () => (await chosen({})).forEach((f) => this.again(u, f)) : undefined,
    };
  }

  /** Whoever signs out uploads nothing more. */
  stop(): void {
    for (const stop of this.stops.values()) stop.abort();
  }

  /** Puts what is added to a draft into a message; returns it, or undefined when nothing is. */
  take(place: string, message: string): string[] | undefined {
    const ids = this.in(place).flatMap((u) => (u.state.is === "failed" ? [] : u.id));
    for (const u of this.in(place)) if (u.state.is === "failed") this.forget(u);
    for (const id of ids) this.shelf.attach(id, message);
    this.show();
    return ids.length ? ids : undefined;
  }

  /** Tries again what was refused. */
  retry(u: Upload): void {
    this.pass(u.id, { what: "requeued" });
    void this.start(u.id);
  }

  /** Gives the bytes once more that a reload has lost. */
  again(u: Upload, body: Blob): void {
    if (body.size !== u.size) {
      this.app.notices.say(`This is another file: it has ${inBytes(body.size)}, and ${u.name} has ${inBytes(u.size)}.`);
      return;
    }
    this.hold(u.id, body);
    this.retry(u);
  }

  /** Takes a file back, wherever its upload is. */
  cancel(u: Upload): void {
    this.forget(u);
    this.show();
    this.settle();
  }

  /** Forgets an upload. The server hears of it unless it may be in a message by now. */
  private forget({ id }: Pick<Upload, "id">): void {
    const { file, state, message } = this.shelf.get(id) ?? {};
    this.stops.get(id)?.abort();
    this.shelf.remove(id);
    this.held.delete(id);
    this.unkeptOnes.delete(id);
    const url = this.previews.get(id);
    if (url) URL.revokeObjectURL(url);
    this.previews.delete(id);
    void this.bodies.remove(id);
    if (!file || (message && state?.is === "ready")) return;
    this.api.drop(file).catch((e: unknown) => {
      if (!(e instanceof ApiError)) throw e; // what the server keeps of it goes after a day
    });
  }

  /** Whether something is added to a message of a room. */
  holds(room: string): boolean {
    return this.rows.some((u) => roomOf(u.place) === room);
  }

  /** One is not in these rooms any more. */
  drop(rooms: readonly string[]): void {
    for (const u of this.rows) if (rooms.includes(roomOf(u.place))) this.forget(u);
    this.show();
  }

  /** The outbox has changed: what went with a message that is not in it any more is done, or not wanted. */
  sync(): void {
    const waiting = new Set(this.app.outgoing.rows.map((o) => o.client_id));
    const over = this.shelf.all().filter((u) => u.message && !waiting.has(u.message));
    for (const u of over) this.forget(u);
    if (over.length) this.show();
    this.settle();
  }

  /** Gives messages whose files are all there their files, so that they can be sent. */
  private settle(): void {
    for (const o of this.app.outgoing.rows) {
      if (!o.uploads || o.files) continue;
      const all = o.uploads.flatMap((id) => this.shelf.get(id) ?? []);
      if (!all.length && !o.text.trim())
        this.app.outgoing.discard(o); // all of them were taken back
      else if (all.every((u) => u.state.is === "ready"))
        this.app.outgoing.fill(
          o.client_id,
          all.flatMap((u) => (u.state.is === "ready" ? u.state.file.id : [])),
        );
    }
  }

  private pass(id: string, p: Passing): void {
    this.shelf.passed(id, p);
    if (p.what !== "sent") this.show();
    else this.drawing ??= setTimeout(() => this.show(), DRAWN);
  }

  private async start(id: string): Promise<void> {
    const row = this.shelf.get(id);
    if (!row || !isGoing(row.state) || this.stops.has(id)) return;
    const stop = new AbortController();
    this.stops.set(id, stop);
    try {
      await alone(`canteen.upload.${id}`, stop.signal, () => this.run(id, stop.signal));
    } catch (e) {
      if (stop.signal.aborted) return;
      if (e instanceof ApiError) {
        if (e.status !== 401) this.pass(id, { what: "refused", why: e.message });
      } else if (e instanceof DOMException)
        this.pass(id, { what: "refused", why: "This device cannot read it any more. Choose it again." });
      else throw e;
    } finally {
      this.stops.delete(id);
    }
  }

  private async run(id: string, signal: AbortSignal): Promise<void> {
    const body = this.held.get(id) ?? (await this.bodies.get(id)),
      row = this.shelf.get(id); // another tab may have finished it
    if (!row || !isGoing(row.state)) return;
    if (!body) return this.pass(id, { what: "missing" });
    this.held.set(id, body);
    const file = await this.uploader.run(
      row,
      body,
      {
        passed: (p) => this.pass(id, p),
        begun: (file, part) => this.shelf.begun(id, file, part),
        poster: async () => (row.type.startsWith("video/") ? poster(body) : undefined),
      },
      signal,
    );
    this.pass(id, { what: "ready", file });
    void this.bodies.remove(id);
    this.unkeptOnes.delete(id);
    this.settle();
  }
}
