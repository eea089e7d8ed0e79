// @vitest-environment happy-dom
// The whole client in front of a small server: what people see and do. What needs a layout is in e2e/.
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { at, GENERAL, LUNCH, direct, message, problem, reaction, room } from "./core/testing";
import { $, all, House, key, named, type, words } from "../testing/house";
import { Wire } from "./net/testing";

let house: House;
beforeEach(() => void (house = new House()));
afterEach(() => house.leave());

const box = () => $<HTMLTextAreaElement>("form.composer textarea");
const rows = () => all("article[data-seq]").map((r) => words(r.querySelector(".body")!));
const pending = () => all("article[data-sending]");
const send = async (text: string) => {
  type(box(), text);
  await house.wait(20);
  key(box(), "Enter");
  await house.wait(20);
};

describe("a room", () => {
  test("shows its messages under their authors, with days and what is new", async () => {
    house.post(GENERAL, "jonas", { text: "Lunch?", created_at: at(1) });
    house.post(GENERAL, "jonas", { text: "At 12:15", created_at: at(2) });
    house.post(GENERAL, "kim", { text: "**Yes**", created_at: at(3) });
    Object.assign(house.rooms[0]!, { read_seq: 2, unread: 1 });
    await house.open(`/r/${GENERAL}`);
    expect(rows()[0]).toMatch(/^Jonas Weber .*Lunch\?$/);
    expect(rows()[1], "the same author shortly after needs no header").toBe("At 12:15");
    expect(all(".new").length).toBe(1);
    expect($(".new").nextElementSibling?.getAttribute("data-seq")).toBe("3");
    expect([
      all(".day").map(words),
      words($("article[data-seq='3'] strong")),
      words($("article[data-seq='3'] .text")),
    ]).toEqual([["Today"], "Kim", "Yes"]);
  });

  test("shows a message that comes, and says it to a screen reader", async () => {
    await house.open(`/r/${GENERAL}`);
    await house.say({ type: "message", room: GENERAL, rev: 1, message: message(1, { text: "Lunch?" }) });
    expect(rows()).toHaveLength(1);
    expect(words($("p.hidden[role=status]"))).toBe("Jonas Weber: Lunch?");
  });

  test("says a reply that comes to the thread one reads, to a screen reader too", async () => {
    house.post(GENERAL, "jonas");
    const said = () => all("aside [role=status]").map(words).filter(Boolean).join();
    await house.open(`/r/${GENERAL}/t/1`);
    expect(said()).toBe("");
    await house.say({ type: "message", room: GENERAL, rev: 2, message: message(2, { thread: 1, text: "At noon" }) });
    await house.wait(1000);
    expect(said()).toBe("Jonas Weber: At noon");
    const also = message(3, { thread: 1, text: "At one", also_in_room: true });
    await house.say({ type: "message", room: GENERAL, rev: 3, message: also });
    await house.wait(6000);
    expect(said(), "the room says it").toBe("Jonas Weber: At noon");
  });

  test("that is empty says who made it, and one click says hello", async () => {
    Object.assign(house.rooms[0]!, { created_by: "jonas", topic: "everything" });
    await house.open(`/r/${GENERAL}`);
    expect(words($("[role=log] section h2"))).toBe("#general");
    expect(words($("[role=log] section p"))).toMatch(/^Jonas Weber made this room today\. It is about: everything$/);
    named(/^Say hello/).click();
    await house.wait();
    expect(house.commands(`POST /rooms/${GENERAL}/messages`)).toMatchObject([{ text: "Hello 👋" }]);
  });

  test("that one is not in says so", async () => {
    await house.open("/r/zzzzzzzzzzzz");
    expect(words($("main"))).toContain("You cannot see this room");
  });

  test("that cannot be loaded says why, and tries again", async () => {
    const path = `GET /rooms/${GENERAL}/messages?limit=60`;
    house.instead.set(path, () => ({ status: 403, body: problem(403, "Not for you.") }));
    await house.open(`/r/${GENERAL}`);
    expect(words($(".failed [role=alert]"))).toBe("Not for you.");
    house.instead.delete(path);
    house.post(GENERAL, "jonas");
    named("Try again").click();
    await house.wait();
    expect([all(".failed").length, rows().length]).toEqual([0, 1]);
  });

  test("whose older messages are refused asks for them no more, until one scrolls", async () => {
    const older = `GET /rooms/${GENERAL}/messages?before=1`;
    const more = () => house.commands(older).length;
    house.instead.set(`GET /rooms/${GENERAL}/messages?limit=60`, () => ({
      body: { head: 1, messages: [house.post(GENERAL, "jonas")], more_before: true, more_after: false },
    }));
    house.instead.set(older, () => ({ status: 403, body: problem(403, "Not for you.") }));
    await house.open(`/r/${GENERAL}`);
    await house.wait(2000);
    const n = more();
    await house.wait(5000);
    expect(more()).toBe(n);
    const scrolled = () => $("[role=log]").dispatchEvent(new Event("scroll"));
    scrolled();
    await house.wait();
    expect(more(), "one stands where one stood when this was last looked at").toBe(n);
    $("[role=log]").scrollTop = 1;
    scrolled();
    await house.wait();
    expect(more()).toBe(n + 1);
  });

  test("in which only owners post has no composer", async () => {
    house.rooms[0]!.posting = "owners";
    await house.open(`/r/${GENERAL}`);
    expect([all("form.composer textarea").length, words($("form.composer"))]).toEqual([
      0,
      "Only owners of this room can post here. Everyone can react.",
    ]);
  });

  test("is left with its timeline kept, and a draft in its box", async () => {
    house.rooms.push(room(LUNCH));
    house.post(GENERAL, "jonas", { text: "Lunch?" });
    await house.open(`/r/${GENERAL}`);
    type(box(), "half a thought");
    await house.wait(20);
    $(`a[href='/r/${LUNCH}']`).click();
    await house.wait();
    expect([location.pathname, box().value, all(".view").length]).toEqual([`/r/${LUNCH}`, "", 2]);
    $(`a[href='/r/${GENERAL}']`).click();
    await house.wait();
    expect([box().value, all(".view").length]).toEqual(["half a thought", 2]);
  });
});

