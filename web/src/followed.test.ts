// @vitest-environment happy-dom
// The threads that one follows: the list, the counts, the line in a thread, and what other devices do. What needs a layout is in e2e/.
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { at, GENERAL, LUNCH, problem, room } from "./core/testing";
import { $, all, House, key, named, type, words } from "../testing/house";
import { Wire } from "./net/testing";
import type { MyThread } from "./wire/types";

let house: House;
beforeEach(() => void (house = new House()));
afterEach(() => house.leave());

/** A root of Mira's with `n` replies by Jonas, of which she has read `read`. */
function followed(n: number, read = 0, more: Partial<MyThread> = {}, id = GENERAL): MyThread {
  const root = house.post(id, "mira", { text: `root ${n}` });
  const replies = Array.from({ length: n }, (_, i) =>
    house.post(id, "jonas", { text: `reply ${i + 1}`, thread: root.seq }),
  );
  root.thread_info = { replies: n, last_reply_at: at(20), repliers: ["jonas"] };
  const t: MyThread = {
    room: id,
    root,
    follow: "auto",
    read_seq: root.seq + read,
    read_rev: 1,
    unread: n - read,
    mention_count: 0,
    last_reply_at: at(20),
    latest: replies.slice(-2),
    ...more,
  };
  house.threads.push(t);
  return t;
}

const entry = () => named(/^Threads/, "nav a");
const cards = () => all("main section").map((c) => words(c.querySelector(".text")!));
const reads = (t: MyThread) => house.commands(`PUT /rooms/${t.room}/threads/${t.root.seq}/read`);
const gets = (t: MyThread) => house.commands(`GET /rooms/${t.room}/threads/${t.root.seq}`).length;
const hidden = () => vi.spyOn(document, "visibilityState", "get").mockReturnValue("hidden"); // so that looking reads nothing
const event = (t: MyThread) => house.say({ type: "thread", room: t.room, seq: t.root.seq });

describe("the sidebar and the title", () => {
  test("count unread threads, and those with mentions", async () => {
    followed(2);
    followed(1, 0, { mention_count: 1 });
    followed(1, 1);
    await house.open(`/r/${GENERAL}`);
    await house.wait(3000);
    expect(words(entry())).toBe("Threads 2 unread");
    expect(entry().querySelector(".badge")).not.toBeNull();
    expect(document.title).toBe("(1) general · Acme");
  });

  test("hear of a change within two seconds, and fetch it once for several events", async () => {
    const t = followed(1, 1);
    await house.open(`/r/${GENERAL}`);
    await house.wait(3000);
    expect(words(entry())).toBe("Threads");
    house.threads[0] = { ...t, unread: 1 };
    for (let i = 0; i < 3; i++) Wire.all.at(-1)!.say({ type: "thread", room: GENERAL, seq: t.root.seq });
    await house.wait(2100);
    expect([words(entry()), gets(t)]).toEqual(["Threads 1 unread", 1]);
  });

  test("forget the threads of a room that one has left", async () => {
    house.rooms.push(room(LUNCH));
    followed(1, 0, {}, LUNCH);
    await house.open(`/r/${GENERAL}`);
    await house.wait(3000);
    expect(words(entry())).toBe("Threads 1 unread");
    await house.say({ type: "left", room: LUNCH, reason: "removed" });
    expect(words(entry())).toBe("Threads");
  });

  test("count nothing in a room that one has left, also when the answer was on its way", async () => {
    house.rooms.push(room(LUNCH));
    const t = followed(1, 1, {}, LUNCH);
    await house.open(`/r/${GENERAL}`);
    await house.wait(3000);
    let answer = () => {};
    house.instead.set(`GET /rooms/${LUNCH}/threads/${t.root.seq}`, async () => {
      await new Promise<void>((yes) => (answer = yes));
      return { body: { ...t, unread: 1 } };
    });
    Wire.all.at(-1)!.say({ type: "thread", room: LUNCH, seq: t.root.seq });
    await house.wait(2100);
    await house.say({ type: "left", room: LUNCH, reason: "removed" });
    answer();
    await house.wait();
    expect(words(entry())).toBe("Threads");
  });

  const UNREAD = "GET /threads?unread=true&limit=";

  test("say many of a thousand, and how many when they are few", async () => {
    for (let i = 0; i < 3; i++) followed(1);
    const thousand = (limit: number, unread_threads: number) =>
      house.instead.set(`${UNREAD}${limit}`, () => ({
        body: { threads: house.threads.slice(0, limit), unread_threads, next: "1" },
      }));
    thousand(100, 100);
    thousand(1, 100);
    await house.open("/threads");
    await house.wait(3000);
    expect(words(entry())).toBe("Threads 99+ unread");
    const asked = (limit: number) => house.commands(`${UNREAD}${limit}`).length,
      counts = asked(100);
    named("Mark read").click();
    await house.wait(3000);
    expect([words(entry()), asked(1), asked(100)]).toEqual(["Threads 99+ unread", 1, counts]);
    thousand(1, 98);
    house.instead.delete(`${UNREAD}100`);
    named("Mark read").click();
    await house.wait(3000);
    expect([words(entry()), asked(100)]).toEqual(["Threads 1 unread", counts + 1]);
  });

  test("keep what comes while they are counted", async () => {
    const t = followed(1, 1);
    let answer = () => {};
    house.instead.set(`${UNREAD}100`, async () => {
      await new Promise<void>((yes) => (answer = yes));
      return { body: { threads: [], unread_threads: 0 } };
    });
    await house.open(`/r/${GENERAL}`);
    await house.wait(3000);
    answer();
    await house.wait();
    for (const unread of [0, 1]) {
      house.threads[0] = { ...t, unread };
      Wire.all.at(-1)!.say({ type: "thread", room: GENERAL, seq: t.root.seq });
      await house.wait(2100);
      if (!unread) await house.say({ type: "resync" });
    }
    answer();
    await house.wait();
    expect(words(entry())).toBe("Threads 1 unread");
  });

  test("find out anew what is unread when events may be missing", async () => {
    const t = followed(1);
    await house.open(`/r/${GENERAL}`);
    await house.wait(3000);
    house.threads[0] = { ...t, unread: 0, read_seq: t.root.seq + 1, read_rev: 2 };
    await house.say({ type: "resync" });
    expect(words(entry())).toBe("Threads");
  });
});

