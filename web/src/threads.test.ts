// @vitest-environment happy-dom
// Threads as people read and answer them. What needs a layout is in e2e/.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { at, GENERAL, message, problem, reaction } from "./core/testing";
import { $, all, House, key, named, type, words } from "../testing/house";

let house: House;
beforeEach(() => {
  house = new House();
  house.post(GENERAL, "jonas", { text: "Lunch?" });
});
afterEach(() => house.leave());

const ROOT = `/r/${GENERAL}/t/1`,
  POSTS = `POST /rooms/${GENERAL}/messages`;
const box = () => $<HTMLTextAreaElement>("aside textarea");
const roomBox = () => $<HTMLTextAreaElement>("main textarea");
const replies = () =>
  all("aside article[data-seq]")
    .map((r) => words(r.querySelector(".text, .gone")!))
    .slice(1);
const fetched = () => house.asked.filter(([what]) => what.includes("thread=1")).length;
const hear = (rev: number, more: object) =>
  house.say({ type: "message", room: GENERAL, rev, message: message(rev, { rev, ...more }) });
const send = async (text: string) => {
  type(box(), text);
  await house.wait(20);
  key(box(), "Enter");
  await house.wait(20);
};

describe("replying", () => {
  test("waits below a dialog that opened while the thread was on its way", async () => {
    await house.open(`/r/${GENERAL}`);
    $("main article").dispatchEvent(new Event("pointerover", { bubbles: true }));
    await house.wait(20);
    const above = Object.assign(document.createElement("dialog"), { open: true });
    document.body.append(above);
    named("Reply in thread").click();
    await house.wait();
    above.remove();
    expect([all("aside form.composer").length, document.activeElement?.closest("aside")]).toEqual([1, null]);
  });

  test("begins at any message; the reply is drawn at once, and stands in its thread alone", async () => {
    await house.open(`/r/${GENERAL}`);
    $("main article").dispatchEvent(new Event("pointerover", { bubbles: true }));
    await house.wait(20);
    named("Reply in thread").click();
    await house.wait();
    expect([location.pathname, document.activeElement === box()]).toEqual([ROOT, true]);
    house.instead.set(POSTS, () => new Promise(() => {}));
    await send("At noon");
    expect([all("aside [data-sending]").length, all("main [data-sending]").length, box().value]).toEqual([1, 0, ""]);
    expect(house.commands(POSTS)).toMatchObject([{ text: "At noon", thread: 1 }]);
    const { client_id } = house.commands(POSTS)[0] as { client_id: string };
    await hear(2, { author: "mira", text: "At noon", thread: 1, client_id });
    expect([replies(), all("aside [data-sending]").length, all("main article").length]).toEqual([["At noon"], 0, 1]);
  });

  test("can go to the room too, this time", async () => {
    await house.open(ROOT);
    const also = $<HTMLInputElement>("aside input[type=checkbox]");
    expect(words(also.closest("label")!)).toBe("Also send to #general");
    also.click();
    await send("At noon");
    await house.wait();
    expect(house.commands(POSTS)).toMatchObject([{ text: "At noon", thread: 1, also_in_room: true }]);
    expect($<HTMLInputElement>("aside input[type=checkbox]").checked).toBe(false);
    const inRoom = all("main article").at(-1)!;
    expect(words(inRoom)).toContain("At noon");
    expect(words(all("aside article").at(-1)!)).toContain("Also sent to the room");
    named("Close the thread").click();
    await house.wait();
    named("Sent from a thread").click();
    await house.wait();
    expect(location.pathname).toBe(ROOT);
  });

  test("keeps a draft for each thread, apart from that of the room", async () => {
    house.post(GENERAL, "kim", { text: "Who has the key?" });
    await house.open(ROOT);
    type(box(), "half a thought");
    type(roomBox(), "another");
    await house.wait(20);
    named("Close the thread").click();
    await house.wait();
    $("main article[data-seq='2']").dispatchEvent(new Event("pointerover", { bubbles: true }));
    await house.wait(20);
    named("Reply in thread").click();
    await house.wait();
    expect([location.pathname, box().value, roomBox().value]).toEqual([`/r/${GENERAL}/t/2`, "", "another"]);
    named("Close the thread").click();
    await house.wait();
    $("main article[data-seq='1']").dispatchEvent(new Event("pointerover", { bubbles: true }));
    await house.wait(20);
    named("Reply in thread").click();
    await house.wait();
    expect(box().value).toBe("half a thought");
  });

  test("is refused with a reason when the message was deleted meanwhile", async () => {
    await house.open(ROOT);
    house.instead.set(POSTS, () => ({ status: 410, body: problem(410, "This message was deleted.") }));
    await send("At noon");
    await house.wait();
    expect(words($("aside [data-sending=failed] .wrong"))).toBe("Not sent: This message was deleted. Retry · Delete");
    await hear(2, { seq: 1, text: "", deleted_at: at(9) });
    expect([all("aside textarea").length, words($("aside .closed"))]).toEqual([
      0,
      "The first message was deleted. You can read the replies, but not add to them.",
    ]);
  });

  test("is open to all where only owners post, in the thread alone; to nobody in an archived room", async () => {
    house.rooms[0]!.posting = "owners";
    await house.open(ROOT);
    expect([all("main textarea").length, all("aside textarea").length, all("aside [type=checkbox]").length]).toEqual([
      0, 1, 0,
    ]);
    await house.say({ type: "room", room: { ...house.rooms[0], archived: true } });
    expect(words($("aside .closed"))).toContain("This room is archived.");
  });

  test("by ↑ in the empty box, one's last reply is edited in its place", async () => {
    house.post(GENERAL, "mira", { text: "At nono", thread: 1 });
    house.post(GENERAL, "jonas", { text: "When?", thread: 1 });
    await house.open(ROOT);
    key(box(), "ArrowUp");
    await house.wait();
    expect($<HTMLTextAreaElement>("aside article[data-seq='2'] form.edit textarea").value).toBe("At nono");
  });

  test("takes what one types while the focus is in the thread", async () => {
    await house.open(ROOT);
    $("aside article").focus();
    key($("aside article"), "x");
    expect(document.activeElement).toBe(box());
    document.body.focus();
    key(document.body, "x");
    expect(document.activeElement).toBe(roomBox());
  });
});

