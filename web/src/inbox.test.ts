// @vitest-environment happy-dom
// The inbox: its count, its list, the keys that go through it, and the ways through what is unread. What needs a layout is in e2e/.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { at, direct, GENERAL, LUNCH, problem, reaction, room } from "./core/testing";
import { $, all, House, key, named, words } from "../testing/house";
import { Wire } from "./net/testing";
import type { InboxItem, Message } from "./wire/types";

const JONAS = "cccccccccccc";
let house: House;
beforeEach(() => void (house = new House()));
afterEach(() => house.leave());

/** Jonas posts a message that mentions Mira, and it stands in her inbox, above what is there. */
function mention(
  text: string,
  more: Partial<Omit<InboxItem, "message">> = {},
  message: Partial<Message> = {},
): InboxItem {
  const id = more.room ?? GENERAL,
    m = house.post(id, "jonas", { text, mentions: ["mira"], ...message });
  const i: InboxItem = {
    key: `m.${id}.${m.seq}`,
    cause: "mention",
    reason: "This message mentions you.",
    room: id,
    seq: m.seq,
    message: m,
    by: ["jonas"],
    at: m.created_at,
    read: false,
    ...more,
  };
  house.inbox.unshift(i);
  return i;
}
const reacted = (text: string, more: Partial<InboxItem> = {}) =>
  mention(
    text,
    { cause: "reaction", key: `r.${text}`, reason: "This is a reaction to your message.", ...more },
    { author: "mira", mentions: [], reactions: [reaction("🍜", ["jonas"])] },
  );

const event = (i: InboxItem) => ({ type: "message", room: i.room, rev: i.message.rev, message: i.message });
const entry = () => named(/^Inbox/, "nav a");
const rows = () => all("main article").map((r) => words(r.querySelector(".says, p")!));
const at_ = () => words(document.activeElement?.querySelector(".says, p") ?? document.activeElement!);
const press = async (k: string, more: KeyboardEventInit = {}) => {
  key(document.activeElement ?? document.body, k, more);
  await house.wait();
};
const counts = () => house.commands("GET /inbox?filter=unread&limit=50").length;
const cleared = () => house.commands("PUT /inbox/cleared");
const open = async (path = "/inbox") => {
  await house.open(path);
  await house.wait(3000);
};

describe("the sidebar", () => {
  test("counts what is unread, and hears of more in three seconds, with one request", async () => {
    mention("old", { read: true });
    house.rooms[0]!.read_seq = 1;
    await open(`/r/${GENERAL}`);
    expect(words(entry())).toBe("Inbox");
    house.rooms.push(room(LUNCH));
    const i = mention("new", { room: LUNCH });
    const before = counts();
    for (let n = 0; n < 3; n++) await house.say({ type: "joined", room: house.rooms[1] });
    await house.say(event(i));
    await house.wait(3100);
    expect([words(entry()), counts()]).toEqual(["Inbox 1 unread", before + 1]);
    expect(entry().querySelector(".badge")).not.toBeNull();
  });

  test("looks again for an entry that the server had not written yet, and not for ever", async () => {
    house.rooms.push(room(LUNCH));
    await open(`/r/${GENERAL}`);
    const i = mention("late", { room: LUNCH });
    house.inbox = [];
    await house.say(event(i));
    await house.wait(3100);
    expect(words(entry())).toBe("Inbox");
    house.inbox = [i];
    await house.wait(7100);
    expect(words(entry())).toBe("Inbox 1 unread");
    house.inbox = [];
    await house.say(event(mention("never", { room: LUNCH })));
    house.inbox = [];
    const before = counts();
    await house.wait(60_000);
    expect(counts()).toBe(before + 3);
  });

  test("counts no more what was read, at once", async () => {
    house.rooms.push(room(LUNCH));
    mention("one", { room: LUNCH });
    await open(`/r/${GENERAL}`);
    expect(words(entry())).toBe("Inbox 1 unread");
    await house.say({ type: "read", room: LUNCH, seq: 1, read_rev: 1, unread: 0, mention_count: 0 });
    expect(words(entry())).toBe("Inbox");
  });

  test("forgets the entries of a room that one has left, and those that were cleared elsewhere", async () => {
    house.rooms.push(room(LUNCH));
    mention("one", { room: LUNCH });
    mention("two", { cause: "thread", key: "t.1" });
    await open(`/r/${GENERAL}`);
    expect(words(entry())).toBe("Inbox 2 unread");
    await house.say({ type: "left", room: LUNCH, reason: "left" });
    expect(words(entry())).toBe("Inbox 1 unread");
    house.inbox = [];
    await house.say({ type: "resync" });
    expect(words(entry())).toBe("Inbox");
  });
});

