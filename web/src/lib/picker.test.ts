// @vitest-environment happy-dom
// The keys of the picker, its first row, and which emoji a device draws.
import { afterEach, describe, expect, test, vi } from "vitest";
import { describe as described, draws, firstRow, groups, hands, load } from "./emoji";
import { walk } from "./grid";

afterEach(() => document.body.replaceChildren());

describe("keys in the grid", () => {
  /** A field, a block of four cells and one of two, in three columns. */
  function picker() {
    document.body.innerHTML = `<div id="box"><input />
      <div class="cells">${["a", "b", "c", "d"].map((i) => `<button id="${i}"></button>`).join("")}</div>
      <div class="cells">${["e", "f"].map((i) => `<button id="${i}"></button>`).join("")}</div></div>`;
    return document.getElementById("box")!;
  }
  const at = (id: string) => (id === "input" ? document.querySelector("input")! : document.getElementById(id)!);
  function press(from: string, key: string): [string, boolean] {
    const box = picker();
    let did = false;
    box.addEventListener("keydown", (e) => (did = walk(e, box, 3)));
    at(from).focus();
    at(from).dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
    return [document.activeElement?.id || "input", did];
  }

  test.each([
    ["input", "ArrowDown", "a"],
    ["a", "ArrowRight", "b"],
    ["a", "ArrowDown", "d"],
    ["d", "ArrowRight", "e"],
    ["d", "ArrowDown", "e"],
    ["e", "ArrowUp", "d"],
    ["a", "ArrowUp", "input"],
    ["a", "ArrowLeft", "input"],
    ["b", "End", "c"],
  ])("from %s, %s leads to %s", (from, key, to) => expect(press(from, key)).toEqual([to, true]));

  test("other keys are left alone", () => {
    expect(press("a", "x")).toEqual(["a", false]);
    expect(press("input", "x")).toEqual(["input", false]);
    expect(press("input", "ArrowRight"), "it moves the caret").toEqual(["input", false]);
  });

  test("Enter in the field chooses the first cell", () => {
    const box = picker(),
      chosen = vi.fn();
    at("a").addEventListener("click", chosen);
    box.addEventListener("keydown", (e) => walk(e, box, 3));
    at("input").dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
    expect(chosen).toHaveBeenCalledOnce();
  });
});

describe("the first row", () => {
  test("holds what one uses most, then what is usual, none twice", async () => {
    expect(firstRow(undefined, [], 9).map((c) => c.char)).toHaveLength(9);
    expect(firstRow(undefined, ["🍜", "🎉"], 4).map((c) => c.char)).toEqual(["🍜", "🎉", "👍", "❤️"]);
    expect(firstRow(undefined, ["🍜"], 1), "before the data is there an emoji is its own name").toEqual([
      { char: "🍜", name: "🍜" },
    ]);
    expect(firstRow(await load(), ["🍜"], 1)).toEqual([{ char: "🍜", name: "steaming bowl" }]);
  });

  test("what one points at is described with its shortcode", async () => {
    expect(described(await load(), "🎉", "party popper")).toEqual({ char: "🎉", name: "party popper", code: "tada" });
    expect(described(undefined, "🎉", "🎉").code).toBe("");
  });

  test("each group has a sign of its own, and each skin tone a hand", () => {
    expect(new Set(groups.map((g) => g.icon)).size).toBe(groups.length);
    expect(new Set(hands).size).toBe(6);
  });
});

test("a device draws an emoji when it is one sign and not an empty place", () => {
  let width = 10,
    ink = 255;
  const pen = {
    measureText: (s: string) => ({ width: s === "😀" ? 10 : width }),
    clearRect() {},
    fillText() {},
    getImageData: () => ({ data: new Uint8ClampedArray([0, 0, 0, ink]) }),
  };
  vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockReturnValue(pen as never);
  expect(draws("🙂")).toBe(true);
  width = 20; // two letters of a flag, side by side
  expect(draws("🇨🇭")).toBe(false);
  width = 10;
  ink = 0;
  expect(draws("🫩")).toBe(false);
  ink = 255;
  expect(draws("🫩"), "tested once").toBe(false);
  vi.restoreAllMocks();
});
