// @vitest-environment happy-dom
import { beforeEach, describe, expect, test, vi } from "vitest";
import { aFile, GENERAL, LUNCH, me, Memory, problem, room, settle } from "../core/testing";
import type { OutboxMessage } from "../core/outbox";
import { freshRoom } from "../core/room";
import { ApiError } from "../net/api";
import type * as Api from "../net/files";
import { Uploads } from "./uploads.svelte";

/** The bodies that a device has kept. */
class Kept {
  all = new Map<string, Blob>();
  full = false;
  put = async (id: string, b: Blob) => !this.full && !!this.all.set(id, b);
  get = async (id: string) => this.all.get(id);
  remove = async (id: string) => void this.all.delete(id);
  keys = async () => [...this.all.keys()];
}

/** The box of a room. */
const box = (id: string) => ({ r: freshRoom(room(id)), thread: undefined, edits: undefined });
const shelf = () => new Memory();
const row = (client_id: string, uploads: string[], text = ""): OutboxMessage => ({
  client_id,
  room: GENERAL,
  text,
  uploads,
  at: 1,
  sending: { is: "waiting" },
});

/** A device, and a server that answers when the test lets it. */
function house(on: { shelf?: Memory; bodies?: Kept; rows?: Partial<OutboxMessage>[]; limits?: object } = {}) {
  const asked: string[] = [],
    said: string[] = [],
    filled: [string, readonly string[] | undefined][] = [],
    discarded: string[] = [];
  const state = {
    fail: undefined as Error | undefined,
    hold: undefined as Promise<void> | undefined,
    gone: new Set<string>(),
  };
  let ids = 0;
  const answer = async <T>(what: string, value: T): Promise<T> => {
    asked.push(what);
    await state.hold;
    if (state.fail) throw state.fail;
    return value;
  };
  const api = {
    begin: ({ name }: { name: string }) => {
      const id = `f${++ids}`;
      return answer(`begin ${name}`, { file: aFile({ id }), part_size: 8 });
    },
    places: (id: string, parts: readonly { n: number }[]) =>
      answer(`places ${id}`, { parts: parts.map(({ n }) => ({ n, url: "/", headers: {} })), have: [] }),
    put: () => answer("put", undefined),
    done: (id: string) => answer(`done ${id}`, aFile({ id })),
    exists: async (id: string) => !state.gone.has(id),
    drop: (id: string) => answer(`drop ${id}`, undefined),
  } as unknown as typeof Api;
  const device = on.shelf ?? shelf(),
    bodies = on.bodies ?? new Kept();
  const outgoing = {
    rows: (on.rows ?? []) as OutboxMessage[],
    fill: (id: string, files: readonly string[] | undefined) => void filled.push([id, files]),
    discard: (o: OutboxMessage) => void discarded.push(o.client_id),
  };
  const uploads = new Uploads(
    {
      chat: { me: "mira", rooms: new Map([[GENERAL, {}]]) as never },
      connection: { isOver: async () => false },
      notices: { say: (text: string) => void said.push(text) },
      outgoing,
      session: { me: me() },
      shelf: device,
    },
    api,
    bodies,
    () => settle(),
  );
  const add = (...names: string[]) =>
    uploads.add(
      GENERAL,
      names.map((name) => ({ name, body: new Blob(["12345"], { type: "text/plain" }) })),
    );
  const states = () => uploads.rows.map((u) => [u.name, u.state.is]);
  const quiet = async () => {
    for (let i = 0; i < 5; i++) {
      await settle();
      await new Promise((r) => setTimeout(r, 5)); // digests are made by the browser, in its own time
    }
  };
  return { uploads, asked, said, filled, discarded, state, outgoing, device, bodies, add, states, quiet };
}

beforeEach(() => {
  vi.stubGlobal("navigator", {}); // no locks
});

test("files are uploaded as soon as they are added, and stand at their place until they are sent", async () => {
  const h = house();
  h.add("a.txt", "b.txt");
  await h.quiet();
  expect(h.states()).toEqual([
    ["a.txt", "ready"],
    ["b.txt", "ready"],
  ]);
  expect([h.uploads.brings(box(GENERAL)), h.uploads.brings(box(LUNCH)), h.bodies.all.size]).toEqual([true, false, 0]);
  const taken = h.uploads.take(GENERAL, "m1")!;
  expect([taken.length, h.uploads.in(GENERAL), h.uploads.of(taken).map((u) => u.message)]).toEqual([
    2,
    [],
    ["m1", "m1"],
  ]);
});

