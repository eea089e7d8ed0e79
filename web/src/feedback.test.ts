// @vitest-environment happy-dom
// Feedback: giving it, with what was kept on the device and a picture; the answers; the room for it, and the list for admins.
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { aboutLine, FeedbackShelf, offersFeedback, standing } from "./core/feedback";
import { Memory } from "./core/shelf";
import { aFile, at, GENERAL, me, problem, room } from "./core/testing";
import { freshRoom } from "./core/room";
import { deed, mine } from "./lib/commands";
import type { GivenFeedback, Me } from "./wire/types";
import { $, all, field, House, key, named, type, words } from "../testing/house";

const GIVE = "POST /feedback",
  MINE = "GET /me/feedback",
  ALL = "GET /feedback",
  PATH = `/r/${GENERAL}`;
let house: House;
beforeAll(async () => {
  await import("./App.svelte");
  await Promise.all([
    import("./features/feedback/Give.svelte"),
    import("./features/feedback/All.svelte"),
    import("./features/switcher/Keys.svelte"),
    import("./features/me/Me.svelte"),
    import("./features/me/Workspace.svelte"),
    import("./features/composer/Extras.svelte"),
    import("./lib/commands"),
    import("./store/slash"),
    import("./pages/Alerts.svelte"),
    import("./pages/Parts.svelte"),
    import("./store/uploads.svelte"),
  ]);
}, 120_000);
beforeEach(() => {
  house = new House();
  house.instead.set(MINE, () => ({ body: { feedback: [] } }));
  house.instead.set(GIVE, () => ({ status: 201, body: piece("mira") }));
});
afterEach(() => house.leave());

const who = (feedback: boolean, more: Partial<Me> = {}): Me =>
  me({ ...more, workspace: { ...me().workspace, feedback } });
const piece = (author: string, more: Partial<GivenFeedback> = {}): GivenFeedback => ({
  author,
  text: "It is slow",
  about: { page: "/inbox", version: "v1" },
  created_at: at(1),
  files: [],
  replies: 0,
  answered: false,
  ...more,
});
const dialog = () => $("dialog");
const text = () => $<HTMLTextAreaElement>("dialog textarea");
const named_ = (label: string) => all("dialog button").filter((b) => words(b) === label);
const open = async (w: Me, path = PATH) => {
  house.who = w;
  await house.open(path);
};
async function send(): Promise<void> {
  $("dialog form").dispatchEvent(new SubmitEvent("submit", { bubbles: true, cancelable: true }));
  await house.wait();
}
async function help(): Promise<void> {
  key(document.body, "?", { shiftKey: true });
  await house.wait();
}
async function give(): Promise<void> {
  await help();
  named("Give feedback").click();
  await house.wait();
}

test("who is offered it, and what is told of a piece", () => {
  expect(
    [who(true), who(false), who(false, { role: "admin" }), who(true, { role: "guest" })].map(offersFeedback),
  ).toEqual([true, false, true, true]);
  expect(aboutLine({ page: "/inbox", version: "v1", server: "v2" })).toBe("Feedback · /inbox · v1 · server v2");
  expect(aboutLine({})).toBe("Feedback");
  expect(standing({ answered: false, replies: 0 })).toBe("Open · no replies");
  expect(standing({ answered: false, replies: 1 })).toBe("Open · 1 reply");
  expect(standing({ answered: true, replies: 2 })).toBe("Answered · 2 replies");
});

test("what somebody else put on the shelf is no draft", () => {
  const shelf = new Memory(),
    of = new FeedbackShelf(shelf, "mira");
  for (const kept of ["", "{", "null", "[]", '{"text":1,"client_id":"a"}', '{"text":"a"}']) {
    shelf.setItem("canteen.feedback.mira", kept);
    expect(of.get(), kept).toBeUndefined();
  }
  of.set({ text: "a", client_id: "b" });
  expect([of.get(), new FeedbackShelf(shelf, "kim").get()]).toEqual([{ text: "a", client_id: "b" }, undefined]);
});

test("/feedback opens the dialog; without a room it says so before anything is sent", () => {
  const r = freshRoom(room(GENERAL));
  expect(deed("/feedback It is slow", r, who(true))).toEqual({ is: "feedback", text: "It is slow" });
  expect(deed("/feedback", r, who(true))).toEqual({ is: "feedback", text: "" });
  expect(deed("/feedback It is slow", r, who(false))).toMatchObject({
    is: "refuse",
    why: expect.stringContaining("Nobody has chosen a room for feedback yet."),
  });
  expect([who(true), who(false)].map((w) => mine(r, w).some((c) => c.name === "feedback"))).toEqual([true, false]);
});

