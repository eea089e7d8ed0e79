// @vitest-environment happy-dom
// Changing a message, and typing without a box that has the focus, in the whole client.
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { $, all, House, key, named, type, words } from "../testing/house";
import { at, GENERAL, LUNCH, message, room } from "./core/testing";

let house: House;
beforeEach(() => void (house = new House()));
afterEach(() => house.leave());

const box = () => $<HTMLTextAreaElement>("form.composer textarea");
const edit = () => $<HTMLTextAreaElement>("form.edit textarea");
const PATCH = `PATCH /rooms/${GENERAL}/messages/1`;

/** Opens the room, and begins to change its one message. */
async function editing(text = "Lunhc?") {
  house.rooms.push(room(LUNCH));
  house.post(GENERAL, "mira", { text });
  house.instead.set(PATCH, (b) => ({ body: message(1, { author: "mira", rev: 9, ...(b as object) }) }));
  await house.open(`/r/${GENERAL}`);
  key(box(), "ArrowUp");
  await house.wait(20);
}
const write = async (text: string) => {
  type(edit(), text);
  await house.wait(20);
};
const press = async (name: string, more: KeyboardEventInit = {}) => {
  key(edit(), name, more);
  await house.wait(20);
};
const changed = (rev: number, more: object) =>
  house.say({ type: "message", room: GENERAL, rev, message: message(1, { author: "mira", rev, ...more }) });

describe("changing a message", () => {
  test("completes names as the composer does, and has its tools", async () => {
    await editing();
    type(edit(), "@jo");
    edit().setSelectionRange(3, 3);
    type(edit(), "@jo");
    await house.wait(20);
    expect(all("form.edit [role=option]").map(words)).toEqual(["Jonas Weber @jonas"]);
    await press("Enter");
    expect([edit().value, house.commands(PATCH)]).toEqual(["@jonas ", []]);
    expect(all("form.edit button").map((b) => b.getAttribute("aria-label") ?? words(b))).toEqual([
      "Add to the message",
      "Emoji",
      "Mention somebody",
      "Cancel",
      "Save",
    ]);
  });

  test("Enter breaks the line on a touch screen, and where one chose so", async () => {
    vi.spyOn(window, "matchMedia").mockImplementation(
      (query) => ({ matches: query === "(pointer: coarse)", addEventListener() {}, removeEventListener() {} }) as never,
    );
    await editing();
    await write("Lunch?");
    expect(key(edit(), "Enter").defaultPrevented).toBe(false);
    await house.wait(20);
    expect(house.commands(PATCH)).toEqual([]);
    named("Save").click();
    await house.wait();
    expect(house.commands(PATCH)).toEqual([{ text: "Lunch?" }]);
  });

  test("Escape asks nothing when nothing was changed, and otherwise once", async () => {
    await editing();
    await press("Escape");
    expect(all("form.edit")).toEqual([]);
    key(box(), "ArrowUp");
    await house.wait(20);
    await write("Lunch? Or not");
    await press("Escape");
    expect([edit().value, words(named("Discard the change?"))]).toEqual(["Lunch? Or not", "Discard the change?"]);
    await write("Lunch? Or tea");
    expect(words(named("Cancel"))).toBe("Cancel");
    await press("Escape");
    await press("Escape");
    expect([all("form.edit").length, house.commands(PATCH)]).toEqual([0, []]);
  });

  test("what is written stays when one goes to another room and comes back", async () => {
    await editing();
    await write("Lunch, at");
    for (const to of [LUNCH, GENERAL]) {
      $(`a[href='/r/${to}']`).click();
      await house.wait();
    }
    expect(edit().value).toBe("Lunch, at");
    expect(document.activeElement, "the box one came back to").toBe(box());
  });

  test("what is written stays when the message is changed or deleted meanwhile, which is said", async () => {
    await editing();
    await write("Lunch, at");
    await changed(2, { text: "Lunch!" });
    expect([edit().value, words($("form.edit [role=status]"))]).toEqual([
      "Lunch, at",
      "The message has changed in the meantime. Saving replaces it.",
    ]);
    await changed(3, { text: "", deleted_at: at(31) });
    expect(words($("article[data-seq='1'] .gone"))).toBe("This message was deleted.");
    expect([edit().value, (named("Save") as HTMLButtonElement).disabled]).toEqual(["Lunch, at", true]);
    await press("Enter");
    expect(house.commands(PATCH)).toEqual([]);
  });

  test("of a message that is deleted nothing stays when nothing was changed", async () => {
    await editing();
    await changed(2, { text: "", deleted_at: at(31) });
    expect(all("form.edit")).toEqual([]);
  });
});

