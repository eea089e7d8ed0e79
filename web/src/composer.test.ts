// @vitest-environment happy-dom
// What a box has beside its text: the menu of "+" and the toolbar of marks, in the whole client.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { $, all, House, key, named, type, words } from "../testing/house";
import { GENERAL, me, message } from "./core/testing";

let house: House;
beforeEach(() => void (house = new House()));
afterEach(() => house.leave());

const box = () => $<HTMLTextAreaElement>("form.composer textarea");

/** Opens the room, and writes a text of which the part between | and | is selected. */
async function written(text: string) {
  await house.open(`/r/${GENERAL}`);
  type(box(), text.replaceAll("|", ""));
  const from = text.indexOf("|"),
    to = text.lastIndexOf("|") - (text.lastIndexOf("|") > from ? 1 : 0);
  box().focus();
  box().setSelectionRange(from < 0 ? text.length : from, from < 0 ? text.length : to);
  box().dispatchEvent(new Event("select"));
  await house.wait(20);
}
const press = (name: string, more: KeyboardEventInit = {}) => key(box(), name, { ctrlKey: true, ...more });
const selected = () => box().value.slice(box().selectionStart, box().selectionEnd);

describe("the keys of marks", () => {
  test("mark the selected words, and take the mark away", async () => {
    await written("a |word| b");
    expect(press("b").defaultPrevented).toBe(true);
    expect([box().value, selected()]).toEqual(["a **word** b", "word"]);
    press("b");
    expect([box().value, selected()]).toEqual(["a word b", "word"]);
  });

  test("Ctrl K makes a link of selected words, and jumps to a room without them", async () => {
    await written("see |docs|");
    press("k");
    await house.wait();
    expect([box().value, selected(), all("dialog").length]).toEqual(["see [docs](https://)", "https://", 0]);
    box().setSelectionRange(0, 0);
    press("k");
    await house.wait();
    expect([box().value, all("dialog").length]).toEqual(["see [docs](https://)", 1]);
  });

  test("are no keys of an input method", async () => {
    await written("a |word|");
    press("b", { isComposing: true });
    expect(box().value).toBe("a word");
  });
});

describe("the toolbar", () => {
  test("is shown while words are selected, shows what one would type, and marks them", async () => {
    await written("a |word|");
    expect(words($("[role=toolbar][aria-label=Formatting]"))).toBe("");
    named("Strikethrough").click();
    await house.wait(20);
    expect([box().value, words($("[role=toolbar][aria-label=Formatting]"))]).toEqual([
      "a ~~word~~",
      "~~struck~~ Ctrl Shift X",
    ]);
    box().setSelectionRange(0, 0);
    document.dispatchEvent(new Event("selectionchange"));
    await house.wait(20);
    expect(all("[aria-label=Formatting]")).toEqual([]);
  });

  test("stays when the menu of + is asked for it, and goes by the same way", async () => {
    await written("word");
    const choose = async () => {
      named("Add to the message").click();
      await house.wait(20);
      named(/^Formatting/, "[role=menuitem]").click();
      await house.wait(20);
    };
    await choose();
    expect([all("[aria-label=Formatting]").length, all("[role=menu]").length]).toEqual([1, 0]);
    expect(document.activeElement, "one goes on writing").toBe(box());
    named("List").click();
    expect(box().value).toBe("- word");
    await choose();
    expect(all("[aria-label=Formatting]")).toEqual([]);
  });
});

test("the menu of + closes by Escape, by a click elsewhere, and by its button", async () => {
  await written("");
  const open = async () => {
    named("Add to the message").click();
    await house.wait(20);
  };
  await open();
  expect(document.activeElement?.getAttribute("role")).toBe("menuitem");
  key(document.activeElement!, "Escape");
  await house.wait(20);
  expect([all("[role=menu]").length, document.activeElement]).toEqual([0, named("Add to the message")]);
  await open();
  document.body.dispatchEvent(new Event("pointerdown", { bubbles: true }));
  await house.wait(20);
  expect(all("[role=menu]").length).toBe(0);
  await open();
  await open();
  expect(all("[role=menu]").length).toBe(0);
});

