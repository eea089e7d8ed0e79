// An open thread follows the events of its room. Its oracle: after any drops, repeats and reordering it equals what a fresh client
// loads.
import { describe, expect, test } from "vitest";
import { ApiError } from "../net/api";
import { Sync } from "../net/sync";
import type { LiveEvent } from "../wire/live";
import type { Changes, Message, Page } from "../wire/types";
import { takeChanges, takeMessage, takeMoreReplies, takePage, takeReplies } from "./answers";
import { apply } from "./state";
import { EMPTY, WINDOW } from "./stretch";
import { at, GENERAL, loaded, message, reaction, room, settle, stateOf } from "./testing";
import { freshRoom } from "./room";
import { heldIn, openThread, rootOf } from "./threads";

const reply = (seq: number, more: Partial<Message> = {}) => message(seq, { thread: 1, ...more });
const page = (messages: Message[], more: Partial<Page> = {}): Page => ({
  head: messages.at(-1)?.rev ?? 0,
  messages,
  more_before: false,
  more_after: false,
  ...more,
});
const posted = (m: Message): LiveEvent => ({ type: "message", room: GENERAL, rev: m.rev, message: m });
const ask = { what: "changes", room: GENERAL };

/** A room of three messages whose first one has the replies 4 to `n`, and its thread is open. */
function house(n = 5, more: Partial<Page> = {}) {
  const s = stateOf([loaded(3, { held: n, room: room(GENERAL, { rev: n, last_seq: n }) })]);
  s.threads.set(GENERAL, openThread(GENERAL, 1));
  const replies = Array.from({ length: n - 3 }, (_, i) => reply(i + 4));
  expect(takeReplies(s, GENERAL, 1, page(replies, more))).toEqual([]);
  const thread = () => s.threads.get(GENERAL)!;
  return { s, thread, seqs: () => thread().messages.map((m) => m.seq) };
}

