// @vitest-environment happy-dom
import { describe, expect, test, vi } from "vitest";
import { around, boxKey, hold, lengthLeft, lengthNote, listKey, mentionSign, put } from "./textbox";

const key = (key: string, more: Partial<KeyboardEvent> = {}) =>
  ({ key, shiftKey: false, altKey: false, ctrlKey: false, metaKey: false, ...more }) as KeyboardEvent;

describe("keys of the composer", () => {
  test.each([
    ["Enter sends", key("Enter"), "", true, false, "send"],
    ["Shift+Enter breaks the line", key("Enter", { shiftKey: true }), "", true, false, undefined],
    ["Alt+Enter does nothing", key("Enter", { altKey: true }), "", true, false, undefined],
    ["Enter breaks the line on a touch screen", key("Enter"), "", true, true, undefined],
    ["the other setting: Enter breaks the line", key("Enter"), "", false, false, undefined],
    ["the other setting: Ctrl+Enter sends", key("Enter", { ctrlKey: true }), "", false, false, "send"],
    ["the other setting: ⌘+Enter sends", key("Enter", { metaKey: true }), "", false, false, "send"],
    ["↑ in an empty box edits the last message", key("ArrowUp"), "", true, false, "editLast"],
    ["↑ in a box with text moves the caret", key("ArrowUp"), "hi", true, false, undefined],
    ["a letter is a letter", key("a"), "", true, false, undefined],
  ] as const)("%s", (_, e, text, enterSends, touch, want) => expect(boxKey(e, text, enterSends, touch)).toBe(want));
});

describe("keys of the suggestions", () => {
  test.each([
    ["ArrowDown", { move: 1 }],
    ["ArrowUp", { move: -1 }],
    ["Tab", "take"],
    ["Enter", "take"],
    ["Escape", "close"],
    ["a", undefined],
  ])("%s", (name, want) => expect(listKey(key(name))).toEqual(want));

  test("go round", () => {
    expect([around(0, 1, 3), around(2, 1, 3), around(0, -1, 3), around(0, 1, 0)]).toEqual([1, 0, 2, 0]);
    expect([around(-1, 1, 3), around(-1, -1, 3)]).toEqual([0, 2]);
  });
});

test("text is put in the place of what was typed, and the box hears of it", () => {
  const box = document.body.appendChild(document.createElement("textarea")),
    heard = vi.fn();
  box.addEventListener("input", heard);
  box.value = "hi @mi there";
  put(box, 3, 6, "@mira ");
  expect([box.value, document.activeElement, heard.mock.calls.length]).toEqual(["hi @mira  there", box, 1]);
});

test("text is inserted by the browser where it can, so that undo takes it back", () => {
  const box = document.body.appendChild(document.createElement("textarea")),
    command = vi.fn((..._: unknown[]) => [box.selectionStart, box.selectionEnd]);
  Object.assign(document, { execCommand: command });
  box.value = ":tad";
  put(box, 0, 4, "🎉 ");
  expect(command.mock.calls).toEqual([["insertText", false, "🎉 "]]);
  expect([command.mock.results[0]!.value, box.value]).toEqual([[0, 4], ":tad"]);
  Object.assign(document, { execCommand: undefined });
});

test("a mention begins a word", () => {
  expect(["", "hi", "hi ", "hi\n"].map(mentionSign)).toEqual(["@", " @", "@", "@"]);
});

test("the length counts characters as people do, and is said when little is left", () => {
  expect(lengthLeft("🎉🎉", 10)).toBe(8);
  expect([5000, 1000, 999, 0, -3].map(lengthNote)).toEqual([
    "",
    "",
    "999 characters left",
    "0 characters left",
    "3 characters over the limit",
  ]);
});

describe("a paste that comes early", () => {
  const paste = (text: string, ...files: File[]) => {
    const box = document.createElement("textarea"),
      clipboardData = new DataTransfer(),
      taken: string[] = [];
    document.body.append(box);
    if (text) clipboardData.setData("text/plain", text);
    for (const f of files) clipboardData.items.add(f);
    let held: Promise<void> | undefined;
    const early = (loading: Promise<unknown>) => {
      const hear = (e: ClipboardEvent) => (held = hold(e, loading));
      box.addEventListener("paste", hear, { once: true });
      box.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
      return held!;
    };
    const take = (e: ClipboardEvent) => {
      taken.push(...[...e.clipboardData!.files].map((f) => f.name), e.clipboardData!.getData("text/plain"));
      e.preventDefault();
    };
    return { box, taken, early, take };
  };
  const picture = () => new File(["x"], "soup.png", { type: "image/png" });

  test("waits for what takes it", async () => {
    const { box, taken, early, take } = paste("soup.png", picture());
    await early(Promise.resolve().then(() => box.addEventListener("paste", take)));
    expect([taken, box.value]).toEqual([["soup.png", "soup.png"], ""]);
  });

  test("that nobody takes is pasted as a text", async () => {
    const { box, early } = paste("soup");
    box.value = "hot ";
    box.setSelectionRange(4, 4);
    await early(Promise.resolve());
    expect(box.value).toBe("hot soup");
  });

  test("loses no text when nothing could be loaded, and says so of files", async () => {
    const lost = () => Promise.reject(new Error("offline"));
    const text = paste("soup");
    await text.early(lost());
    expect(text.box.value).toBe("soup");
    await expect(paste("", picture()).early(lost())).rejects.toThrow("offline");
  });
});
