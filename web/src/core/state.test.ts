// The oracle of sync: after any drops, repeats and reordering, the client's state equals what a fresh client loads.
import { expect, test } from "vitest";
import type { LiveEvent } from "../wire/live";
import type { Message, MyRoom, Page, PostMessage } from "../wire/types";
import { freshRoom, mentioned, type RoomState } from "./room";
import { show } from "./stretch";
import { asking, takeRooms } from "./answers";
import { apply, emptyState } from "./state";
import { Sender } from "../net/sender";
import { Sync } from "../net/sync";
import { ApiError } from "../net/api";
import { Outbox } from "./outbox";
import { Memory, problem, settle } from "./testing";

const ROOM = "aaaaaaaaaaaa";

/** A server of one room, as small as can be. */
class House {
  rev = 0;
  messages: Message[] = [];
  read = 0;
  readRev = 0;
  events: LiveEvent[] = [];

  room(): MyRoom {
    const live = this.messages.filter((m) => !m.deleted_at && !m.thread),
      last = live.at(-1);
    const waiting = live.filter((m) => m.seq > this.read && m.author !== "me");
    return {
      id: ROOM,
      kind: "public",
      name: "general",
      posting: "everyone",
      broadcast: "everyone",
      member_count: 2,
      created_at: "2026-11-24T09:00:00.000Z",
      role: "member",
      rev: this.rev,
      last_seq: this.messages.length,
      read_seq: this.read,
      read_rev: this.readRev,
      unread: waiting.length,
      mention_count: this.messages.filter((m) => m.seq > this.read && m.author !== "me" && mentioned(m, "me")).length,
      notify: "all",
      starred: false,
      muted: false,
      ...(last
        ? { last_message: { seq: last.seq, author: last.author, text: last.text, created_at: last.created_at } }
        : {}),
    };
  }
  page(): Page {
    return structuredClone({
      head: this.rev,
      messages: this.messages.filter((m) => !m.thread),
      more_before: false,
      more_after: false,
    });
  }

  private say(m: Message) {
    this.events.push(structuredClone({ type: "message", room: ROOM, rev: m.rev, message: m }));
  }
  post(author: string, mention: boolean, broadcast = false) {
    const m: Message = {
      room: ROOM,
      seq: this.messages.length + 1,
      rev: ++this.rev,
      author,
      text: `m${this.rev}`,
      created_at: "2026-11-24T09:00:00.000Z",
      mentions: mention ? ["me"] : [],
      ...(broadcast && { broadcast: "room" as const }),
      files: [],
      reactions: [],
    };
    this.messages.push(m);
    if (author === "me") {
      this.read = m.seq;
      this.readRev++;
    }
    this.say(m);
  }
  change(i: number, what: "edit" | "delete" | "react" | "unreact", user: string) {
    const m = this.messages[i];
    if (!m || m.deleted_at) return;
    const had = m.reactions.find((r) => r.emoji === "🎉");
    if (what === "react" || what === "unreact") {
      const users = new Set(had?.users);
      if (users.has(user) === (what === "react")) return;
      if (what === "react") users.add(user);
      else users.delete(user);
      const r = { emoji: "🎉", count: users.size, users: [...users] };
      m.reactions = users.size ? [{ ...r, me: users.has("me") }] : [];
      m.rev = ++this.rev;
      this.events.push({
        type: "reaction",
        room: ROOM,
        rev: this.rev,
        seq: m.seq,
        user,
        added: what === "react",
        reaction: r,
      });
      return;
    }
    if (what === "edit") {
      Object.assign(m, { text: `e${this.rev}`, edited_at: "2026-11-24T09:01:00.000Z" });
      if (i % 2) delete m.broadcast; // the edit took the word out
    } else {
      delete m.broadcast;
      Object.assign(m, { text: "", deleted_at: "2026-11-24T09:02:00.000Z", mentions: [], reactions: [] });
    }
    m.rev = ++this.rev;
    this.say({ ...m, reactions: m.reactions.map(({ emoji, count, users }) => ({ emoji, count, users })) });
  }
  move(seq: number) {
    this.read = Math.min(seq, this.messages.length);
    this.readRev++;
    const { unread, mention_count } = this.room();
    this.events.push({ type: "read", room: ROOM, seq: this.read, read_rev: this.readRev, unread, mention_count });
  }
}

