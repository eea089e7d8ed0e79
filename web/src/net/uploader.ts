// Uploads bodies in parts, each until the server accepts or refuses it. Whatever has arrived before a failure stays there.
import type { File } from "../core/file";
import { only } from "../core/names";
import type { Passing, Upload } from "../core/upload";
import { ApiError } from "./api";
import type * as Api from "./files";
import type { Told } from "./files";
import { retried, sleep, type Sleep } from "./retry";

/** So many parts are under way at once, of all uploads together. */
const AT_ONCE = 3;
/** So often are bytes sent again that did not arrive as they were. */
const AGAIN = 3;

export interface Surroundings {
  /** The server knows no session for a request: whether it is over. */
  isOver(): Promise<boolean>;
  /** The SHA-256 of bytes; undefined where the browser has none. */
  digest(bytes: Blob): Promise<string | undefined>;
}

export interface UploadHooks {
  passed(p: Passing): void;
  /** The server has given it an id. Called with undefined when it does not know that any more. */
  begun(file: string | undefined, part?: number): void;
  /** The picture that stands for a video, in base64. */
  poster(): Promise<string | undefined>;
}

/** What the server was told of has gone: 24 hours are over, or it was dropped. */
class Gone extends Error {}

type Row = Pick<Upload, "name" | "size" | "type" | "file" | "part" | "waveform" | "duration">;
type Tried = <T>(f: () => Promise<T>) => Promise<T>;

export class Uploader {
  private free = AT_ONCE;
  private waiting: (() => void)[] = [];

  constructor(
    private api: Pick<typeof Api, "begin" | "places" | "put" | "done">,
    private around: Surroundings,
    private pause: Sleep = sleep,
  ) {}

  /** Uploads a body; goes on with what has arrived before. Throws an ApiError when it is refused, and what the signal says. */
  async run(row: Row, body: Blob, on: UploadHooks, signal: AbortSignal): Promise<File> {
    for (let anew = 0; ; anew++) {
      try {
        return await this.once(anew ? { ...row, file: undefined } : row, body, on, signal);
      } catch (e) {
        if (!(e instanceof Gone)) throw e;
        if (anew === AGAIN) throw e.cause;
        on.begun(undefined);
      }
    }
  }

  private async once(row: Row, body: Blob, on: UploadHooks, signal: AbortSignal): Promise<File> {
    const tried: Tried = (f) => this.tried(f, on, signal);
    let { file: id = "", part = 0 } = row,
      have: number[] = [];
    if (id && part) have = (await known(tried(() => this.api.places(id, [])))).have;
    else {
      const { name, size, type } = row;
      const begun = await tried(() => this.api.begin(type ? { name, size, type } : { name, size }));
      [id, part] = [begun.file.id, begun.part_size];
      on.begun(id, part);
    }
    let told: Told | undefined;
    const count = Math.ceil(row.size / part);
    const sent = new Map<number, number>();
    const tell = () => on.passed({ what: "sent", bytes: [...sent.values()].reduce((a, b) => a + b, 0) });
    const bytes = (n: number) => body.slice((n - 1) * part, n * part);
    for (let round = 0; ; round++) {
      for (const n of have) sent.set(n, bytes(n).size);
      tell();
      const missing = Array.from({ length: count }, (_, i) => i + 1).filter((n) => !have.includes(n));
      const stop = chained(signal);
      try {
        await Promise.all(
          missing.map((n) =>
            this.turn(() =>
              this.part({ id, n, bytes: bytes(n) }, { ...on, signal: stop.signal }, (b) => (sent.set(n, b), tell())),
            ),
          ),
        );
      } catch (e) {
        stop.abort(e); // the other parts are of no use then
        throw e;
      }
      told ??= only<Told>({ waveform: row.waveform, duration: row.duration, poster: await on.poster() });
      on.passed({ what: "whole" });
      try {
        return await known(tried(() => this.api.done(id, told)));
      } catch (e) {
        if (!(e instanceof ApiError) || round === AGAIN) throw e;
        if (e.problem?.field === "poster")
          told = only<Told>({ ...told, poster: undefined }); // a video needs none
        else if (e.status !== 409) throw e;
        ({ have } = await known(tried(() => this.api.places(id, []))));
        sent.clear();
      }
    }
  }

  /** Sends one part to its place. */
  private async part(
    { id, n, bytes }: { id: string; n: number; bytes: Blob },
    on: UploadHooks & { signal: AbortSignal },
    sent: (bytes: number) => void,
  ): Promise<void> {
    const sha256 = await this.around.digest(bytes);
    const send = async () => {
      const { parts } = await known(this.api.places(id, [sha256 ? { n, sha256 } : { n }]));
      const [place] = parts;
      if (place) await known(this.api.put(place.url, place.headers, bytes, sent, on.signal));
      sent(bytes.size);
    };
    for (let again = 0; ; again++) {
      try {
        return await this.tried(send, on, on.signal);
      } catch (e) {
        if (!(e instanceof ApiError) || e.status !== 400 || again === AGAIN) throw e;
      }
    }
  }

  /** Repeats what may succeed later, and says why it has not. */
  private tried<T>(f: () => Promise<T>, on: Pick<UploadHooks, "passed">, signal: AbortSignal): Promise<T> {
    let why = "";
    const asked = async () => {
      signal.throwIfAborted();
      try {
        return await f();
      } catch (e) {
        why = e instanceof ApiError && e.problem ? e.message : "";
        throw e;
      }
    };
    const hooks = { isOver: () => this.around.isOver(), unanswered: () => on.passed({ what: "unanswered", why }) };
    return retried(asked, hooks, this.pause);
  }

  /** Runs f when fewer than so many run. */
  private async turn<T>(f: () => Promise<T>): Promise<T> {
    if (this.free > 0) this.free--;
    else await new Promise<void>((go) => this.waiting.push(go));
    try {
      return await f();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.free++;
    }
  }
}

/** A controller that is aborted with another one. */
function chained(signal: AbortSignal): AbortController {
  const own = new AbortController();
  if (signal.aborted) own.abort(signal.reason);
  else signal.addEventListener("abort", () => own.abort(signal.reason), { once: true, signal: own.signal });
  return own;
}

/** An upload that the server does not know is gone. */
async function known<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (e) {
    if (e instanceof ApiError && (e.status === 404 || e.status === 410)) throw new Gone("", { cause: e });
    throw e;
  }
}