describe("Enter with suggestions above the box", () => {
  const suggested = async (field: HTMLTextAreaElement, text: string) => {
    type(field, text);
    field.setSelectionRange(text.length, text.length);
    type(field, text);
    await vi.waitFor(() => expect(all("[role=option]").length).toBeGreaterThan(0), 4000);
  };
  const POST = `POST /rooms/${GENERAL}/messages`;
  const sent = () => house.commands(POST).map((b) => (b as { text: string }).text);
  beforeEach(() => editing());

  test.each([
    ["sends, if what was typed begins none of them", "the answer :no", [], ["the answer :no"], ""],
    ["sends a time", "at :30", [], ["at :30"], ""],
    ["takes what was begun", "done :tad", [], [], "done 🎉 "],
    ["takes what the arrows chose", "hi @", ["ArrowDown"], [], "hi @jonas "],
  ])("%s: %j", async (_, text, first, posted, left) => {
    await suggested(box(), text);
    for (const name of first) key(box(), name);
    await house.wait();
    expect(box().hasAttribute("aria-activedescendant")).toBe(!posted.length);
    key(box(), "Enter");
    await vi.waitFor(() => expect([sent(), box().value]).toEqual([posted, left]), 4000);
  });

  test("is the same in an edit", async () => {
    await suggested(edit(), "the answer :no");
    key(edit(), "Enter");
    await vi.waitFor(() => expect(house.commands(PATCH)).toEqual([{ text: "the answer :no" }]), 4000);
  });
});

describe("a letter without a box goes to the composer", () => {
  const typed = async (e: Element, name: string, more: KeyboardEventInit = {}) => {
    box().blur();
    key(e, name, more);
    await house.wait(20);
    return document.activeElement === box();
  };
  beforeEach(() => editing());

  test.each([
    ["a letter", "k", {}, true],
    ["a letter with AltGr", "@", { ctrlKey: true, altKey: true, modifierAltGraph: true }, true],
    ["a dead key", "Dead", {}, true],
    ["the key of an input method", "Process", { keyCode: 229 }, true],
    ["pasting", "v", { ctrlKey: true }, true],
    ["a space", " ", {}, false],
    ["Enter", "Enter", {}, false],
    ["a command", "c", { ctrlKey: true }, false],
    ["the list of shortcuts", "?", {}, false],
  ] as const)("%s", async (_, name, more, want) => expect(await typed(document.body, name, more)).toBe(want));

  test("also from a message that was clicked, whose letters are no commands", async () => {
    const row = $("article[data-seq='1']");
    row.removeAttribute("data-keys");
    expect(await typed(row, "e")).toBe(true);
    row.toggleAttribute("data-keys", true);
    expect(await typed(row, "e")).toBe(false);
    expect(await typed(row, "x")).toBe(true);
  });

  test("never from another box, and not through a dialog", async () => {
    await write("Lunch, at");
    edit().focus();
    key(edit(), "k");
    expect(document.activeElement).toBe(edit());
    document.body.append(Object.assign(document.createElement("dialog"), { open: true }));
    expect(await typed(document.body, "k")).toBe(false);
  });
});