describe("sending", () => {
  const hold = () => {
    const answers: ((a: { status?: number; body?: unknown }) => void)[] = [];
    house.instead.set(`POST /rooms/${GENERAL}/messages`, () => new Promise((yes) => answers.push(yes)));
    return answers;
  };
  const drawn = () => pending().map((p) => [p.dataset["sending"], words(p.querySelector("small, .wrong")!)]);

  test("draws the message at once; the server's own takes its place", async () => {
    const answers = hold();
    await house.open(`/r/${GENERAL}`);
    await send("Lunch?");
    expect([drawn(), box().value]).toEqual([[["sending", "Sending…"]], ""]);
    const { client_id } = house.commands(`POST /rooms/${GENERAL}/messages`)[0] as { client_id: string };
    answers[0]!({ status: 201, body: house.post(GENERAL, "mira", { text: "Lunch?", client_id }) });
    await house.wait();
    expect([pending().length, rows().length]).toEqual([0, 1]);
  });

  test("the event may be faster than the answer: the message is drawn once", async () => {
    hold();
    await house.open(`/r/${GENERAL}`);
    await send("Lunch?");
    const { client_id } = house.commands(`POST /rooms/${GENERAL}/messages`)[0] as { client_id: string };
    await house.say({ type: "message", room: GENERAL, rev: 1, message: message(1, { author: "mira", client_id }) });
    expect([pending().length, rows().length]).toEqual([0, 1]);
  });

  test("a second message waits for the first", async () => {
    hold();
    await house.open(`/r/${GENERAL}`);
    await send("one");
    await send("two");
    expect(drawn()).toEqual([
      ["sending", "Sending…"],
      ["waiting", "Waiting to be sent…"],
    ]);
  });

  test("a failure that may pass says that it is tried again", async () => {
    const answers = hold();
    await house.open(`/r/${GENERAL}`);
    await send("one");
    answers[0]!({ status: 503, body: problem(503, "Not now.") });
    await house.wait(0);
    expect(drawn()).toEqual([["retrying", "Waiting to try again…"]]);
    await house.wait(600);
    expect(drawn()).toEqual([["sending", "Sending again…"]]);
  });

  test("a refusal stays with its reason; it is sent again or deleted", async () => {
    const answers = hold();
    await house.open(`/r/${GENERAL}`);
    await send("one");
    answers[0]!({ status: 403, body: problem(403, "Only owners post here.") });
    await house.wait();
    expect(drawn()).toEqual([["failed", "Not sent: Only owners post here. Retry · Delete"]]);
    named("Retry").click();
    await house.wait(20);
    expect([drawn()[0]![0], answers.length]).toEqual(["sending", 2]);
    answers[1]!({ status: 400, body: problem(400, "No.") });
    await house.wait();
    named("Delete").click();
    await house.wait(20);
    expect(pending()).toEqual([]);
  });

  test("without a connection it waits for one, which is said after five seconds", async () => {
    hold();
    await house.open(`/r/${GENERAL}`);
    Wire.all.at(-1)!.end(1006);
    await house.wait(20);
    await send("one");
    expect(drawn()).toEqual([["sending", "Waiting for the connection…"]]);
    expect(words($(".typing"))).toBe("");
    await house.wait(6000);
    expect(words($(".typing"))).toBe("No connection. What you write is kept, and sent once it is back.");
  });
});