describe("an open thread", () => {
  test("hears replies, edits, deletions and reactions, and fetches nothing again", async () => {
    house.post(GENERAL, "kim", { text: "At noon", thread: 1 });
    await house.open(ROOT);
    const before = fetched();
    await hear(3, { author: "jonas", text: "Where?", thread: 1 });
    const thread_info = { replies: 2, last_reply_at: at(3), repliers: ["kim", "jonas"] };
    await hear(4, { seq: 1, author: "jonas", text: "Lunch?", thread_info });
    expect([replies(), words($("aside .sum"))]).toEqual([["At noon", "Where?"], "2 replies"]);
    await hear(5, { seq: 2, author: "kim", text: "At one", edited_at: at(4), thread: 1 });
    await hear(6, { seq: 3, author: "jonas", text: "", deleted_at: at(4), thread: 1 });
    await house.say({
      type: "reaction",
      room: GENERAL,
      rev: 7,
      seq: 2,
      user: "jonas",
      added: true,
      reaction: reaction("🎉", ["jonas"]),
    });
    expect(replies()).toEqual([expect.stringMatching(/^At one/), "This message was deleted."]);
    expect(named(/^🎉, 1/).getAttribute("aria-label")).toContain("Jonas");
    await house.wait(5000);
    expect([before, fetched()]).toEqual([1, 1]);
  });

  test("shows consecutive replies by one author under one header, and days after the first message's", async () => {
    house.post(GENERAL, "kim", { text: "At noon", thread: 1, created_at: at(2) });
    house.post(GENERAL, "kim", { text: "Or one", thread: 1, created_at: at(3) });
    house.post(GENERAL, "kim", { text: "Or never", thread: 1, created_at: "2026-11-25T09:00:00Z" });
    await house.open(ROOT);
    expect(all("aside article strong").map(words)).toEqual(["Jonas Weber", "Kim", "Kim"]);
    expect(all("aside .day").length).toBe(1);
  });

  test("loads earlier replies when asked", async () => {
    const old = message(2, { text: "earlier", thread: 1, rev: 2 }),
      last = message(3, { text: "later", thread: 1, rev: 3 });
    const path = `GET /rooms/${GENERAL}/messages?thread=1`;
    Object.assign(house.rooms[0]!, { rev: 3, last_seq: 3 });
    house.instead.set(`${path}&limit=60`, () => ({
      body: { head: 3, messages: [last], more_before: true, more_after: false },
    }));
    let came = () => {};
    house.instead.set(`${path}&before=3&limit=60`, async () => {
      await new Promise<void>((yes) => (came = yes));
      return { body: { head: 3, messages: [old], more_before: false, more_after: false } };
    });
    await house.open(ROOT);
    expect([replies(), all("aside .soft").map(words)]).toEqual([["later"], ["Earlier replies"]]);
    came();
    await house.wait();
    expect([replies(), all("aside .soft").length]).toEqual([["earlier", "later"], 0]);
  });
});