describe("an open thread", () => {
  test("takes a reply from its event, and asks for nothing", () => {
    const h = house();
    expect(apply(h.s, posted(reply(6)), 0)).toEqual([]);
    const grown = message(1, { rev: 7, thread_info: { replies: 3, last_reply_at: at(6), repliers: ["jonas"] } });
    expect(apply(h.s, posted(grown), 0)).toEqual([]);
    expect([h.seqs(), h.thread().first?.thread_info?.replies, h.thread().held]).toEqual([[4, 5, 6], 3, 7]);
  });

  test("follows edits, deletions and reactions, of the root too", () => {
    const h = house();
    apply(h.s, posted(reply(4, { rev: 6, text: "better", edited_at: at(9) })), 0);
    apply(h.s, posted(reply(5, { rev: 7, text: "", deleted_at: at(9) })), 0);
    const react = {
      type: "reaction",
      room: GENERAL,
      user: "mira",
      added: true,
      reaction: reaction("🎉", ["mira"]),
    } as const;
    apply(h.s, { ...react, rev: 8, seq: 4 }, 0);
    apply(h.s, { ...react, rev: 9, seq: 1 }, 0);
    const [a, b] = h.thread().messages;
    expect([a!.text, a!.reactions[0]?.me, !!b!.deleted_at, h.thread().first?.reactions[0]?.me]).toEqual([
      "better",
      true,
      true,
      true,
    ]);
  });

  test("leaves alone what stands elsewhere", () => {
    const h = house(),
      before = h.thread().messages;
    apply(h.s, posted(message(6)), 0);
    apply(h.s, posted(message(7, { thread: 2 })), 0);
    expect([h.thread().messages === before, h.thread().held]).toEqual([true, 7]);
  });

  test("keeps an older state from replacing a newer one", () => {
    const h = house();
    takeMessage(h.s, reply(4, { rev: 9, text: "mine" }));
    apply(h.s, posted(reply(4, { rev: 6, text: "older" })), 0);
    expect([h.thread().messages[0]!.text, h.thread().held]).toEqual(["mine", 6]);
  });

  test("keeps an older state of the root from replacing a newer one", () => {
    const h = house();
    takeMessage(h.s, message(1, { rev: 9, text: "mine" }));
    apply(h.s, posted(message(1, { rev: 6, text: "older" })), 0);
    expect(h.thread().first?.text).toBe("mine");
  });

  test("is no newer than the root that was found in memory", () => {
    const s = stateOf([loaded(3)]);
    s.threads.set(GENERAL, openThread(GENERAL, 1));
    takeReplies(s, GENERAL, 1, page([reply(4)], { head: 6 }));
    expect(s.threads.get(GENERAL)!.held).toBe(3);
    for (const rev of [4, 5]) apply(s, posted(message(3, { rev })), 0);
    apply(s, posted(message(1, { rev: 6, text: "since" })), 0);
    expect(s.threads.get(GENERAL)).toMatchObject({ held: 6, first: { text: "since" } });
  });

  test("takes one's own reply from the answer, before its event", () => {
    const h = house();
    takeMessage(h.s, reply(8, { author: "mira" }));
    expect(h.seqs()).toEqual([4, 5, 8]);
    for (const seq of [6, 7, 8]) apply(h.s, posted(reply(seq)), 0);
    expect(h.seqs()).toEqual([4, 5, 6, 7, 8]);
  });

  test("heals a gap by the changes of the room, once for both", () => {
    const h = house();
    expect(apply(h.s, posted(reply(8)), 0).filter((n) => n.what === "changes")).toEqual([ask]);
    const c: Changes = { head: 8, next: 8, more: false, messages: [reply(6), reply(7), reply(8)] };
    expect(takeChanges(h.s, GENERAL, heldIn(h.s, GENERAL), c).needs).toEqual([]);
    expect([h.seqs(), h.thread().held, h.s.rooms.get(GENERAL)!.held]).toEqual([[4, 5, 6, 7, 8], 8, 8]);
  });

  test("asks for what came between its page and the revision of the room", () => {
    const h = house();
    h.s.threads.set(GENERAL, openThread(GENERAL, 1));
    expect(takeReplies(h.s, GENERAL, 1, page([reply(4)]), message(1))).toEqual([ask]);
    expect(heldIn(h.s, GENERAL)).toBe(4);
    const part = takeChanges(h.s, GENERAL, 4, { head: 9, next: 6, more: true, messages: [reply(5)] });
    expect([part.next, h.thread().held]).toEqual([6, 4]);
    expect(takeChanges(h.s, GENERAL, 4, { head: 9, next: 9, more: false, messages: [] }).needs).toEqual([]);
    expect([h.seqs(), h.thread().held]).toEqual([[4, 5], 9]);
  });

  test("that was opened before the room is loaded asks once the room is there", () => {
    const h = house();
    h.s.rooms.set(GENERAL, freshRoom(room(GENERAL, { rev: 9 })));
    expect(apply(h.s, { type: "message", room: GENERAL, rev: 10, seq: 4 }, 0).map((n) => n.what)).toContain("changes");
    expect(takePage(h.s, GENERAL, page([message(1)], { head: 10 }))).toEqual([ask]);
  });

  test("is not loaded by changes, and not raised above what it lacks", () => {
    const h = house();
    h.s.threads.set(GENERAL, openThread(GENERAL, 2));
    takeChanges(h.s, GENERAL, 5, { head: 9, next: 9, more: false, messages: [reply(6, { thread: 2 })] });
    expect(h.thread()).toMatchObject({ loaded: false, messages: [] });
    expect(takeReplies(h.s, GENERAL, 2, page([], { head: 8 }), undefined)).toEqual([ask]);
  });

  test("takes no page of another thread, or once it is closed", () => {
    const h = house();
    expect(takeReplies(h.s, GENERAL, 2, page([reply(9)]), undefined)).toEqual([]);
    expect(h.seqs()).toEqual([4, 5]);
    h.s.threads.delete(GENERAL);
    takeReplies(h.s, GENERAL, 1, page([reply(9)]), undefined);
    expect(h.s.threads.size).toBe(0);
  });
});