describe("the composer", () => {
  test("suggests people, and takes one by keyboard", async () => {
    await house.open(`/r/${GENERAL}`);
    type(box(), "@jo");
    box().setSelectionRange(3, 3);
    box().dispatchEvent(new Event("input", { bubbles: true }));
    await house.wait(20);
    expect(all("[role=option]").map(words)).toEqual(["Jonas Weber @jonas"]);
    key(box(), "Tab");
    await house.wait(20);
    expect([box().value, all("[role=option]").length]).toEqual(["@jonas ", 0]);
  });

  test("tells others that one types, not with every key", async () => {
    await house.open(`/r/${GENERAL}`);
    const said = () => Wire.all.at(-1)!.sent.filter((c) => c["type"] === "typing").length;
    for (const text of ["h", "hi", "hi "]) type(box(), text);
    await house.wait(20);
    expect(said()).toBe(1);
    await house.wait(3200);
    type(box(), "hi t");
    await house.wait(20);
    expect(said()).toBe(2);
  });

  test("shows who types, until she stops", async () => {
    await house.open(`/r/${GENERAL}`);
    await house.say({ type: "typing", room: GENERAL, user: "jonas" });
    expect(words($(".typing"))).toBe("Jonas Weber is typing…");
    await house.wait(6000);
    expect(words($(".typing"))).toBe("");
  });

  test("sends nothing that is empty or too long", async () => {
    await house.open(`/r/${GENERAL}`);
    await send("   ");
    type(box(), "x".repeat(20_001));
    await house.wait(20);
    expect(words($("form.composer footer small"))).toBe("1 character over the limit");
    key(box(), "Enter");
    await house.wait(20);
    expect(house.commands(`POST /rooms/${GENERAL}/messages`)).toEqual([]);
  });

  test("↑ in an empty box edits one's last message", async () => {
    house.post(GENERAL, "mira", { text: "Lunhc?" });
    house.instead.set(`PATCH /rooms/${GENERAL}/messages/1`, (b) => ({
      body: message(1, { author: "mira", rev: 2, edited_at: at(31), ...(b as object) }),
    }));
    await house.open(`/r/${GENERAL}`);
    key(box(), "ArrowUp");
    await house.wait(20);
    const field = $<HTMLTextAreaElement>("form.edit textarea");
    expect(field.value).toBe("Lunhc?");
    type(field, "Lunch?");
    await house.wait(20);
    key(field, "Enter");
    await house.wait();
    expect([all("form.edit").length, rows()[0]]).toEqual([0, expect.stringMatching(/Lunch\?.*\(edited\)$/)]);
  });
});

describe("reactions", () => {
  beforeEach(() => void house.post(GENERAL, "jonas", { reactions: [reaction("🎉", ["jonas"], { me: false })] }));

  test("one click joins, and the chip says who", async () => {
    house.instead.set(`PUT /rooms/${GENERAL}/messages/1/reactions/%F0%9F%8E%89`, () => ({
      body: message(1, { rev: 2, reactions: [reaction("🎉", ["jonas", "mira"], { me: true })] }),
    }));
    await house.open(`/r/${GENERAL}`);
    expect(named(/^🎉, 1/).getAttribute("aria-label")).toBe("🎉, 1: Jonas Weber");
    named(/^🎉, 1/).click();
    await house.wait();
    const chip = named(/^🎉, 2/);
    expect([chip.getAttribute("aria-pressed"), chip.title]).toEqual(["true", "Jonas Weber and You"]);
  });

  test("a refusal is said", async () => {
    house.instead.set(`PUT /rooms/${GENERAL}/messages/1/reactions/%F0%9F%8E%89`, () => ({
      status: 409,
      body: problem(409, "There are 20 emoji already."),
    }));
    await house.open(`/r/${GENERAL}`);
    named(/^🎉, 1/).click();
    await house.wait();
    expect(all("[role=status]").map(words)).toContain("There are 20 emoji already.");
  });

  test("tools come with the pointer, and not before", async () => {
    await house.open(`/r/${GENERAL}`);
    expect(all("[role=toolbar]")).toEqual([]);
    $("article[data-seq='1']").dispatchEvent(new Event("pointerover", { bubbles: true }));
    await house.wait(20);
    expect(all("[role=toolbar] button").map((b) => b.getAttribute("aria-label"))).toEqual([
      "React with 👍",
      "React with 🎉",
      "React with ❤️",
      "React with another emoji",
      "Reply in thread",
      "More",
    ]);
  });
});

