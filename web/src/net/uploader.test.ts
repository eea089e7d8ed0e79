import { expect, test } from "vitest";
import { aFile, problem, settle } from "../core/testing";
import type { Passing } from "../core/upload";
import { ApiError } from "./api";
import { Uploader } from "./uploader";

const PART = 4;

/** A server that takes uploads in parts of four bytes. `fail` may answer a call with an error. */
function house(fail: (what: string) => Error | undefined = () => undefined) {
  const asked: string[] = [],
    passes: Passing[] = [],
    pauses: number[] = [],
    known = new Map<string, Map<number, string>>();
  let ids = 0,
    running = 0,
    most = 0;
  const say = (what: string) => {
    asked.push(what);
    const e = fail(what);
    if (e) throw e;
  };
  const of = (id: string) => {
    const parts = known.get(id);
    if (!parts) throw new ApiError(404, problem(404, "There is no such file."));
    return parts;
  };
  const api = {
    begin: async ({ name }: { name: string }) => {
      say(`begin ${name}`);
      const id = `f${++ids}`;
      known.set(id, new Map());
      return { file: aFile({ id, name }), part_size: PART };
    },
    places: async (id: string, parts: readonly { n: number; sha256?: string }[]) => {
      say(`places ${id} ${parts.map((p) => `${p.n}${p.sha256 ? `:${p.sha256}` : ""}`).join()}`);
      const have = of(id);
      return {
        parts: parts.map(({ n }) => ({ n, url: `/${id}/${n}`, headers: { "X-N": String(n) } })),
        have: [...have.keys()],
      };
    },
    put: async (url: string, _: object, body: Blob, sent: (bytes: number) => void, signal?: AbortSignal) => {
      most = Math.max(most, ++running);
      try {
        sent(1);
        await settle();
        signal?.throwIfAborted();
        say(`put ${url}`);
        const [, id, n] = url.split("/");
        of(id!).set(Number(n), await body.text());
      } finally {
        running--;
      }
    },
    done: async (id: string, b: object = {}) => {
      say(`done ${id} ${JSON.stringify(b)}`);
      const have = of(id);
      return aFile({
        id,
        name: [...have]
          .sort(([a], [b]) => a - b)
          .map(([, text]) => text)
          .join(""),
      });
    },
  };
  const uploader = new Uploader(
    api,
    { isOver: async () => true, digest: async (b) => (await b.text()).toUpperCase() },
    async (ms) => void pauses.push(ms),
  );
  const begun: unknown[] = [];
  const run = (text: string, more: object = {}, poster?: string, signal = new AbortController().signal) =>
    uploader.run(
      { name: "a.txt", size: text.length, type: "text/plain", ...more },
      new Blob([text]),
      { passed: (p) => passes.push(p), begun: (...b) => begun.push(b), poster: async () => poster },
      signal,
    );
  return { asked, passes, pauses, begun, known, run, most: () => most };
}

/** Fails the first n calls of a kind. */
const first = (n: number, kind: RegExp, e: Error) => {
  let left = n;
  return (what: string) => (kind.test(what) && left-- > 0 ? e : undefined);
};

test("a body goes in parts, each with its digest, and is the same in the end", async () => {
  const h = house();
  expect((await h.run("0123456789")).name).toBe("0123456789");
  expect(h.asked.filter((a) => !a.startsWith("put"))).toEqual([
    "begin a.txt",
    "places f1 1:0123",
    "places f1 2:4567",
    "places f1 3:89",
    "done f1 {}",
  ]);
  expect(h.begun).toEqual([["f1", PART]]);
  const sent = h.passes.flatMap((p) => (p.what === "sent" ? p.bytes : []));
  expect([sent[0], sent.at(-1), h.passes.at(-1)]).toEqual([0, 10, { what: "whole" }]);
});

test("three parts are under way at once, whichever uploads they belong to", async () => {
  const h = house();
  await Promise.all([h.run("x".repeat(20)), h.run("y".repeat(20))]);
  expect(h.most()).toBe(3);
});

