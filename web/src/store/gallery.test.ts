import { expect, test } from "vitest";
import { ApiError } from "../net/api";
import type { CustomEmoji } from "../wire/types";
import { writeZip } from "../lib/zip";
import { Emojis, picturesIn, type Progress } from "./emojis";
import { Gallery } from "./gallery.svelte";

const parrot: CustomEmoji = {
  name: "partyparrot",
  picture: "p1",
  by: "mira",
  created_at: "2026-11-24T09:00:00.000Z",
};
const isOver = async () => false;
const settled = () => new Promise((r) => setTimeout(r, 0));

/** A server with a list, which counts what it is asked for. */
function server() {
  const s = {
    all: [parrot] as CustomEmoji[],
    asked: [] as string[],
    refuses: undefined as ApiError | undefined,
    list: async (etag: string) => {
      s.asked.push(`list ${etag}`);
      const now = String(s.all.length);
      return etag === now ? undefined : { emoji: s.all, etag: now };
    },
    add: async (name: string, of: Blob | string) => {
      s.asked.push(`add ${name} ${typeof of === "string" ? of : of.size}`);
      if (s.refuses) throw s.refuses;
      const e = { ...parrot, name, ...(typeof of === "string" && { alias_of: of }) };
      s.all = [...s.all, e];
      return e;
    },
    rename: async () => parrot,
    remove: async (name: string) => void (s.all = s.all.filter((e) => e.name !== name)),
    picture: async () => new Blob(["GIF89a"], { type: "image/gif" }),
  };
  return s;
}

test("the list is fetched again once for all its changes", async () => {
  const s = server(),
    pauses: (() => void)[] = [],
    g = new Gallery({ isOver }, s, () => new Promise((r) => pauses.push(r)));
  g.begin();
  await settled();
  expect(g.picture(":partyparrot:")).toBe("/api/v1/emoji/pictures/p1");
  expect(g.picture(":nobody:")).toBeUndefined();
  expect(g.picture("partyparrot")).toBeUndefined();
  s.all = [];
  for (let i = 0; i < 3; i++) g.changed();
  await settled();
  expect(s.asked).toEqual(["list "]); // not at once
  for (const go of pauses) go();
  await settled();
  expect(s.asked).toEqual(["list ", "list 1"]);
  expect(g.picture(":partyparrot:")).toBeUndefined();
});

test("a command shows what came of it, and says why it was refused", async () => {
  const s = server(),
    g = new Gallery({ isOver }, s);
  expect(await g.add("birdie", "partyparrot")).toBeUndefined();
  expect(g.all.map((e) => e.name)).toEqual(["partyparrot", "birdie"]);
  s.refuses = new ApiError(409, { code: "conflict", detail: "Taken.", field: "name" } as never);
  expect(await g.add("birdie", "partyparrot")).toEqual({ field: "name", text: "Taken." });
});

const file = (name: string, text: string) => new File([text], name);

test("an import adds pictures and aliases, and tells what was refused", async () => {
  const s = server(),
    told: Progress[] = [],
    zip = await writeZip([
      { name: "blob.png", data: new Blob(["png"]) },
      { name: "__MACOSX/._blob.png", data: new Blob(["x"]) },
      { name: "emoji.json", data: new Blob(['{"aliases":{"kitty":"blob","odd":1}}']) },
    ]),
    files = [file("Party Time.gif", "gif"), file("read me.txt", "x"), file("ü.png", "x"), new File([zip], "more.ZIP")];
  const p = await new Emojis(isOver, s).add(files, (now) => told.push(now));
  expect(s.asked).toEqual(["add party_time 3", "add blob 3", "add kitty blob"]);
  expect(p).toMatchObject({ done: 4, of: 4, added: 3 });
  expect(p.refused.map((r) => r.file)).toEqual(["ü.png"]);
  expect(told.map((t) => t.done)).toEqual([0, 1, 2, 3, 4]);
});

test("it goes on after a refusal, waits where it is too fast, and ends when it is stopped", async () => {
  const s = server(),
    pauses: number[] = [];
  s.refuses = new ApiError(400, { detail: "No picture." } as never);
  const e = new Emojis(isOver, s, async (ms) => {
    pauses.push(ms);
    s.refuses = undefined;
  });
  const files = [file("a1.png", "x"), file("a2.png", "x"), file("a3.png", "x")];
  const p = await e.add(files, (now) => {
    if (now.done === 1) s.refuses = new ApiError(429, undefined, 2);
    if (now.done === 2) e.stop();
  });
  expect(p).toMatchObject({ done: 2, added: 1, refused: [{ file: "a1.png", why: "No picture." }] });
  expect(pauses).toHaveLength(1);
  expect(pauses[0]).toBeGreaterThanOrEqual(2000);
});

test("what is exported can be imported", async () => {
  const s = server(),
    zip = await new Emojis(isOver, s).export([parrot, { ...parrot, name: "birdie", alias_of: "partyparrot" }]),
    { pictures, aliases } = await picturesIn([new File([zip], "emoji.zip")]);
  expect(pictures.map((e) => e.name)).toEqual(["partyparrot.gif"]);
  expect(aliases).toEqual({ birdie: "partyparrot" });
});