describe("the sidebar", () => {
  test("lists rooms and people, with what waits in them", async () => {
    house.rooms.push(
      room(LUNCH, { unread: 3, mention_count: 2, last_seq: 3 }),
      direct("cccccccccccc", ["mira", "jonas"], { unread: 120, last_seq: 200 }),
    );
    await house.open(`/r/${GENERAL}`);
    expect(all("nav .list a.row").map(words)).toEqual(
      ["general", "lunch 2 for you", "J Jonas Weber 99+ for you"].map((s) => expect.stringContaining(s.split(" ")[0]!)),
    );
    expect(all("nav .badge").map(words)).toEqual(["2 for you", "99+ for you"]);
    expect(document.title).toBe("(2) general · Acme");
  });

  test("folds a section, and remembers it", async () => {
    house.rooms.push(room(LUNCH));
    await house.open(`/r/${GENERAL}`);
    named("Rooms", "button").click();
    await house.wait(20);
    expect(
      all("nav .list a.row").map((a) => a.getAttribute("href")),
      "the open room stays",
    ).toEqual([`/r/${GENERAL}`]);
    expect(localStorage.getItem("canteen.folded.mira.Rooms")).toBe("1");
  });

  test("a room that one is removed from goes", async () => {
    house.rooms.push(room(LUNCH));
    await house.open(`/r/${GENERAL}`);
    await house.say({ type: "left", room: LUNCH, reason: "removed" });
    expect(all("nav .list a.row")).toHaveLength(1);
  });
});

describe("shortcuts", () => {
  test("Alt+↓ goes to the next room, and round", async () => {
    house.rooms.push(room(LUNCH));
    await house.open(`/r/${GENERAL}`);
    key(window, "ArrowDown", { altKey: true });
    await house.wait();
    expect(location.pathname).toBe(`/r/${LUNCH}`);
    key(window, "ArrowDown", { altKey: true });
    await house.wait();
    expect(location.pathname).toBe(`/r/${GENERAL}`);
  });

  test("Esc marks the room as read", async () => {
    vi.spyOn(document, "visibilityState", "get").mockReturnValue("hidden"); // so that looking at it reads nothing
    house.post(GENERAL, "jonas");
    await house.open(`/r/${GENERAL}`);
    await house.say({ type: "read", room: GENERAL, seq: 0, read_rev: 5, unread: 1, mention_count: 0 });
    house.asked.length = 0;
    key(window, "Escape");
    await house.wait(20);
    expect(house.commands(`PUT /rooms/${GENERAL}/read`)).toEqual([{ seq: 1 }]);
  });

  test("? lists the shortcuts", async () => {
    await house.open(`/r/${GENERAL}`);
    key(window, "?");
    await house.wait();
    expect(all("dialog dt").map(words)).toContain("Alt ↑ / ↓");
  });

  test("Ctrl+K finds a person and opens the room with her", async () => {
    const made = direct("cccccccccccc", ["mira", "jonas"]);
    house.instead.set("POST /rooms", () => {
      house.rooms.push(made);
      return { status: 201, body: made };
    });
    await house.open(`/r/${GENERAL}`);
    key(window, "k", { ctrlKey: true });
    await house.wait();
    const field = $("dialog input");
    type(field, "weber");
    await house.wait(20);
    expect(all("dialog [role=option]").map(words)).toEqual(
      ["Jonas Weber @jonas"].map((s) => expect.stringMatching(s.replace(" @", " ?@"))),
    );
    key(field, "Enter");
    await house.wait();
    expect(house.commands("POST /rooms")).toEqual([{ kind: "direct", members: ["jonas"] }]);
    expect([location.pathname, all("dialog").length]).toEqual(["/r/cccccccccccc", 0]);
  });
});