test("a message gets its files when all of them are there, in the order in which they were added", async () => {
  const h = house();
  let go = () => {};
  h.state.hold = new Promise((yes) => (go = yes));
  h.add("a.txt", "b.txt");
  const ids = h.uploads.take(GENERAL, "m1")!;
  h.outgoing.rows = [row("m1", ids)];
  await h.quiet();
  expect(h.filled).toEqual([]);
  go();
  await h.quiet();
  expect(h.filled[0]).toEqual(["m1", ["f1", "f2"]]);
});

test("a message whose files are there already gets them at once", async () => {
  const h = house();
  h.add("a.txt");
  await h.quiet();
  h.outgoing.rows = [row("m1", h.uploads.take(GENERAL, "m1")!)];
  h.uploads.sync();
  expect(h.filled).toEqual([["m1", ["f1"]]]);
});

test("what is refused says why, goes with no message, and can be tried again", async () => {
  const h = house();
  h.state.fail = new ApiError(413, problem(413, "Your files of today are too many."));
  h.add("a.txt");
  await h.quiet();
  expect(h.uploads.rows[0]!.state).toEqual({ is: "failed", why: "Your files of today are too many." });
  expect(h.uploads.brings(box(GENERAL))).toBe(false);
  h.state.fail = undefined;
  h.uploads.retry(h.uploads.rows[0]!);
  await h.quiet();
  expect(h.states()).toEqual([["a.txt", "ready"]]);
  h.state.fail = new ApiError(403, problem(403, "No."));
  h.add("b.txt");
  await h.quiet();
  expect(h.uploads.take(GENERAL, "m1")!.length).toBe(1);
  expect(h.states(), "the refused one is gone").toEqual([["a.txt", "ready"]]);
});

test("one that is too large or empty is not even begun", async () => {
  const h = house();
  const huge = { size: 200_000_000, type: "" } as Blob;
  h.uploads.add(GENERAL, [
    { name: "a.iso", body: huge },
    { name: "photos", body: new Blob([]) },
  ]);
  await h.quiet();
  expect(h.uploads.rows.map((u) => u.state)).toEqual([
    { is: "failed", why: "It has 200 MB; a file can have 100 MB at most." },
    { is: "failed", why: "It is empty, or a folder." },
  ]);
  expect(h.asked).toEqual([]);
});

test("a message has ten files at most", async () => {
  const h = house();
  h.add(...Array.from({ length: 12 }, (_, i) => `${i}.txt`));
  expect([h.uploads.rows.length, h.said]).toEqual([10, ["A message can have 10 files at most."]]);
});

test("who takes a file back stops its upload, and the server forgets it", async () => {
  const h = house();
  h.add("a.txt");
  await h.quiet();
  h.uploads.cancel(h.uploads.rows[0]!);
  await h.quiet();
  expect([h.uploads.rows, h.asked.at(-1), h.device.keys("canteen.upload.")]).toEqual([[], "drop f1", []]);
});

test("nothing more of a file is uploaded once it is taken back", async () => {
  const h = house();
  let go = () => {};
  h.state.hold = new Promise((yes) => (go = yes));
  h.add("a.txt");
  await h.quiet();
  h.uploads.cancel(h.uploads.rows[0]!);
  go();
  await h.quiet();
  expect(h.asked).toEqual(["begin a.txt"]);
});

test("a message of files alone goes when all of them are taken back, another is sent without them", async () => {
  const h = house();
  h.state.fail = new ApiError(403, problem(403, "No."));
  h.add("a.txt", "b.txt");
  const [a, b] = h.uploads.rows;
  h.uploads.take(GENERAL, "m1");
  h.outgoing.rows = [row("m1", [a!.id]), row("m2", [b!.id], "Look")];
  h.uploads.cancel(a!);
  h.uploads.cancel(b!);
  expect([h.discarded[0], h.filled.at(-1)]).toEqual(["m1", ["m2", []]]);
});