test("what has arrived before is not sent again", async () => {
  const h = house();
  h.known.set(
    "f9",
    new Map([
      [1, "0123"],
      [3, "89"],
    ]),
  );
  expect((await h.run("0123456789", { file: "f9", part: PART })).name).toBe("0123456789");
  expect(h.asked).toEqual(["places f9 ", "places f9 2:4567", "put /f9/2", "done f9 {}"]);
  expect(h.passes[0]).toEqual({ what: "sent", bytes: 6 });
});

test("an upload that the server has forgotten begins anew", async () => {
  const h = house();
  expect((await h.run("0123", { file: "gone", part: PART })).id).toBe("f1");
  expect(h.begun).toEqual([[undefined], ["f1", PART]]);
});

test.each([
  ["no answer", new ApiError(0), ""],
  ["a server without room", new ApiError(503, problem(503, "The disk is full.")), "The disk is full."],
])("%s: it goes on after a pause, and says why", async (_, error, why) => {
  for (const kind of [/^begin/, /^places/, /^put/, /^done/]) {
    const h = house(first(2, kind, error));
    expect((await h.run("0123456789")).name, String(kind)).toBe("0123456789");
    expect(h.passes.filter((p) => p.what === "unanswered")).toEqual([
      { what: "unanswered", why },
      { what: "unanswered", why },
    ]);
    expect(h.pauses.length).toBe(2);
  }
});

test("bytes that did not arrive as they were are sent again, a few times", async () => {
  const wrong = new ApiError(400, problem(400, "The digest is another."));
  const h = house(first(2, /^put \/f1\/2/, wrong));
  expect((await h.run("0123456789")).name).toBe("0123456789");
  await expect(house(first(99, /^put \/f1\/2/, wrong)).run("0123456789")).rejects.toBe(wrong);
});

test("parts that are missing in the end are sent, and it is done again", async () => {
  const h = house();
  const lost = house((what) => {
    if (!/^done/.test(what) || lost.known.get("f1")!.has(0)) return undefined;
    lost.known.get("f1")!.delete(2);
    lost.known.get("f1")!.set(0, ""); // once
    return new ApiError(409, problem(409, "Part 2 is missing."));
  });
  expect(h.asked).toEqual([]);
  expect((await lost.run("0123456789")).name).toBe("0123456789");
  expect(lost.asked.filter((a) => a.startsWith("put /f1/2")).length).toBe(2);
});

test("a refusal ends it, and the other parts are not sent", async () => {
  const refusal = new ApiError(413, problem(413, "Too large."));
  const h = house(first(1, /^put \/f1\/1/, refusal));
  await expect(h.run("x".repeat(40))).rejects.toBe(refusal);
  await settle();
  expect(h.asked.filter((a) => a.startsWith("put")).length).toBeLessThanOrEqual(3);
});

test("who cancels it hears of it at once", async () => {
  const h = house(),
    stop = new AbortController();
  const run = h.run("x".repeat(40), {}, undefined, stop.signal);
  await settle();
  stop.abort(new Error("cancelled"));
  await expect(run).rejects.toThrow("cancelled");
  const n = h.asked.length;
  await settle();
  expect(h.asked.length).toBe(n);
});

test("a voice message says how loud and how long it is, a video what it looks like", async () => {
  const h = house();
  await h.run("0123", { waveform: "AA==", duration: 7000 });
  await h.run("0123", {}, "UE5H");
  expect(h.asked.filter((a) => a.startsWith("done"))).toEqual([
    'done f1 {"waveform":"AA==","duration":7000}',
    'done f2 {"poster":"UE5H"}',
  ]);
});

test("a poster that is refused keeps no video back", async () => {
  const h = house(first(1, /^done/, new ApiError(400, problem(400, "It is no picture.", { field: "poster" }))));
  expect((await h.run("0123", { duration: 5 }, "UE5H")).name).toBe("0123");
  expect(h.asked.at(-1)).toBe('done f1 {"duration":5}');
});
