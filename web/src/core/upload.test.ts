import { describe, expect, test } from "vitest";
import { aFile, GENERAL, Memory } from "./testing";
import { passed, QUEUED, share, uploadNote, UploadShelf, type Passing, type Uploading } from "./upload";

const file = aFile();
const sending: Uploading = { is: "sending", sent: 5 },
  retrying: Uploading = { is: "retrying", sent: 5, why: "no answer" },
  checking: Uploading = { is: "checking" },
  ready: Uploading = { is: "ready", file },
  failed: Uploading = { is: "failed", why: "no" },
  missing: Uploading = { is: "missing" };
const states = [QUEUED, sending, retrying, checking, ready, failed, missing];
const sent: Passing = { what: "sent", bytes: 7 },
  unanswered: Passing = { what: "unanswered", why: "busy" },
  whole: Passing = { what: "whole" },
  done: Passing = { what: "ready", file },
  refused: Passing = { what: "refused", why: "no" },
  gone: Passing = { what: "missing" },
  requeued: Passing = { what: "requeued" };

describe("the states of an upload: every state and everything that can happen", () => {
  test.each<[Passing, Uploading[]]>([
    [
      sent,
      [
        { is: "sending", sent: 7 },
        { is: "sending", sent: 7 },
        { is: "sending", sent: 7 },
        { is: "sending", sent: 7 },
      ],
    ],
    [
      unanswered,
      [
        { is: "retrying", sent: 0, why: "busy" },
        { is: "retrying", sent: 5, why: "busy" },
        { is: "retrying", sent: 5, why: "busy" },
        { is: "retrying", sent: 0, why: "busy" },
      ],
    ],
    [whole, [checking, checking, checking, checking]],
    [done, [ready, ready, ready, ready]],
    [refused, [failed, failed, failed, failed]],
    [gone, [missing, missing, missing, missing]],
  ])("%j changes what is under way, and nothing else", (what, next) => {
    expect(states.map((s) => passed(s, what))).toEqual([...next, ready, failed, missing]);
  });

  test("only who sends it leads out of a refusal, and gives bytes that are missing", () => {
    expect(states.map((s) => passed(s, requeued))).toEqual([
      QUEUED,
      sending,
      retrying,
      checking,
      ready,
      QUEUED,
      QUEUED,
    ]);
  });
});

test("only what was ready is gone when the server has forgotten it", () => {
  const next = states.map((s) => passed(s, { what: "gone" }));
  expect(next).toEqual([QUEUED, sending, retrying, checking, missing, failed, missing]);
});

test("the share that has arrived", () => {
  expect(states.map((s) => share(s, 10))).toEqual([0, 0.5, 0.5, 1, 1, 0, 0]);
  expect([share({ is: "sending", sent: 20 }, 10), share(sending, 0)]).toEqual([1, 0]);
});

test("what is said of each state", () => {
  const said = (offline: boolean) => states.map((state) => uploadNote({ state, size: 4_100_000 }, offline));
  expect(said(false)).toEqual([
    "4.1 MB",
    "5 B of 4.1 MB",
    "no answer",
    "Almost done…",
    "4.1 MB",
    "no",
    "Choose it again to go on.",
  ]);
  expect(said(true).slice(0, 3)).toEqual(Array(3).fill("Waiting for the connection…"));
  expect(said(true).slice(4)).toEqual(said(false).slice(4));
  const kept: Uploading = { is: "ready", file: aFile({ kept: "It has more than 500 frames." }) };
  expect(uploadNote({ state: kept, size: 1 }, false)).toBe("Kept as a file: It has more than 500 frames.");
});

describe("the rows on the device", () => {
  const row = (id: string, more: object = {}) => ({
    id,
    place: GENERAL,
    name: `${id}.pdf`,
    size: 10,
    type: "",
    ...more,
  });
  const ids = (u: UploadShelf) => u.all().map((r) => r.id);

  test("stay in the order in which they were added, and belong to one user", () => {
    const shelf = new Memory(),
      u = new UploadShelf(shelf, "mira");
    for (const id of ["c", "a", "b"]) u.add(row(id));
    expect([ids(u), ids(new UploadShelf(shelf, "mira")), ids(new UploadShelf(shelf, "jonas"))]).toEqual([
      ["c", "a", "b"],
      ["c", "a", "b"],
      [],
    ]);
  });

  test("a reload makes what was under way wait again, with the id that the server knows", () => {
    const shelf = new Memory(),
      u = new UploadShelf(shelf, "mira");
    u.add(row("a", { waveform: "AA==" }));
    u.begun("a", "ffffffffffff", 8);
    u.passed("a", sent);
    expect(u.get("a")!.state).toEqual({ is: "sending", sent: 7 });
    expect(new UploadShelf(shelf, "mira").get("a")).toEqual({
      ...row("a", { waveform: "AA==" }),
      at: 1,
      file: "ffffffffffff",
      part: 8,
      state: QUEUED,
    });
  });

  test("what is ready or refused stays so after a reload", () => {
    const shelf = new Memory(),
      u = new UploadShelf(shelf, "mira");
    for (const id of ["a", "b", "c"]) u.add(row(id));
    u.passed("a", done);
    u.passed("b", refused);
    u.passed("c", refused);
    u.passed("c", requeued);
    u.add(row("d"));
    u.passed("d", done);
    u.passed("d", { what: "gone" });
    expect(new UploadShelf(shelf, "mira").all().map((r) => r.state)).toEqual([ready, failed, QUEUED, QUEUED]);
  });

  test("a row that was removed stays removed, whatever happens to it", () => {
    const u = new UploadShelf(new Memory(), "mira");
    u.add(row("a"));
    u.remove("a");
    u.passed("a", done);
    u.begun("a", "x", 1);
    u.attach("a", "m");
    expect(u.all()).toEqual([]);
  });

  test("what is no row of this client is left out", () => {
    const shelf = new Memory(),
      u = new UploadShelf(shelf, "mira");
    u.add(row("a"));
    shelf.setItem("canteen.upload.mira.x", "{");
    shelf.setItem("canteen.upload.mira.y", JSON.stringify({ ...row("z") }));
    expect(ids(u)).toEqual(["a"]);
    expect([u.isOne("canteen.upload.mira.a"), u.isOne(null), u.isOne("canteen.upload.jonas.a")]).toEqual([
      true,
      true,
      false,
    ]);
  });
});