describe("the list", () => {
  test("has direct rooms, what is new, and what is not, each with the reason", async () => {
    house.rooms.push(
      direct(JONAS, ["mira", "jonas"], {
        unread: 2,
        last_message: { seq: 2, author: "jonas", text: "There?", created_at: at(9) },
      }),
    );
    mention("read", { read: true });
    reacted("mine", { by: ["jonas", "kim"] });
    house.rooms[0]!.read_seq = 2;
    mention("unread", { cause: "keyword", reason: "This message has one of your keywords." });
    await open();
    expect(document.title).toBe("(1) Inbox · Acme");
    expect(all("main h2").map(words)).toEqual(["Direct messages", "New", "Earlier"]);
    expect(rows()).toEqual(["There?", "unread", "🍜 1 mine", "read"]);
    const row = words(all("main article")[1]!);
    expect(row).toContain("Jonas Weber wrote one of your keywords in #general");
    expect(row).toContain("This message has one of your keywords.");
    expect(words(all("main article")[2]!)).toContain("Jonas Weber and 1 other reacted to your message");
    expect(words(named(/^Unread/, ".tabs button"))).toBe("Unread 1");
    expect(house.commands("PUT /inbox/seen")).toEqual([{ at: at(2) }]);
  });

  test("is filtered, goes on page by page, and says when nothing fits", async () => {
    for (let n = 0; n < 4; n++) mention(`m${n}`);
    await open();
    expect(rows()).toHaveLength(3);
    named("More entries").click();
    await house.wait();
    expect(rows()).toEqual(["m3", "m2", "m1", "m0"]);
    named("Reactions").click();
    await house.wait();
    expect(words($("main"))).toContain("Nobody has reacted to your messages lately.");
  });

  test("says why it could not be loaded, and tries again", async () => {
    mention("one");
    const ALL = "GET /inbox?filter=all&limit=30";
    house.instead.set(ALL, () => ({ status: 400, body: problem(400, "Not now.") }));
    await open();
    expect(words($("main .state"))).toBe("The inbox could not be loaded. Try again Not now.");
    house.instead.delete(ALL);
    named("Try again").click();
    await house.wait();
    expect(rows()).toEqual(["one"]);
  });

  test("stays as it is while more comes, which is said", async () => {
    mention("one");
    await open();
    const i = mention("two");
    await house.say(event(i));
    await house.wait(3100);
    expect(rows()).toEqual(["one"]);
    named("1 new entry", "button").click();
    await house.wait();
    expect(rows()).toEqual(["two", "one"]);
  });

  test("is filled by itself where nothing was left", async () => {
    await open();
    expect(words($("main"))).toContain("All caught up");
    await house.say(event(mention("one")));
    await house.wait(3100);
    expect(rows()).toEqual(["one"]);
  });

  test("shows a change of a message, and not one that was deleted", async () => {
    const [one, two] = [mention("one"), mention("two")];
    await open();
    await house.say({ type: "message", room: GENERAL, rev: 3, message: { ...one.message, rev: 3, text: "won" } });
    expect(rows()).toEqual(["two", "won"]);
    await house.say({ type: "message", room: GENERAL, rev: 4, message: { ...two.message, rev: 4, deleted_at: at(9) } });
    expect(rows()).toEqual(["won"]);
  });

  test("leads from all caught up to the rooms in which something is unread", async () => {
    house.rooms.push(room(LUNCH));
    house.post(LUNCH, "jonas");
    await open();
    expect(words($(".done"))).toContain("In 1 room there is something unread.");
    named(/^Next unread room/).click();
    await house.wait();
    expect(location.pathname).toBe(`/r/${LUNCH}`);
  });

  test("says after a while that one is offline", async () => {
    await open();
    Wire.all.at(-1)!.end(1006);
    await house.wait(7000);
    expect(words($(".foot"))).toContain("No connection.");
  });
});

