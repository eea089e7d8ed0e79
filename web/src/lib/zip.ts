// Zip files (APPNOTE.TXT 6.3.10) of pictures: read within bounds, and written without compression.

export interface Entry {
  readonly name: string;
  readonly data: Blob;
}

/** A zip that is not read, with the reason. */
export class ZipError extends Error {}

/** Bounds of what is read: entries, bytes of one and of all, and how many times larger an entry may become. */
export const MOST_ENTRIES = 2000;
export const MOST_BYTES = 64 << 20;
const ONE = 1 << 20,
  RATIO = 200,
  MAX_ZIP = 64 << 20;

const END = 0x06054b50,
  CENTRAL = 0x02014b50,
  LOCAL = 0x04034b50;

/** Paths that lead out of the folder, or that no folder has. */
const unsafe = (name: string): boolean => /^[/\\]|^[a-z]:|(^|[/\\])\.\.([/\\]|$)|\0/i.test(name);

/** The files in a zip. One that breaks a bound is refused as a whole. */
export async function readZip(zip: Blob): Promise<Entry[]> {
  if (zip.size > MAX_ZIP) throw new ZipError("The zip is too large. At most 64 MiB are allowed.");
  const view = new DataView(await zip.arrayBuffer()),
    end = endOf(view),
    count = view.getUint16(end + 10, true),
    out: Entry[] = [];
  if (count > MOST_ENTRIES) throw new ZipError(`The zip has too many files. At most ${MOST_ENTRIES} are allowed.`);
  let at = view.getUint32(end + 16, true),
    total = 0;
  for (let i = 0; i < count; i++) {
    if (at + 46 > view.byteLength || view.getUint32(at, true) !== CENTRAL) throw damaged();
    const flags = view.getUint16(at + 8, true),
      method = view.getUint16(at + 10, true),
      packed = view.getUint32(at + 20, true),
      size = view.getUint32(at + 24, true),
      long = view.getUint16(at + 28, true),
      skip = view.getUint16(at + 30, true) + view.getUint16(at + 32, true),
      local = view.getUint32(at + 42, true),
      name = new TextDecoder().decode(new Uint8Array(view.buffer, at + 46, Math.min(long, view.byteLength - at - 46)));
    at += 46 + long + skip;
    if (unsafe(name)) throw new ZipError("The zip has a file outside of its folder.");
    if (name.endsWith("/")) continue;
    if (size > ONE || size > RATIO * Math.max(packed, 1)) throw new ZipError(`${name} is too large.`);
    if ((total += size) > MOST_BYTES) throw new ZipError("The files in the zip are too large together.");
    if (flags & 1 || (method !== 0 && method !== 8))
      throw new ZipError(`${name} cannot be read: it is encrypted, say.`);
    out.push({ name, data: await unpacked(view, local, packed, size, method) });
  }
  return out;
}

const damaged = () => new ZipError("The zip is damaged, or is none.");

function endOf(view: DataView): number {
  for (let at = view.byteLength - 22; at >= Math.max(0, view.byteLength - 22 - 0xffff); at--)
    if (view.getUint32(at, true) === END) return at;
  throw damaged();
}

async function unpacked(view: DataView, local: number, packed: number, size: number, method: number): Promise<Blob> {
  if (local + 30 > view.byteLength || view.getUint32(local, true) !== LOCAL) throw damaged();
  const from = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
  if (from + packed > view.byteLength) throw damaged();
  const bytes = new Blob([new Uint8Array(view.buffer as ArrayBuffer, from, packed)]);
  if (method === 0 && packed === size) return bytes;
  if (method === 0) throw damaged();
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let left = size;
  try {
    const reader = bytes.stream().pipeThrough(new DecompressionStream("deflate-raw")).getReader();
    for (let r; !(r = await reader.read()).done;) {
      if ((left -= r.value.length) < 0) {
        await reader.cancel(); // it says that it is smaller than it is
        break;
      }
      parts.push(r.value as Uint8Array<ArrayBuffer>);
    }
  } catch {
    throw damaged();
  }
  if (left !== 0) throw damaged();
  return new Blob(parts);
}

const crcTable = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
  return n;
});
const crc = (b: Uint8Array): number => ~b.reduce((c, x) => crcTable[(c ^ x) & 0xff]! ^ (c >>> 8), -1) >>> 0;

/** A zip of files, as they are. */
export async function writeZip(files: readonly Entry[]): Promise<Blob> {
  const out: BlobPart[] = [],
    list: BlobPart[] = [];
  let at = 0,
    listed = 0;
  for (const { name, data } of files) {
    const called = new TextEncoder().encode(name),
      bytes = new Uint8Array(await data.arrayBuffer());
    // version 2.0, names in UTF-8, stored, 1 January 1980, checksum, both sizes, the length of the name
    const head = [20, 0x800, 0, 0, 0x21].flatMap(u16).concat([crc(bytes), bytes.length, bytes.length].flatMap(u32));
    head.push(...u16(called.length), ...u16(0));
    const central = [...u32(CENTRAL), ...u16(20), ...head, ...new Array<number>(10).fill(0), ...u32(at)];
    out.push(Uint8Array.from([...u32(LOCAL), ...head]), called, bytes);
    list.push(Uint8Array.from(central), called);
    at += 30 + called.length + bytes.length;
    listed += 46 + called.length;
  }
  const n = files.length;
  const end = [...u32(END), 0, 0, 0, 0, ...u16(n), ...u16(n), ...u32(listed), ...u32(at), 0, 0];
  return new Blob([...out, ...list, Uint8Array.from(end)], { type: "application/zip" });
}

const u16 = (n: number): number[] => [n & 0xff, (n >> 8) & 0xff];
const u32 = (n: number): number[] => [...u16(n & 0xffff), ...u16(n >>> 16)];