describe("giving it", () => {
  test("sends the words with page and version, and shows what became of it", async () => {
    house.instead.set(MINE, () => ({
      body: {
        feedback: [
          piece("mira", { answers: [{ author: "jonas", text: "We know", created_at: at(2), files: [] }] }),
          piece("mira", {
            text: "It is loud",
            answers: [{ author: "stranger", text: "", created_at: at(2), files: ["a.png"] }],
          }),
          piece("mira", { text: "", files: ["kettle.png"], created_at: at(0) }),
        ],
      },
    }));
    await open(who(true));
    await give();
    const given = all("section[aria-label='Your feedback'] li").map(words);
    expect(given[0]).toMatch(/^Feedback · \/inbox · v1 · .*It is slow ?Jonas Weber · .*We know$/);
    expect(given[1]).toMatch(/It is loud ?Somebody of the team · .*a\.png$/);
    expect(given[2]).toMatch(/kettle\.png ?No answer yet$/);
    type(text(), "The search is slow");
    await send();
    expect(house.commands(GIVE)).toEqual([
      { text: "The search is slow", client_id: expect.stringMatching(/^[\da-f-]{36}$/), page: PATH, version: "v1" },
    ]);
    expect([text().value, words(dialog())]).toEqual([
      "",
      expect.stringContaining("Thank you. Your feedback was sent."),
    ]);
    expect(house.commands(MINE).length, "the list is fetched again").toBe(2);
    expect(Object.keys(localStorage).filter((k) => k.includes("feedback"))).toEqual([]);
  });

  test("nothing is sent without words", async () => {
    await open(who(true));
    await give();
    await send();
    type(text(), "  ");
    await send();
    expect(house.commands(GIVE)).toEqual([]);
  });

  test("what was refused, or did not arrive, stays: also after a reload, and is one post", async () => {
    let answer: { status: number; body: unknown } = {
      status: 409,
      body: problem(409, "The room for feedback is archived."),
    };
    house.instead.set(GIVE, () => answer);
    await open(who(true));
    await give();
    type(text(), "It is slow");
    await send();
    expect(words($("dialog [role=alert]"))).toBe("The room for feedback is archived. What you wrote is kept.");
    answer = { status: 503, body: problem(503, "Try again.") };
    await send();
    expect([text().value, words($("dialog [role=alert]"))]).toEqual([
      "It is slow",
      "Try again. What you wrote is kept.",
    ]);
    named("Close").click();
    await house.wait();
    await give();
    expect(text().value).toBe("It is slow");
    answer = { status: 201, body: piece("mira") };
    await send();
    const ids = house.commands(GIVE).map((b) => (b as { client_id: string }).client_id);
    expect([ids.length, new Set(ids).size, text().value]).toEqual([3, 1, ""]);
  });

  test("while it is sent nothing can be added, which would be lost", async () => {
    let arrive = (_: { status: number; body: unknown }) => {};
    house.instead.set(GIVE, () => new Promise((yes) => (arrive = yes)));
    await open(who(true));
    await give();
    type(text(), "It is slow");
    await send();
    expect(text().readOnly).toBe(true);
    arrive({ status: 201, body: piece("mira") });
    await house.wait();
    expect([text().readOnly, text().value]).toEqual([false, ""]);
  });

  test("the words of /feedback come after what was not sent", async () => {
    localStorage.setItem("canteen.feedback.mira", JSON.stringify({ text: "Before", client_id: "1" }));
    await open(who(true));
    const box = $<HTMLTextAreaElement>("form.composer textarea");
    type(box, "/feedback After");
    key(box, "Enter");
    await house.wait();
    await house.wait();
    expect([text().value, box.value]).toEqual(["Before\n\nAfter", ""]);
    expect(house.commands(`POST /rooms/${GENERAL}/messages`)).toEqual([]);
  });

  test("a pasted picture goes along once it is uploaded", async () => {
    let arrive = () => {};
    const arrived = new Promise<void>((yes) => (arrive = yes));
    class Request {
      upload = {};
      status = 204;
      onload = () => {};
      open() {}
      setRequestHeader() {}
      abort() {}
      send() {
        void arrived.then(() => this.onload());
      }
    }
    vi.stubGlobal("XMLHttpRequest", Request);
    vi.stubGlobal("crypto", { getRandomValues: crypto.getRandomValues.bind(crypto) });
    const file = aFile({ id: "f1", name: "kettle.txt" });
    house.instead.set("POST /files", () => ({ body: { file, part_size: 8 << 20 } }));
    house.instead.set("POST /files/f1/parts", () => ({
      body: { parts: [{ n: 1, url: "/x", headers: {} }], have: [] },
    }));
    house.instead.set("POST /files/f1/done", () => ({ body: file }));
    await open(who(true));
    await give();
    type(text(), "Look");
    const clipboardData = {
      files: [new File(["12345678"], "kettle.txt", { type: "text/plain" })],
      getData: () => "",
    };
    text().dispatchEvent(Object.assign(new Event("paste", { bubbles: true, cancelable: true }), { clipboardData }));
    await house.wait();
    expect(all("dialog ul[aria-label=Files] li").length).toBe(1);
    await send();
    expect(house.commands(GIVE), "not before its picture is there").toEqual([]);
    arrive();
    await house.wait();
    await send();
    expect(house.commands(GIVE)).toMatchObject([{ text: "Look", files: ["f1"] }]);
    expect([all("dialog ul[aria-label=Files] li"), house.commands("DELETE /files/f1")]).toEqual([[], []]);
  });
});