describe("keys", () => {
  test("begin at the first row and go through the rows", async () => {
    for (const text of ["a", "b", "c"]) mention(text);
    await open();
    expect(at_()).toBe("c");
    await press("j");
    await press("ArrowDown");
    expect(at_()).toBe("a");
    await press("j");
    expect(at_(), "it ends there").toBe("a");
    await press("k");
    expect(at_()).toBe("b");
    await press("Home");
    expect(at_()).toBe("c");
    await press("j", { ctrlKey: true });
    expect(at_(), "with Ctrl it is the browser's").toBe("c");
  });

  test("E clears: the next row has the focus, and the server hears it when it was not taken back", async () => {
    const [, b] = ["a", "b", "c"].map((text) => mention(text));
    await open();
    await press("j");
    await press("e");
    expect([rows(), at_(), words(entry())]).toEqual([["c", "a"], "a", "Inbox 2 unread"]);
    expect(cleared()).toEqual([]);
    await press("z");
    expect([rows(), at_(), words(entry())]).toEqual([["c", "b", "a"], "b", "Inbox 3 unread"]);
    await press("e");
    await house.wait(7000);
    expect(cleared()).toEqual([{ key: b!.key, before: b!.at }]);
    expect(rows()).toEqual(["c", "a"]);
    expect(all(".foot p")).toEqual([]);
  });

  test("what is cleared next, or left, is told at once", async () => {
    for (const text of ["a", "b"]) mention(text);
    await open();
    await press("e");
    await press("e");
    expect(cleared()).toEqual([{ key: `m.${GENERAL}.2`, before: at(2) }]);
    expect(words($("main"))).toContain("All caught up");
    named(/^general/, "nav a").click();
    await house.wait();
    expect(cleared()).toMatchObject([{ key: `m.${GENERAL}.2` }, { key: `m.${GENERAL}.1` }]);
  });

  test("whoever closes the page has cleared", async () => {
    mention("a");
    await open();
    await press("e");
    dispatchEvent(new Event("pagehide"));
    expect(cleared()).toEqual([{ key: `m.${GENERAL}.1`, before: at(1) }]);
    dispatchEvent(new Event("pagehide"));
    await house.wait(8000);
    expect(cleared()).toHaveLength(1);
  });

  test("a refused clearing is said and undone, and answers meanwhile do not bring it back", async () => {
    mention("a");
    house.instead.set("PUT /inbox/cleared", () => ({ status: 400, body: problem(400, "Not now.") }));
    await open();
    await press("e");
    await house.say({ type: "resync" });
    expect(rows()).toEqual([]);
    await house.wait(7000);
    expect([rows(), words(entry())]).toEqual([["a"], "Inbox 1 unread"]);
    expect(words(document.body)).toContain("Not now.");
  });

  test("all is cleared up to the newest entry, further pages too", async () => {
    for (let n = 0; n < 5; n++) mention(`m${n}`);
    await open();
    named("Clear all").click();
    await house.wait();
    expect([rows(), words(entry())]).toEqual([[], "Inbox"]);
    named(/^Undo/).click();
    await house.wait();
    expect([rows(), words(entry())]).toEqual([["m4", "m3", "m2"], "Inbox 5 unread"]);
    expect(words($("main"))).toContain("More entries");
    named("Clear all").click();
    await house.wait(7500);
    expect(cleared()).toEqual([{ before: at(5) }]);
  });

  test("U marks as unread by the pointer of the room; reactions never are", async () => {
    mention("a", { read: true });
    house.rooms[0]!.read_seq = 1;
    reacted("mine", { read: true });
    await open();
    await press("u");
    expect(words($("main [role=status]"))).toContain("Reactions are never unread.");
    await press("j");
    await press("u");
    expect(house.commands(`PUT /rooms/${GENERAL}/read`)).toEqual([{ seq: 0 }]);
    expect([words(entry()), words($("main [role=status]"))]).toEqual(["Inbox 1 unread", "Marked as unread."]);
  });

  test("a mention in a reply is unread by both pointers", async () => {
    const root = house.post(GENERAL, "mira", { text: "root" });
    const i = mention("reply", { read: true }, { thread: root.seq });
    house.rooms[0]!.read_seq = 2;
    const none = { follow: "auto" as const, read_rev: 1, unread: 0, mention_count: 0 };
    house.threads.push({ ...none, room: GENERAL, root, read_seq: i.seq, latest: [i.message] });
    await open();
    await press("u");
    expect(house.commands(`PUT /rooms/${GENERAL}/read`)).toEqual([{ seq: 1 }]);
    expect(house.commands(`PUT /rooms/${GENERAL}/threads/1/read`)).toEqual([{ seq: 1 }]);
    expect(words(entry())).toBe("Inbox 1 unread");
  });

  test("U marks a thread as unread from its last reply on", async () => {
    const root = house.post(GENERAL, "mira", { text: "root" }),
      reply = house.post(GENERAL, "jonas", { text: "reply", thread: root.seq });
    house.inbox.push({
      key: `t.${GENERAL}.1`,
      cause: "thread",
      reason: "This is a reply in a thread that you follow.",
      room: GENERAL,
      seq: reply.seq,
      message: reply,
      by: ["jonas"],
      at: at(3),
      read: true,
    });
    house.threads.push({
      room: GENERAL,
      root,
      follow: "auto",
      read_seq: reply.seq,
      read_rev: 1,
      unread: 0,
      mention_count: 0,
      latest: [reply],
    });
    await open();
    await press("u");
    expect(house.commands(`PUT /rooms/${GENERAL}/threads/1/read`)).toEqual([{ seq: reply.seq - 1 }]);
    expect(words(entry())).toBe("Inbox 1 unread");
    await press("Enter");
    expect(location.pathname).toBe(`/r/${GENERAL}/t/1`);
  });

  test("Enter opens, and Back finds the list and the row again", async () => {
    for (const text of ["a", "b"]) mention(text);
    await open();
    await press("j");
    await press("Enter");
    expect(location.pathname).toBe(`/r/${GENERAL}/1`);
    const asked = house.commands("GET /inbox?filter=all&limit=30").length;
    history.back();
    await house.wait(1000);
    expect([location.pathname, at_()]).toEqual(["/inbox", "a"]);
    expect(house.commands("GET /inbox?filter=all&limit=30")).toHaveLength(asked);
  });

  test("E reads a direct room, and Enter opens it", async () => {
    house.rooms.push(direct(JONAS, ["mira", "jonas"], { last_seq: 2, unread: 2 }));
    mention("a");
    await open();
    await press("e");
    expect(house.commands(`PUT /rooms/${JONAS}/read`)).toEqual([{ seq: 2 }]);
    expect([rows(), at_()]).toEqual([["a"], "a"]);
  });
});

