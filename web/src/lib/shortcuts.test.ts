// @vitest-environment happy-dom
import { afterEach, describe, expect, test } from "vitest";
import { isCovered, isWriting, shortcut } from "./shortcuts";

const key = (key: string, more: Partial<KeyboardEvent> = {}) =>
  ({ key, shiftKey: false, altKey: false, ctrlKey: false, metaKey: false, ...more }) as KeyboardEvent;

afterEach(() => document.body.replaceChildren());

describe("what a key asks for", () => {
  test.each([
    ["Ctrl+K", key("k", { ctrlKey: true }), "switcher"],
    ["⌘K", key("k", { metaKey: true }), "switcher"],
    ["Ctrl+Shift+E", key("E", { ctrlKey: true, shiftKey: true }), "emoji"],
    ["Ctrl+E", key("e", { ctrlKey: true }), undefined],
    ["Alt+↓", key("ArrowDown", { altKey: true }), { step: 1, unread: false }],
    ["Alt+↑", key("ArrowUp", { altKey: true }), { step: -1, unread: false }],
    ["Alt+Shift+↓", key("ArrowDown", { altKey: true, shiftKey: true }), { step: 1, unread: true }],
    ["↓", key("ArrowDown"), undefined],
    ["?", key("?", { shiftKey: true }), "keys"],
    ["Esc", key("Escape"), "read"],
    ["Shift+Esc", key("Escape", { shiftKey: true }), "readAll"],
    ["a letter", key("k"), undefined],
  ])("%s", (_, e, want) => expect(shortcut(e, false, false)).toEqual(want));

  test("? is a letter while one writes", () => expect(shortcut(key("?"), true, false)).toBeUndefined());

  test("under a dialog only the switcher works, which then closes", () => {
    expect(shortcut(key("k", { ctrlKey: true }), true, true)).toBe("switcher");
    for (const e of [key("Escape"), key("?"), key("ArrowDown", { altKey: true })])
      expect(shortcut(e, false, true)).toBeUndefined();
  });
});

test("who writes is in a text field", () => {
  const field = document.body.appendChild(document.createElement("textarea"));
  expect([isWriting(field), isWriting(document.body), isWriting(null)]).toEqual([true, false, false]);
});

test("an open dialog covers the page", () => {
  expect(isCovered()).toBe(false);
  document.body.innerHTML = "<dialog></dialog>";
  expect(isCovered()).toBe(false);
  document.body.innerHTML = "<dialog open></dialog>";
  expect(isCovered()).toBe(true);
});
