// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { openInTwoFrames } from "./modal";

let dialog: HTMLDialogElement, modal: ReturnType<typeof vi.spyOn>;
beforeEach(() => {
  vi.useFakeTimers();
  document.body.innerHTML = "<dialog><input /></dialog>";
  dialog = document.querySelector("dialog")!;
  modal = vi.spyOn(dialog, "showModal");
});
afterEach(() => {
  vi.useRealTimers();
});

const frames = () => vi.advanceTimersByTimeAsync(100);

describe("a dialog that opens in two frames", () => {
  test("is drawn before it makes the page inert", async () => {
    openInTwoFrames(dialog);
    expect([dialog.open, modal.mock.calls.length]).toEqual([true, 0]);
    await frames();
    expect([dialog.open, modal.mock.calls.length]).toEqual([true, 1]);
  });

  test.each(["keydown", "pointerdown"])("is modal before the page hears %s, and only once", async (type) => {
    openInTwoFrames(dialog);
    const seen: number[] = [];
    dialog.addEventListener(type, () => seen.push(modal.mock.calls.length));
    dialog.firstElementChild!.dispatchEvent(new Event(type, { bubbles: true }));
    dialog.firstElementChild!.dispatchEvent(new Event(type, { bubbles: true }));
    await frames();
    expect([seen, modal.mock.calls.length]).toEqual([[1, 1], 1]);
  });

  test("keeps the focus and says nothing of being closed as it becomes modal", async () => {
    const said = vi.fn(),
      field = dialog.querySelector("input")!;
    dialog.addEventListener("close", said);
    openInTwoFrames(dialog);
    field.focus();
    field.addEventListener("blur", said);
    await frames();
    expect([document.activeElement, said.mock.calls.length]).toEqual([field, 0]);
  });

  test("is modal at once over another dialog, below which it would hear no keys", () => {
    document.body.append(Object.assign(document.createElement("dialog"), { open: true }));
    openInTwoFrames(dialog);
    expect([dialog.open, modal.mock.calls.length]).toEqual([true, 1]);
  });

  test("stays closed when it was closed in the first frame, or is gone", async () => {
    openInTwoFrames(dialog);
    dialog.close();
    await frames();
    openInTwoFrames(dialog)();
    await frames();
    dispatchEvent(new Event("keydown"));
    expect(modal).not.toHaveBeenCalled();
  });
});
