import { deflateRawSync } from "node:zlib";
import { expect, test } from "vitest";
import { readZip, writeZip, type Entry } from "./zip";

const file = (name: string, text: string): Entry => ({ name, data: new Blob([text]) });
const texts = (es: readonly Entry[]) => Promise.all(es.map(async (e) => `${e.name}=${await e.data.text()}`));
const bytes = async (b: Blob) => new Uint8Array(await b.arrayBuffer());

/** A zip with one deflated file, which says that it has `size` bytes. */
async function deflated(name: string, data: Uint8Array, size: number): Promise<Blob> {
  const packed = deflateRawSync(data),
    plain = await bytes(await writeZip([{ name, data: new Blob([new Uint8Array(packed)]) }])),
    view = new DataView(plain.buffer),
    list = plain.length - 22 - 46 - name.length;
  for (const [method, length] of [
    [8, 22],
    [list + 10, list + 24],
  ] as const) {
    view.setUint16(method, 8, true);
    view.setUint32(length, size, true);
  }
  return new Blob([plain]);
}

test("what was written is read", async () => {
  const files = [file("partyparrot.gif", "GIF89a"), file("emoji.json", "{}"), file("ünï.png", "")];
  expect(await texts(await readZip(await writeZip(files)))).toEqual(await texts(files));
  expect(await readZip(await writeZip([]))).toEqual([]);
});

test("compressed files are read", async () => {
  const text = new TextEncoder().encode("soup ".repeat(100));
  expect(await texts(await readZip(await deflated("a.png", text, text.length)))).toEqual([
    `a.png=${"soup ".repeat(100)}`,
  ]);
});

test("folders are passed over", async () => {
  expect(await texts(await readZip(await writeZip([file("emoji/", ""), file("emoji/a.png", "x")])))).toEqual([
    "emoji/a.png=x",
  ]);
});

test.each([
  ["../a.png", "outside"],
  ["/etc/a.png", "outside"],
  ["a/../../b.png", "outside"],
  ["C:\\a.png", "outside"],
  ["..\\a.png", "outside"],
])("a file %s is refused", async (name, why) => {
  await expect(writeZip([file(name, "x")]).then(readZip)).rejects.toThrow(why);
});

test("a bomb is refused before it is unpacked, and one that lies while it is", async () => {
  const zeros = new Uint8Array(900_000);
  await expect(deflated("a.png", zeros, zeros.length).then(readZip)).rejects.toThrow("too large");
  await expect(deflated("a.png", zeros, 1000).then(readZip)).rejects.toThrow("damaged");
  await expect(deflated("a.png", zeros, 2 << 20).then(readZip)).rejects.toThrow("too large");
});

test("what is too much, encrypted, cut or no zip is refused", async () => {
  const many = Array.from({ length: 2001 }, (_, i) => file(`a${i}.png`, ""));
  await expect(writeZip(many).then(readZip)).rejects.toThrow("too many");
  const zip = await bytes(await writeZip([file("a.png", "hello")]));
  const changed = (at: number, to: number) => {
    const b = zip.slice();
    b[at] = to;
    return new Blob([b]);
  };
  const list = zip.length - 22 - 46 - 5;
  await expect(readZip(changed(list + 8, 1))).rejects.toThrow("encrypted");
  await expect(readZip(changed(list + 42, 99))).rejects.toThrow("damaged");
  await expect(readZip(new Blob([zip.slice(0, -10)]))).rejects.toThrow("damaged");
  await expect(readZip(new Blob(["hello"]))).rejects.toThrow("damaged");
});