describe("the list", () => {
  test("begins with what is unread; a thread has its message, its last replies, and how many are between", async () => {
    followed(4, 1);
    followed(1, 1);
    await house.open(`/r/${GENERAL}`);
    await house.wait(3000);
    entry().click();
    await house.wait();
    expect([location.pathname, document.title, cards()]).toEqual(["/threads", "Threads · Acme", ["root 4"]]);
    expect(words($("main section"))).toMatch(/#general 3 new .*root 4 .*2 more replies .*reply 3.*reply 4/);
    named("All", "main button").click();
    await house.wait();
    expect([cards(), words(entry())]).toEqual([["root 4", "root 1"], "Threads 1 unread"]);
  });

  test("is read page by page", async () => {
    for (let i = 1; i <= 5; i++) followed(i);
    await house.open("/threads");
    await house.wait(3000);
    for (let i = 0; i < 3 && all("main .state button").length; i++) {
      named("More threads").click();
      await house.wait();
    }
    expect([cards().length, all("main .state").length]).toEqual([5, 0]);
  });

  test("marks a thread as read, and leaves its row in its place", async () => {
    const t = followed(2);
    await house.open("/threads");
    await house.wait();
    named("Mark read").click();
    await house.wait();
    expect([reads(t), cards(), words(entry()), all("main .badge").length]).toEqual([
      [{ seq: t.root.seq + 2 }],
      ["root 2"],
      "Threads",
      0,
    ]);
  });

  test("says why a thread was not marked as read, and keeps the focus when it was", async () => {
    const t = followed(2),
      path = `PUT /rooms/${GENERAL}/threads/${t.root.seq}/read`;
    await house.open("/threads");
    await house.wait();
    house.instead.set(path, () => ({ status: 503, body: problem(503, "Not now.") }));
    named("Mark read").focus();
    named("Mark read").click();
    await house.wait();
    expect([document.body.textContent, words(entry())]).toEqual([
      expect.stringContaining("Not now."),
      "Threads 1 unread",
    ]);
    house.instead.delete(path);
    named("Mark read").click();
    await house.wait();
    expect(document.activeElement?.getAttribute("aria-label")).toBe("This thread");
  });

  test("begins anew when one goes to it, with what came since in an old thread", async () => {
    const t = followed(2, 2);
    followed(1);
    await house.open("/threads");
    await house.wait(3000);
    named("Unread 1", "main button").click();
    await house.wait();
    named("Mark read").click();
    await house.wait();
    $(`nav a[href="/r/${GENERAL}"]`).click();
    await house.wait();
    house.threads[0] = { ...t, read_seq: t.root.seq + 1, read_rev: 2, unread: 1 };
    await event(t);
    await house.wait(2100);
    entry().click();
    await house.wait();
    expect(cards()).toEqual(["root 2"]);
    entry().click();
    await house.wait();
    expect(cards()).toEqual(["root 2"]);
  });

  test("offers no reply in an archived room, and goes on when the rooms of its first page are lost", async () => {
    house.rooms.push(room(LUNCH, { archived: true }));
    for (let i = 1; i <= 2; i++) followed(i, 0, {}, LUNCH);
    followed(3, 3);
    await house.open("/threads");
    await house.wait(3000);
    named("All", "main button").click();
    await house.wait();
    expect([cards().length, all("main .reply").length]).toEqual([2, 0]);
    await house.say({ type: "left", room: LUNCH, reason: "removed" });
    named("More threads").click();
    await house.wait();
    expect(cards()).toEqual(["root 3"]);
  });

  test("unfollows a thread, and follows it again", async () => {
    const t = followed(2);
    await house.open("/threads");
    await house.wait();
    named("Unfollow").click();
    await house.wait();
    expect(words(entry())).toBe("Threads");
    named("Follow").click();
    await house.wait();
    expect(house.commands(`PUT /rooms/${GENERAL}/threads/${t.root.seq}/follow`)).toEqual([
      { follow: "off" },
      { follow: "on" },
    ]);
  });

  test("takes a reply in its place, and draws it at once", async () => {
    const t = followed(2);
    await house.open("/threads");
    await house.wait();
    named("Reply", "main button").click();
    await house.wait();
    const box = $<HTMLTextAreaElement>("main section textarea");
    expect(document.activeElement).toBe(box);
    type(box, "Yes");
    await house.wait(20);
    key(box, "Enter");
    await house.wait(20);
    expect(house.commands(`POST /rooms/${GENERAL}/messages`)).toMatchObject([{ text: "Yes", thread: t.root.seq }]);
    expect(words(all("main section article").at(-1)!)).toContain("Yes");
    key(box, "Escape");
    await house.wait(20);
    expect([all("main section textarea").length, document.activeElement === named("Reply", "main button")]).toEqual([
      0,
      true,
    ]);
  });

  test("says how many threads have got replies since, and does not move what one reads", async () => {
    followed(2, 0, { last_reply_at: at(10) });
    await house.open("/threads");
    await house.wait(3000);
    const t = followed(3, 0, { last_reply_at: at(25) });
    await event(t);
    await house.wait(2100);
    expect(cards()).toEqual(["root 2"]);
    house.threads.reverse();
    named("1 more thread with new replies", "main button").click();
    await house.wait();
    expect(cards()).toEqual(["root 3", "root 2"]);
  });

  test("is live: a thread on screen is fetched at once", async () => {
    const t = followed(1);
    await house.open("/threads");
    await house.wait(3000);
    const m = house.post(GENERAL, "jonas", { text: "one more", thread: t.root.seq });
    house.threads[0] = { ...t, unread: 2, latest: [t.latest[0]!, m] };
    Wire.all.at(-1)!.say({ type: "thread", room: GENERAL, seq: t.root.seq });
    await house.wait(300);
    expect(words($("main section"))).toMatch(/2 new .*one more/);
  });

  test("that is empty says what comes here, and what one is caught up with", async () => {
    await house.open("/threads");
    await house.wait();
    expect(words($("main .state"))).toBe("No threads yet. Reply to a message, and you find its thread here.");
    named("Unread", "main button").click();
    await house.wait();
    expect(words($("main .state"))).toBe("You are caught up. No thread has new replies.");
  });

  test("that cannot be loaded says why, and is tried again", async () => {
    const path = "GET /threads?limit=20";
    house.instead.set(path, () => ({ status: 503, body: problem(503, "Not now.") }));
    await house.open("/threads");
    await house.wait(3000);
    expect(words($("main .state"))).toBe("The threads could not be loaded. Try again Not now.");
    house.instead.delete(path);
    followed(1, 1);
    named("Try again").click();
    await house.wait();
    expect(cards()).toEqual(["root 1"]);
  });

  test("leads into the thread beside its room, and Back to where one was", async () => {
    const t = followed(4);
    await house.open("/threads");
    await house.wait(3000);
    named("2 more replies").click();
    await house.wait();
    expect([location.pathname, all("aside").length]).toEqual([`/r/${GENERAL}/t/${t.root.seq}`, 1]);
    history.back();
    await house.wait();
    expect([location.pathname, cards()]).toEqual(["/threads", ["root 4"]]);
  });
});

describe("an open thread", () => {
  const line = () => all("aside .new").length && $("aside .new").nextElementSibling?.getAttribute("data-seq");

  test("has a line before what is new, which stays while one reads", async () => {
    hidden();
    const t = followed(4, 2);
    await house.open(`/r/${GENERAL}/t/${t.root.seq}`);
    await house.wait(3000);
    expect(line()).toBe(String(t.root.seq + 3));
    house.threads[0] = { ...t, read_seq: t.root.seq + 4, read_rev: 2, unread: 0 };
    await event(t); // another device has read it
    expect([line(), words(entry())]).toEqual([String(t.root.seq + 3), "Threads"]);
  });

  test("is read up to what was in sight", async () => {
    const t = followed(3, 1);
    await house.open(`/r/${GENERAL}/t/${t.root.seq}`);
    await house.wait(3000);
    expect(reads(t)).toEqual([{ seq: t.root.seq + 3 }]);
    expect(words(entry())).toBe("Threads");
  });

  test("keeps what is marked as unread, here or on another device, until one comes back", async () => {
    const t = followed(3, 3);
    await house.open(`/r/${GENERAL}/t/${t.root.seq}`);
    await house.wait(1000);
    expect(line()).toBe(0);
    house.threads[0] = { ...t, read_seq: t.root.seq + 1, read_rev: 2, unread: 2 };
    await event(t);
    await house.wait(3000);
    expect([line(), reads(t)]).toEqual([String(t.root.seq + 2), []]);
  });

  test("reads on when what was marked as unread was read on another device", async () => {
    const t = followed(3, 3);
    await house.open(`/r/${GENERAL}/t/${t.root.seq}`);
    await house.wait(1000);
    for (const [i, read] of [1, 3].entries()) {
      house.threads[0] = { ...t, read_seq: t.root.seq + read, read_rev: 2 + i, unread: 3 - read };
      await event(t);
    }
    const m = house.post(GENERAL, "jonas", { text: "one more", thread: t.root.seq });
    await house.say({ type: "message", room: GENERAL, rev: m.rev, message: m });
    await house.wait(3000);
    expect(reads(t)).toEqual([{ seq: m.seq }]);
  });

  test("that is gone has no line", async () => {
    const t = followed(3, 3);
    await house.open(`/r/${GENERAL}/t/${t.root.seq}`);
    await house.wait(1000);
    house.instead.set(`GET /rooms/${GENERAL}/threads/${t.root.seq}`, () => ({
      status: 404,
      body: problem(404, "There is no such thread."),
    }));
    await event(t);
    expect(line()).toBe(0);
  });

  test("that one does not follow has no line, and is not read", async () => {
    const t = followed(3, 0, { follow: "off", unread: 0 });
    await house.open(`/r/${GENERAL}/t/${t.root.seq}`);
    await house.wait(3000);
    expect([line(), reads(t), named("Follow this thread").getAttribute("aria-pressed")]).toEqual([0, [], "false"]);
    named("Follow this thread").click();
    await house.wait();
    expect(named("Follow this thread").getAttribute("aria-pressed")).toBe("true");
  });

  test("can be followed from the menu of its message", async () => {
    const t = followed(1, 1);
    await house.open(`/r/${GENERAL}`);
    await house.wait(3000);
    $("main article").dispatchEvent(new Event("pointerover", { bubbles: true }));
    await house.wait(20);
    named("More").click();
    await house.wait();
    named("Unfollow the thread").click();
    await house.wait();
    expect(house.commands(`PUT /rooms/${GENERAL}/threads/${t.root.seq}/follow`)).toEqual([{ follow: "off" }]);
  });
});
