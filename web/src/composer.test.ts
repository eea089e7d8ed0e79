// @vitest-environment happy-dom
// What a box has beside its text: the menu of "+" and the toolbar of marks, in the whole client.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { $, all, House, key, named, type, words } from "../testing/house";
import { GENERAL } from "./core/testing";

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