const state = () => emptyState("me");
const plain = (r: RoomState | undefined) => r && { room: { ...r.room }, held: r.held, messages: r.messages };
const random = (seed: number) => () => (seed = (seed * 48271) % 2147483647) / 2147483647;

test("after drops, repeats and reordering the state is that of a fresh client", async () => {
  for (let seed = 1; seed <= 60; seed++) {
    const next = random(seed),
      house = new House(),
      s = state();
    for (let i = 0; i < 5; i++) house.post("you", false);
    house.events = [];
    const api = {
      rooms: async () => ({ epoch: "e", rooms: [house.room()], etag: "" }),
      room: async () => house.room(),
      users: async () => ({ users: [], etag: "" }),
      page: async () => house.page(),
      changes: async (_: string, since: number) =>
        structuredClone({
          head: house.rev,
          next: house.rev,
          more: false,
          messages: house.messages.filter((m) => m.rev > since).sort((a, b) => a.rev - b.rev),
        }),
    };
    const sync = new Sync(api as never, s, { restored() {}, isOver: async () => true, me() {}, failed() {} }, () =>
      Promise.resolve(),
    );
    await sync.reconcile();
    await sync.latest(ROOM);
    let late: LiveEvent[] = [];
    for (let i = 0; i < 40; i++) {
      const dice = next(),
        at = Math.floor(next() * house.messages.length),
        who = next() < 0.4 ? "me" : "you";
      if (dice < 0.4) house.post(who, next() < 0.3, next() < 0.2);
      else if (dice < 0.55) house.change(at, "edit", who);
      else if (dice < 0.65) house.change(at, "delete", who);
      else if (dice < 0.9) house.change(at, next() < 0.6 ? "react" : "unreact", who);
      else house.move(Math.floor(next() * (house.messages.length + 1)));
      for (const e of house.events) {
        const fate = next();
        if (fate < 0.15) continue; // dropped
        if (fate < 0.25)
          late.push(e); // late
        else sync.event(e);
        if (fate > 0.9) sync.event(structuredClone(e)); // twice
      }
      house.events = [];
      if (next() < 0.2) {
        for (const e of late) sync.event(e);
        late = [];
      }
      if (next() < 0.2) await settle();
    }
    await settle();
    await sync.reconcile();
    await settle();
    const fresh: RoomState = { ...show(freshRoom(house.room()), house.page()), held: house.rev };
    expect(plain(s.rooms.get(ROOM)), `seed ${seed}`).toEqual(plain(fresh));
  }
});

test("events alone, in order, keep the counts", () => {
  const house = new House(),
    s = state();
  takeRooms(s, [house.room()], asking(s));
  house.post("you", true);
  house.post("you", false);
  for (const e of house.events) expect(apply(s, e, 0)).toEqual([]);
  expect(s.rooms.get(ROOM)!.room).toMatchObject({ unread: 2, mention_count: 1, last_seq: 2, rev: 2 });
  house.events = [];
  house.post("me", false);
  apply(s, house.events[0]!, 0);
  expect(s.rooms.get(ROOM)!.room).toMatchObject({ unread: 0, mention_count: 0, read_seq: 3 });
});

test("the outbox sends in order, repeats what may pass with the same id, and stops at a refusal", async () => {
  const shelf = new Memory(),
    outbox = new Outbox(shelf, "me"),
    seen: string[] = [];
  let failures = 2;
  const api = {
    post: async (_: string, { client_id: id, text }: PostMessage) => {
      seen.push(`${id} ${text}`);
      if (text === "bad") throw new ApiError(400, problem(400, "no"));
      if (failures-- > 0) throw new ApiError(0);
      return { room: ROOM, seq: 1, rev: 1 };
    },
  };
  const sender = new Sender(
    api as never,
    outbox,
    { changed() {}, finish: (text) => text, sent() {}, isOver: async () => true, in: String },
    () => Promise.resolve(),
  );
  for (const [i, text] of ["one", "bad", "two"].entries())
    outbox.add({ client_id: String(i), room: ROOM, text, at: i });
  expect(new Outbox(shelf, "me").all().map((o) => o.text)).toEqual(["one", "bad", "two"]); // another tab, or after a reload
  sender.flush();
  sender.flush();
  await settle();
  expect(seen).toEqual(["0 one", "0 one", "0 one", "1 bad", "2 two"]);
  expect(outbox.all()).toMatchObject([{ text: "bad", sending: { is: "failed", why: "no" } }]);
});