describe("a thread of 5,000 replies", () => {
  const N = 5003,
    all = Array.from({ length: N - 3 }, (_, i) => reply(i + 4));
  const open = () => {
    const s = stateOf([loaded(3, { held: N, room: room(GENERAL, { rev: N, last_seq: N }) })]);
    s.threads.set(GENERAL, openThread(GENERAL, 1));
    takeReplies(s, GENERAL, 1, page(all.slice(-60), { more_before: true }), message(1));
    return s;
  };

  test("keeps a bounded number of them while more come", () => {
    const s = open();
    for (let seq = N + 1; seq <= N + 2000; seq++) apply(s, posted(reply(seq)), 0);
    const t = s.threads.get(GENERAL)!;
    expect([t.messages.at(-1)!.seq, t.messages.length <= WINDOW, t.moreBefore]).toEqual([N + 2000, true, true]);
  });

  test("is walked back to its first reply, and forward to its last", () => {
    const s = open(),
      t = () => s.threads.get(GENERAL)!;
    for (const older of [true, false]) {
      while (older ? t().moreBefore : t().moreAfter) {
        const edge = (older ? t().messages[0] : t().messages.at(-1))!.seq,
          i = all.findIndex((m) => m.seq === edge);
        const next = older ? all.slice(Math.max(0, i - 60), i) : all.slice(i + 1, i + 61);
        const more = { head: N, more_before: next[0]!.seq > 4, more_after: next.at(-1)!.seq < N };
        expect(takeMoreReplies(s, GENERAL, 1, page(next, more), older, edge)).toEqual([]);
        expect(t().messages.length).toBeLessThanOrEqual(2 * WINDOW);
      }
      expect((older ? t().messages[0] : t().messages.at(-1))!.seq).toBe(older ? 4 : N);
    }
  });

  test("an earlier page that comes late asks for the changes since; one for another edge is not taken", () => {
    const s = open(),
      edge = s.threads.get(GENERAL)!.messages[0]!.seq;
    expect(takeMoreReplies(s, GENERAL, 1, page(all.slice(-120, -60), { head: N - 5 }), true, edge)).toEqual([ask]);
    const now = s.threads.get(GENERAL)!;
    expect([now.messages.length, now.held]).toEqual([120, N - 5]);
    expect(takeMoreReplies(s, GENERAL, 1, page([]), true, edge)).toEqual([]);
    expect(s.threads.get(GENERAL)).toBe(now);
  });
});

test("the root is found in the timeline, or is not there", () => {
  expect(rootOf(loaded(3), 2)?.seq).toBe(2);
  expect(rootOf({ ...EMPTY, messages: [] }, 9)).toBeUndefined();
});

const random = (seed: number) => () => (seed = (seed * 48271) % 2147483647) / 2147483647;

/** A server of one room and one thread in it. Each reply takes two revisions, its own and that of the root. */
class Home {
  rev = 1;
  messages: Message[] = [message(1)];
  events: LiveEvent[] = [];
  gone = 0; // changes up to here are too far back to be known