describe("after a reload", () => {
  test("an upload goes on with what the device has kept", async () => {
    const before = house();
    before.state.hold = new Promise(() => {});
    before.add("a.txt");
    await before.quiet();
    const h = house({ shelf: before.device, bodies: before.bodies });
    h.uploads.begin();
    await h.quiet();
    expect(h.states()).toEqual([["a.txt", "ready"]]);
  });

  test("one whose bytes are lost asks for them, and takes no others", async () => {
    const before = house();
    before.bodies.full = true;
    before.state.hold = new Promise(() => {});
    before.add("a.txt");
    expect(before.uploads.unkept).toBe(true);
    const h = house({ shelf: before.device });
    h.uploads.begin();
    await h.quiet();
    expect(h.states()).toEqual([["a.txt", "missing"]]);
    h.uploads.again(h.uploads.rows[0]!, new Blob(["123"]));
    expect([h.states(), h.said]).toEqual([
      [["a.txt", "missing"]],
      ["This is another file: it has 3 B, and a.txt has 5 B."],
    ]);
    h.uploads.again(h.uploads.rows[0]!, new Blob(["12345"]));
    await h.quiet();
    expect(h.states()).toEqual([["a.txt", "ready"]]);
  });

  test("what the server has forgotten since is asked for again, also where a message has it", async () => {
    const before = house();
    before.add("a.txt", "b.txt");
    await before.quiet();
    before.uploads.take(GENERAL, "m1");
    const h = house({
      shelf: before.device,
      rows: [
        {
          ...row(
            "m1",
            before.uploads.rows.map((u) => u.id),
          ),
          files: ["f1", "f2"],
        },
      ],
    });
    h.state.gone.add("f2");
    h.uploads.begin();
    await h.quiet();
    expect([h.states(), h.filled]).toEqual([
      [
        ["a.txt", "ready"],
        ["b.txt", "missing"],
      ],
      [["m1", undefined]],
    ]);
    h.outgoing.rows = [
      row(
        "m1",
        before.uploads.rows.map((u) => u.id),
      ),
    ];
    h.uploads.again(h.uploads.rows[1]!, new Blob(["12345"]));
    await h.quiet();
    expect([h.asked[0], h.filled.at(-1)]).toEqual(["begin b.txt", ["m1", ["f1", "f1"]]]);
  });

  test("what went with a message that was sent is gone, and so is what belongs to no room of mine", async () => {
    const before = house();
    before.add("a.txt", "b.txt");
    before.uploads.add(LUNCH, [{ name: "l.txt", body: new Blob(["x"]) }]);
    await before.quiet();
    before.uploads.take(GENERAL, "m1");
    before.add("c.txt");
    await before.quiet();
    before.bodies.all.set("orphan", new Blob(["x"]));
    const h = house({ shelf: before.device, bodies: before.bodies });
    h.uploads.begin();
    await h.quiet();
    expect([h.states(), [...h.bodies.all.keys()]]).toEqual([[["c.txt", "ready"]], []]);
  });
});

test("a message that left the outbox takes its uploads along", async () => {
  const h = house();
  h.add("a.txt");
  const ids = h.uploads.take(GENERAL, "m1")!;
  h.outgoing.rows = [row("m1", ids)];
  h.uploads.sync();
  expect(h.uploads.rows.length).toBe(1);
  await h.quiet();
  h.outgoing.rows = [];
  h.uploads.sync();
  expect([h.uploads.rows, h.asked.filter((a) => a.startsWith("drop"))]).toEqual([[], []]);
});

test("who leaves a room leaves its files", async () => {
  const h = house();
  h.add("a.txt");
  expect([h.uploads.holds(GENERAL), h.uploads.holds(LUNCH)]).toEqual([true, false]);
  h.uploads.drop([GENERAL]);
  await h.quiet();
  expect([h.uploads.rows, h.uploads.holds(GENERAL)]).toEqual([[], false]);
});

test("a file that another tab takes back is uploaded no further", async () => {
  const h = house();
  let go = () => {};
  h.add("a.txt");
  while (!h.asked.length) await Promise.resolve();
  h.state.hold = new Promise((yes) => (go = yes)); // its upload has begun, and no part has gone
  await h.quiet();
  for (const key of h.device.keys("canteen.upload.")) {
    h.device.removeItem(key);
    h.uploads.heard(key);
  }
  h.state.fail = new ApiError(404); // the server was told, and has forgotten it
  go();
  await h.quiet();
  expect([h.uploads.rows, h.asked]).toEqual([[], ["begin a.txt", "places f1"]]);
});

test("a tab that opens leaves the bytes of a file that another tab adds at that moment", async () => {
  const opens = house();
  let go = () => {};
  opens.bodies.keys = async () => {
    await new Promise<void>((yes) => (go = yes));
    return [...opens.bodies.all.keys()];
  };
  opens.uploads.begin();
  const adds = house({ shelf: opens.device, bodies: opens.bodies });
  adds.state.hold = new Promise(() => {}); // it is not uploaded before the other tab has looked
  adds.add("a.txt");
  await adds.quiet();
  go();
  await opens.quiet();
  expect(opens.bodies.all.size).toBe(1);
});
