// Many custom emoji at once: from a folder or a zip of pictures, and into a zip.
import { nameFrom } from "../core/gallery";
import { readZip, writeZip, type Entry } from "../lib/zip";
import { ApiError } from "../net/api";
import * as Api from "../net/emoji";
import { retried, sleep, type Sleep } from "../net/retry";
import type { CustomEmoji } from "../wire/types";

/** What the export says beside the pictures: which names are aliases of which. */
const LIST = "emoji.json";
const PICTURE = /\.(png|jpe?g|webp|gif)$/i;
/** Bytes of a picture that the server takes. */
const LARGEST = 512 << 10;

export interface Progress {
  readonly done: number;
  readonly of: number;
  readonly added: number;
  /** The files that became none, each with the reason. */
  readonly refused: readonly { readonly file: string; readonly why: string }[];
}

/** The pictures among files, with those in zips; and the aliases of an export. */
export async function picturesIn(
  files: readonly File[],
): Promise<{ pictures: Entry[]; aliases: Record<string, string> }> {
  const all: Entry[] = [];
  for (const f of files) {
    if (/\.zip$/i.test(f.name)) all.push(...(await readZip(f)));
    else all.push({ name: f.name, data: f });
  }
  const list = all.find((e) => e.name.replace(/^.*\//, "") === LIST);
  const pictures = all.filter((e) => PICTURE.test(e.name) && !/(^|\/)(\.|__MACOSX\/)/.test(e.name));
  return { pictures, aliases: list ? aliasesIn(await list.data.text()) : {} };
}

function aliasesIn(json: string): Record<string, string> {
  try {
    const { aliases } = JSON.parse(json) as { aliases?: unknown };
    return Object.fromEntries(Object.entries(aliases ?? {}).filter(([, of]) => typeof of === "string"));
  } catch {
    return {}; // it is another file of that name
  }
}

export class Emojis {
  private stopped = false;

  constructor(
    private isOver: () => Promise<boolean>,
    private api: Pick<typeof Api, "add" | "picture"> = Api,
    private pause: Sleep = sleep,
  ) {}

  /** Ends an import after the picture that is being sent. */
  stop(): void {
    this.stopped = true;
  }

  /** Adds what is in the files, one after the other; the server says how fast. What it refuses is passed over. */
  async add(files: readonly File[], tell: (p: Progress) => void): Promise<Progress> {
    const { pictures, aliases } = await picturesIn(files),
      names = Object.entries(aliases);
    let p: Progress = { done: 0, of: pictures.length + names.length, added: 0, refused: [] };
    const one = async (file: string, name: string, of: Blob | string) => {
      const why = await this.refusal(name, of);
      p = why
        ? { ...p, done: p.done + 1, refused: [...p.refused, { file, why }] }
        : { ...p, done: p.done + 1, added: p.added + 1 };
      tell(p);
    };
    tell(p);
    for (const e of pictures) if (!this.stopped) await one(e.name, nameFrom(e.name), e.data);
    for (const [name, of] of names) if (!this.stopped) await one(`:${name}:`, name, of);
    return p;
  }

  /** Adds one; returns why it was refused. */
  private async refusal(name: string, of: Blob | string): Promise<string> {
    if (name.length < 2) return "Its name has too few letters.";
    if (typeof of !== "string" && of.size > LARGEST) return "It has more than 512 KiB.";
    try {
      await retried(() => this.api.add(name, of), { isOver: this.isOver }, this.pause);
      return "";
    } catch (e) {
      if (!(e instanceof ApiError)) throw e;
      return e.message;
    }
  }

  /** A zip of all pictures, each under its main name, with the aliases. */
  async export(all: readonly CustomEmoji[]): Promise<Blob> {
    const files: Entry[] = [],
      aliases = Object.fromEntries(all.flatMap((e) => (e.alias_of ? [[e.name, e.alias_of]] : [])));
    for (const e of all.filter((e) => !e.alias_of)) {
      const data = await retried(() => this.api.picture(e.picture), { isOver: this.isOver }, this.pause);
      files.push({ name: `${e.name}.${data.type === "image/gif" ? "gif" : "png"}`, data });
    }
    return writeZip([...files, { name: LIST, data: new Blob([JSON.stringify({ aliases }, undefined, 1)]) }]);
  }
}