  private say(m: Message) {
    this.events.push(structuredClone(posted(m)));
  }
  get replies() {
    return this.messages.filter((m) => m.thread === 1);
  }
  post(thread: boolean) {
    const m = message(this.messages.length + 1, { rev: ++this.rev, ...(thread && { thread: 1 }) });
    this.messages.push(m);
    this.say(m);
    if (thread) this.count();
  }
  change(i: number, what: "edit" | "delete" | "react") {
    const m = this.messages[i]!;
    if (m.deleted_at) return;
    m.rev = ++this.rev;
    if (what === "react") {
      const r = reaction("🎉", ["jonas"], { count: m.rev });
      m.reactions = [{ ...r, me: false }];
      const { rev } = this;
      this.events.push({ type: "reaction", room: GENERAL, rev, seq: m.seq, user: "jonas", added: true, reaction: r });
      return;
    }
    if (what === "edit") Object.assign(m, { text: `e${m.rev}`, edited_at: at(1) });
    else Object.assign(m, { text: "", deleted_at: at(2), reactions: [] });
    this.say(m);
    if (what === "delete" && m.thread) this.count();
  }
  private count() {
    const root = this.messages[0]!,
      replies = this.replies.filter((m) => !m.deleted_at).length;
    Object.assign(root, { rev: ++this.rev, thread_info: { replies, last_reply_at: at(3), repliers: ["jonas"] } });
    this.say(root);
  }
  room() {
    return room(GENERAL, { rev: this.rev, last_seq: this.messages.length });
  }
  page(q: { thread?: number; before?: number; limit?: number }): Page {
    const of = q.thread ? this.replies : this.messages.filter((m) => !m.thread),
      before = of.filter((m) => m.seq < (q.before ?? Infinity)),
      shown = q.thread ? before.slice(-4) : before;
    const more_before = shown.length < before.length;
    return structuredClone({ head: this.rev, messages: shown, more_before, more_after: !!q.before });
  }
  changes(since: number): Changes {
    if (since < this.gone) throw new ApiError(410);
    const messages = this.messages.filter((m) => m.rev > since).sort((a, b) => a.rev - b.rev),
      part = messages.slice(0, 3),
      more = part.length < messages.length;
    return structuredClone({ head: this.rev, next: more ? part.at(-1)!.rev : this.rev, more, messages: part });
  }
}

test("after drops, repeats and reordering an open thread is that of a fresh client, and events load no page of it", async () => {
  for (let seed = 1; seed <= 40; seed++) {
    const next = random(seed),
      home = new Home(),
      s = stateOf([]);
    let pages = 0;
    for (let i = 0; i < 6; i++) home.post(i % 2 === 0);
    home.events = [];
    const api = {
      rooms: async () => ({ epoch: "e", rooms: [home.room()], etag: "" }),
      room: async () => home.room(),
      users: async () => ({ users: [], etag: "" }),
      message: async () => structuredClone(home.messages[0]),
      changes: async (_: string, since: number) => home.changes(since),
      page: async (_: string, q: { thread?: number; before?: number }) => {
        if (q.thread && !q.before) pages++;
        return home.page(q);
      },
    };
    const on = { restored() {}, isOver: async () => true, me() {}, failed() {} };
    const sync = new Sync(api as never, s, on, () => Promise.resolve());
    await sync.reconcile();
    await sync.latest(GENERAL);
    let late: LiveEvent[] = [];
    for (let i = 0; i < 40; i++) {
      const dice = next(),
        at = Math.floor(next() * home.messages.length);
      if (dice < 0.5) home.post(next() < 0.7);
      else if (dice < 0.65) home.change(at, "edit");
      else if (dice < 0.8) home.change(Math.max(1, at), "delete");
      else home.change(at, "react");
      for (const e of home.events) {
        const fate = next();
        if (fate < 0.15) continue; // dropped
        if (fate < 0.25) late.push(e);
        else sync.event(e);
        if (fate > 0.9) sync.event(structuredClone(e)); // twice
      }
      home.events = [];
      if (next() < 0.2) for (const e of late.splice(0)) sync.event(e);
      if (i === 10) sync.openThread(GENERAL, 1);
      else if (i > 10 && next() < 0.1) void sync.moreReplies(GENERAL, true);
      if (next() < 0.3) await settle();
      if (i === 30 && seed % 4 === 0) home.gone = home.rev;
    }
    await settle();
    await sync.reconcile();
    await settle();
    const t = s.threads.get(GENERAL)!,
      from = t.messages[0]!.seq;
    if (!home.gone) expect(pages, `seed ${seed}`).toBe(1);
    expect(t.messages, `seed ${seed}`).toEqual(home.replies.filter((m) => m.seq >= from));
    expect([t.first, t.moreBefore, t.held]).toEqual([home.messages[0], home.replies[0]!.seq < from, home.rev]);
  }
});