describe("pasting", () => {
  const paste = async (data: Record<string, string>) => {
    const e = Object.assign(new Event("paste", { bubbles: true, cancelable: true }), {
      clipboardData: { getData: (type: string) => data[type] ?? "", files: [], items: [] },
    });
    box().dispatchEvent(e);
    await house.wait(20);
    return e.defaultPrevented;
  };

  test("rich text becomes Markdown, an address over words a link", async () => {
    await written("see |here|");
    expect(await paste({ "text/plain": "https://a.example/" })).toBe(true);
    expect(box().value).toBe("see [here](https://a.example/)");
    box().setSelectionRange(0, box().value.length);
    await paste({ "text/plain": "Soup now", "text/html": "<p><b>Soup</b> now</p>" });
    expect(box().value).toBe("**Soup** now");
  });

  test("in a block of code, and of plain text, is left to the browser", async () => {
    await written("```\n|");
    expect(await paste({ "text/plain": "a\tb\nc\td" })).toBe(false);
    type(box(), "");
    expect(await paste({ "text/plain": "a b" })).toBe(false);
  });
});

test("the preview shows how the message will look, commands and emoji included", async () => {
  await written("/me eats **soup** :tada:");
  named("Add to the message").click();
  await house.wait(20);
  await (await import("./lib/emoji")).load();
  named(/^Preview/, "[role=menuitem]").click();
  await house.wait();
  await house.wait();
  expect(words($("[aria-label=Preview][role=region]"))).toBe("eats soup 🎉");
  expect(words($("[aria-label=Preview] em strong"))).toBe("soup");
  type(box(), " ");
  await house.wait(20);
  expect(words($("[aria-label=Preview][role=region]"))).toContain("Here you see how your message will look.");
});

describe("commands", () => {
  const POST = `POST /rooms/${GENERAL}/messages`;
  const enter = async (text: string) => {
    await written(text);
    key(box(), "Enter");
    await house.wait();
  };
  const sent = () => (house.commands(POST) as { text: string }[]).map((b) => b.text);

  test("/me and // are texts", async () => {
    await enter("/me eats");
    type(box(), "//me");
    key(box(), "Enter");
    await house.wait();
    expect([sent(), box().value]).toEqual([["*eats*", "/me"], ""]);
  });

  test("/topic changes the topic, sends nothing, and empties the box", async () => {
    house.who = me({ role: "admin" });
    const PATCH = `PATCH /rooms/${GENERAL}`;
    house.instead.set(PATCH, () => ({ body: house.rooms[0] }));
    await enter("/topic Soup");
    expect([house.commands(PATCH), sent(), box().value]).toEqual([[{ topic: "Soup" }], [], ""]);
  });

  test("an unknown one says so before it is sent, and can be sent", async () => {
    await enter("/lunch now");
    expect([words($("dialog h2")), sent(), box().value]).toEqual(["There is no command /lunch", [], "/lunch now"]);
    named("Keep writing").click();
    await house.wait();
    expect([all("dialog"), box().value]).toEqual([[], "/lunch now"]);
    key(box(), "Enter");
    await house.wait();
    named("Send", "dialog button").click();
    await house.wait();
    expect([sent(), box().value]).toEqual([["/lunch now"], ""]);
  });

  test("+:emoji: reacts to the last message", async () => {
    house.post(GENERAL, "jonas", { text: "Lunch?" });
    const PUT = `PUT /rooms/${GENERAL}/messages/1/reactions/${encodeURIComponent("🎉")}`;
    house.instead.set(PUT, () => ({ body: message(1, { rev: 9 }) }));
    await enter("+🎉");
    expect([house.commands(PUT).length, sent(), box().value]).toEqual([1, [], ""]);
  });

  test("/status sets the status", async () => {
    house.instead.set("PATCH /me", (b) => ({ body: { ...house.who, ...(b as object) } }));
    await enter("/status 🌴 away");
    expect(house.commands("PATCH /me")).toEqual([{ status: { emoji: "🌴", text: "away" } }]);
  });

  test("/invite adds people, and names those who do not exist", async () => {
    const PUT = `PUT /rooms/${GENERAL}/members/kim`;
    house.instead.set(PUT, () => ({ body: { user: "kim", role: "member", joined_at: house.who!.id } }));
    await enter("/invite @kim @nobody");
    expect(words($("dialog"))).toContain("Nobody has the handle @nobody");
    named("Keep writing").click();
    await house.wait();
    type(box(), "/invite @kim");
    key(box(), "Enter");
    await house.wait();
    expect([house.commands(PUT).length, box().value]).toEqual([1, ""]);
  });

  test("are suggested with what they do", async () => {
    await written("/");
    type(box(), "/s");
    box().setSelectionRange(2, 2);
    type(box(), "/s");
    await house.wait(20);
    expect(all("[role=option]").map(words)).toEqual([
      "/shrug text Put ¯\\_(ツ)_/¯ after your text",
      "/status :emoji: text Say what you are up to; without a text, choose it",
    ]);
    key(box(), "Enter");
    expect(box().value).toBe("/shrug ");
  });
});