describe("a list", () => {
  const problem503 = { status: 503, body: problem(503, "Try again later.") };
  const list = () => all("dialog section[aria-label='Your feedback'] li").map(words);

  test("of one's own that cannot be loaded says so, and is asked for again", async () => {
    house.instead.set(MINE, () => problem503);
    await open(who(true));
    await give();
    expect(words(dialog())).toContain("Your feedback could not be loaded. Try again Try again later.");
    house.instead.set(MINE, () => ({ body: { feedback: [piece("mira")] } }));
    named("Try again").click();
    await house.wait();
    expect([list().length, words(dialog()).includes("could not be loaded")]).toEqual([1, false]);
    house.instead.set(MINE, () => problem503);
    type(text(), "It is loud");
    await send();
    expect([list().length, named_("Try again").length], "what was there stays").toEqual([1, 1]);
  });

  test("of all that cannot be loaded says so, and is asked for again", async () => {
    house.instead.set(ALL, () => problem503);
    await open(who(true, { role: "admin" }));
    named("Settings").click();
    await house.wait();
    named("Workspace").click();
    await house.wait();
    named("Feedback that was given").click();
    await house.wait();
    expect(words(dialog())).toContain("The feedback could not be loaded. Try again Try again later.");
    house.instead.set(ALL, () => ({ body: { feedback: [] } }));
    named("Try again").click();
    await house.wait();
    expect(words(dialog())).toContain("Nobody has given feedback yet.");
  });

  test("holds pieces and answers that are alike, and a page that was asked for twice once", async () => {
    const answer = { author: "jonas", text: "We know", created_at: at(2), files: [] },
      twice = [piece("mira", { answers: [answer, answer] }), piece("mira")];
    house.instead.set(MINE, () => ({ body: { feedback: twice, next: "c" } }));
    house.instead.set(`${MINE}?cursor=c`, () => ({ body: { feedback: [piece("mira", { text: "It is loud" })] } }));
    await open(who(true));
    await give();
    const [more] = named_("Show more");
    more!.click();
    more!.click();
    await house.wait();
    expect([list().length, all("dialog .answer").length, named_("Show more")]).toEqual([3, 2, []]);
  });
});

describe("while there is no room for it", () => {
  test("members find no button", async () => {
    await open(who(false));
    await help();
    expect([words($("dialog h2")), named_("Give feedback")]).toEqual(["Help", []]);
  });

  test("an admin is told, chooses one, and sees what was given", async () => {
    const admin = who(false, { role: "admin" });
    house.instead.set("PATCH /workspace", (b) => ({
      body: { ...admin.workspace, feedback: true, feedback_room: (b as { feedback_room: string }).feedback_room },
    }));
    house.instead.set(ALL, () => ({
      body: {
        feedback: [
          piece("jonas", { room: GENERAL, seq: 7, replies: 1 }),
          piece("kim", { room: GENERAL, seq: 6, answered: true, replies: 2 }),
        ],
      },
    }));
    await open(admin);
    await give();
    expect(words(dialog())).toContain("Nobody has chosen a room for feedback yet.");
    named("Choose a room").click();
    await house.wait();
    const choice = field("Room for feedback") as unknown as HTMLSelectElement;
    expect([...choice.options].map((o) => o.label || words(o))).toEqual(["None", "#general"]);
    choice.value = GENERAL;
    choice.dispatchEvent(new Event("change", { bubbles: true }));
    await send();
    expect(house.commands("PATCH /workspace")).toMatchObject([{ feedback_room: GENERAL }]);
    named("Settings").click();
    await house.wait();
    named("Workspace").click();
    await house.wait();
    named("Feedback that was given").click();
    await house.wait();
    const rows = () => all("dialog ul[aria-label=Feedback] li").map(words);
    expect(rows()).toEqual([
      expect.stringMatching(/^Jonas Weber .* Open · 1 reply It is slow Feedback · \/inbox · v1$/),
      expect.stringMatching(/^Kim .* Answered · 2 replies/),
    ]);
    expect($<HTMLAnchorElement>("dialog li a").getAttribute("href")).toBe(`${PATH}/7`);
    $<HTMLInputElement>("dialog [type=checkbox]").click();
    await house.wait(20);
    expect(rows().length).toBe(1);
  });
});

test("a message that is feedback says where it was given, and who sees the replies", async () => {
  house.post(GENERAL, "jonas", { text: "It is slow", feedback: { page: "/inbox", version: "v1" } });
  await house.open(PATH);
  await house.wait();
  expect(words($("article[data-seq='1'] .body"))).toContain("Feedback · /inbox · v1 · Jonas Weber sees the replies");
});
