// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, test, vi, type Mock } from "vitest";
import { openQuickly } from "./modal";

let close: Mock<() => void>, dialog: HTMLDialogElement, modal: ReturnType<typeof vi.spyOn>, ends: (() => void)[];

function opens(): () => void {
  const end = openQuickly(dialog, close);
  ends.push(end);
  return end;
}

beforeEach(() => {
  document.body.innerHTML = `<div id="app">
    <a href="#room">Skip</a>
    <main><textarea></textarea></main>
    <p aria-hidden="true">Decoration</p>
    <dialog><button>Close</button><input /><button tabindex="-1">general</button></dialog>
  </div>`;
  dialog = find("dialog");
  ends = [];
  close = vi.fn();
  modal = vi.spyOn(HTMLDialogElement.prototype, "showModal");
});
afterEach(() => {
  for (const end of ends) end();
  Reflect.deleteProperty(document, "fullscreenElement");
  vi.restoreAllMocks();
});

const find = <E extends HTMLElement>(selector: string) => document.querySelector<E>(selector)!;
const hidden = () => [...document.querySelectorAll("[aria-hidden]")].map((e) => e.localName);

/** Returns whether the browser does what it does at that key. */
const key = (key: string, more: KeyboardEventInit = {}) =>
  document.activeElement!.dispatchEvent(
    new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more }),
  );

describe("a dialog that opens quickly", () => {
  test("hides the page from screen readers while it is there, and no style of the page changes", () => {
    const end = opens();
    expect([dialog.open, dialog.getAttribute("aria-modal"), modal.mock.calls.length]).toEqual([true, "true", 0]);
    expect([hidden(), document.querySelectorAll("[inert]").length]).toEqual([["a", "main", "p"], 0]);
    end();
    expect(hidden()).toEqual(["p"]);
  });

  test("keeps Tab in it, in both directions", () => {
    opens();
    const [close, field] = [find("dialog button"), find("input")];
    field.focus();
    expect([key("Tab"), document.activeElement]).toEqual([false, close]);
    expect([key("Tab"), document.activeElement], "the browser goes on to the field").toEqual([true, close]);
    expect([key("Tab", { shiftKey: true }), document.activeElement]).toEqual([false, field]);
    expect([key("Tab", { shiftKey: true }), document.activeElement]).toEqual([true, field]);
  });

  test("goes on from an empty place that was clicked: the dialog itself has the focus then", () => {
    opens();
    dialog.tabIndex = -1;
    dialog.focus();
    expect([key("Tab", { shiftKey: true }), document.activeElement]).toEqual([false, find("input")]);
  });

  test("takes back a focus that comes to the page from elsewhere", () => {
    opens();
    find("input").focus();
    find("textarea").focus();
    expect(document.activeElement).toBe(find("input"));
    find("dialog button").focus();
    find("a").focus();
    expect(document.activeElement).toBe(find("dialog button"));
  });

  test("closes by Escape wherever that is pressed, but not by the Escape of an input method", () => {
    opens();
    key("Escape", { isComposing: true });
    expect(close).not.toHaveBeenCalled();
    expect([key("Escape"), close.mock.calls.length], "and no more comes of it").toEqual([false, 1]);
  });

  test("leaves keys to a dialog that came later and lies above", () => {
    opens();
    const above = document.body.appendChild(document.createElement("dialog"));
    above.showModal();
    vi.spyOn(document, "querySelector").mockImplementation((s) => (s === "dialog:modal" ? above : null));
    key("Escape");
    expect(close).not.toHaveBeenCalled();
  });

  test("hears nothing after it is gone", () => {
    opens()();
    key("Escape");
    find("textarea").focus();
    expect([close.mock.calls.length, document.activeElement]).toEqual([0, find("textarea")]);
  });

  test.each([
    ["another dialog", "<dialog open></dialog>"],
    ["a menu", '<div popover="manual"></div>'],
    ["a video in full screen", ""],
  ])("is opened by showModal over %s, which would lie above it", (_, html) => {
    document.body.insertAdjacentHTML("beforeend", html);
    if (!html) Object.defineProperty(document, "fullscreenElement", { value: document.body, configurable: true });
    opens();
    expect([dialog.open, modal.mock.contexts, hidden()]).toEqual([true, [dialog], ["p"]]);
  });
});