describe("ways through what is unread", () => {
  const alt = (k: string) => press(k, { altKey: true, shiftKey: true });

  test("the walk skips muted rooms and ends in the inbox", async () => {
    house.rooms.push(room(LUNCH), room("dddddddddddd", { name: "muted", muted: true, unread: 3 }));
    house.post(LUNCH, "jonas");
    await open(`/r/${GENERAL}`);
    await alt("ArrowDown");
    expect(location.pathname).toBe(`/r/${LUNCH}`);
    await house.wait(1000);
    await alt("ArrowDown");
    expect(location.pathname).toBe("/inbox");
    expect(words($("main"))).toContain("All caught up Every room is read.");
  });

  test("rooms with something unread stand first, and stay there while one reads them", async () => {
    house.rooms.push(room(LUNCH));
    house.post(LUNCH, "jonas");
    await open(`/r/${GENERAL}`);
    named("Unread first").click();
    await house.wait();
    const sections = () =>
      all("nav section").map((s) => [words(s.querySelector("h2")!), ...[...s.querySelectorAll("li .name")].map(words)]);
    expect(sections().slice(0, 2)).toEqual([
      ["Unread", "lunch"],
      ["Rooms", "general"],
    ]);
    named(/^lunch/, "nav a").click();
    await house.wait(2000);
    expect(house.rooms[1]!.unread).toBe(0);
    expect(sections()[0]).toEqual(["Unread", "lunch"]);
    named(/^general/, "nav a").click();
    await house.wait();
    expect(sections()[0]).toEqual(["Rooms", "general", "lunch"]);
    expect([localStorage.getItem("canteen.unreadFirst"), named("Unread first").getAttribute("aria-pressed")]).toEqual([
      "1",
      "true",
    ]);
  });

  test("Shift+Esc reads one room at once, and says so", async () => {
    house.rooms.push(room(LUNCH));
    house.post(LUNCH, "jonas");
    await open(`/r/${GENERAL}`);
    await press("Escape", { shiftKey: true });
    await house.wait();
    expect(house.commands(`PUT /rooms/${LUNCH}/read`)).toEqual([{ seq: 1 }]);
    expect(words(document.body)).toContain("Everything is read.");
    expect(all("dialog")).toEqual([]);
  });

  test("Shift+Esc asks before it reads several, threads and muted rooms too", async () => {
    house.rooms.push(room(LUNCH), room("dddddddddddd", { name: "muted", muted: true, unread: 3, last_seq: 3 }));
    house.post(LUNCH, "jonas");
    const root = house.post(GENERAL, "mira"),
      reply = house.post(GENERAL, "jonas", { thread: root.seq });
    house.rooms[0]!.unread = 0;
    house.threads.push({
      room: GENERAL,
      root,
      follow: "auto",
      read_seq: 1,
      read_rev: 1,
      unread: 1,
      mention_count: 0,
      latest: [reply],
    });
    await open(`/inbox`);
    await press("Escape", { shiftKey: true });
    await house.wait();
    expect(words($("dialog"))).toContain("There is something unread in 2 rooms and 1 thread.");
    expect(house.commands(`PUT /rooms/${LUNCH}/read`)).toEqual([]);
    named("Mark as read").click();
    await house.wait(1000);
    expect(house.rooms.map((r) => r.unread)).toEqual([0, 0, 0]);
    expect(house.commands(`PUT /rooms/${GENERAL}/threads/1/read`)).toEqual([{ seq: reply.seq }]);
  });

  describe("Shift+Esc with many rooms", () => {
    const [busy, last] = ["dddddddddddd", "eeeeeeeeeeee"];
    const path = (id: string) => `PUT /rooms/${id}/read`;
    const tries = (...ids: string[]) => ids.map((id) => house.commands(path(id)).length);
    async function reads() {
      for (const id of [busy, last]) {
        house.rooms.push(room(id, { name: id }));
        house.post(id, "jonas");
      }
      await open();
      await press("Escape", { shiftKey: true });
      named("Mark as read").click();
      await house.wait();
    }

    test("says why it waits when the server counts too many requests, and goes on", async () => {
      let refusals = 2;
      house.instead.set(path(busy), () => {
        if (refusals--) return { status: 429, body: problem(429, "Wait a moment."), headers: { "Retry-After": "2" } };
        house.instead.delete(path(busy));
        return { body: { ...house.rooms.find((r) => r.id === busy)!, unread: 0, read_seq: 1, read_rev: 1 } };
      });
      await reads();
      expect([words(document.body).includes("Wait a moment."), tries(busy, last)]).toEqual([true, [1, 0]]);
      await house.wait(2500);
      expect(tries(busy, last)).toEqual([2, 0]);
      await house.wait(2500);
      expect([words(document.body).includes("Everything is read."), tries(busy, last)]).toEqual([true, [3, 1]]);
      expect(all("dialog")).toEqual([]);
    });

    test("reads the others when one is refused", async () => {
      house.instead.set(path(busy), () => ({ status: 404, body: problem(404, "There is no such room.") }));
      await reads();
      expect(tries(busy, last)).toEqual([1, 1]);
      expect(words(document.body)).toContain("There is no such room.");
      expect(words(document.body)).not.toContain("Everything is read.");
    });

    test("ends when one closes the dialog", async () => {
      house.instead.set(path(busy), () => ({
        status: 503,
        body: problem(503, "Wait a moment."),
        headers: { "Retry-After": "2" },
      }));
      await reads();
      named("Cancel").click();
      await house.wait(60_000);
      expect(tries(busy, last)).toEqual([1, 0]);
    });
  });
});
