import { expect, test } from "vitest";
import { aFile, at, GENERAL, problem } from "../core/testing";
import { ApiError } from "../net/api";
import type { RoomFile } from "../wire/types";
import { RoomFiles } from "./roomfiles.svelte";

const entry = (seq: number): RoomFile => ({
  file: aFile({ id: `f${seq}` }),
  seq,
  author: "jonas",
  created_at: at(seq),
});

/** Pages of two hold five files. */
function house() {
  const asked: unknown[] = [],
    state = { fail: undefined as Error | undefined, hold: undefined as Promise<void> | undefined };
  const files = new RoomFiles(GENERAL, async (room, kind, before) => {
    asked.push([room, kind, before]);
    await state.hold;
    if (state.fail) throw state.fail;
    const from = before ?? 6;
    const page = [from - 1, from - 2].filter((n) => n > 0).map(entry);
    return { files: page, ...(from > 3 && { next: from - 2 }) };
  });
  return { files, asked, state, seqs: () => files.list.files.map((f) => f.seq) };
}

test("files are listed page by page, newest first", async () => {
  const h = house();
  await h.files.choose(undefined);
  expect([h.seqs(), h.files.list.next]).toEqual([[5, 4], 4]);
  await h.files.more();
  await h.files.more();
  expect([h.seqs(), h.files.list.next, h.files.busy]).toEqual([[5, 4, 3, 2, 1], undefined, false]);
});

test("a page that cannot be loaded says why, and can be asked for again", async () => {
  const h = house();
  await h.files.choose(undefined);
  h.state.fail = new ApiError(503, problem(503, "The server is busy."));
  await h.files.more();
  expect([h.seqs(), h.files.list.failed]).toEqual([[5, 4], "The server is busy."]);
  h.state.fail = undefined;
  await h.files.more();
  expect([h.seqs(), h.files.list.failed]).toEqual([[5, 4, 3, 2], ""]);
});

test("an answer for another kind than the one that is shown is left out", async () => {
  const h = house();
  let go = () => {};
  h.state.hold = new Promise((yes) => (go = yes));
  const slow = h.files.choose("image");
  h.state.hold = undefined;
  await h.files.choose("video");
  go();
  await slow;
  expect([h.asked, h.files.kind, h.seqs()]).toEqual([
    [
      [GENERAL, "image", undefined],
      [GENERAL, "video", undefined],
    ],
    "video",
    [5, 4],
  ]);
});
